// SPDX-License-Identifier: Apache-2.0
// Element by element, over sixteen lanes. Formulas: specs/numerics.md §5.
#pragma once

/// y[i] = EXPRESSION of a = first[i] and b = second[i].
#define POINTWISE(first, second, expression)                                               \
  size_t i = 0, rest = n % 16;                                                             \
  for (; i < n - rest; i += 16) {                                                          \
    num a = lanes_load((first) + i), b = lanes_load((second) + i);                         \
    lanes_store(y + i, expression);                                                        \
  }                                                                                        \
  if (rest) {                                                                              \
    num a = lanes_load_up_to((first) + i, rest), b = lanes_load_up_to((second) + i, rest); \
    lanes_store_up_to(y + i, expression, rest);                                            \
  }

void KERNEL(silu_mul)(const float *gate, const float *up, size_t n, float *y) {
  POINTWISE(gate, up, num_silu(a) * b)
}

void KERNEL(add)(const float *first, const float *second, size_t n, float *y) {
  POINTWISE(first, second, a + b)
}

void KERNEL(gelu_tanh_mul)(const float *gate, const float *up, size_t n, float *y) {
  POINTWISE(gate, up, num_gelu_tanh(a) * b)
}

void KERNEL(softcap)(const float *x, float cap, size_t n, float *y) {
  POINTWISE(x, x, (((void)b, (num)cap * num_tanh(a / (num)cap))))
}

void KERNEL(affine)(const float *x, const float *w, const float *shift, size_t n, float *y) {
  size_t i = 0, rest = n % 16;
  for (; i < n - rest; i += 16)
    lanes_store(y + i, num_fma(lanes_load(x + i), lanes_load(w + i), lanes_load(shift + i)));
  if (rest) {
    num a = lanes_load_up_to(x + i, rest), b = lanes_load_up_to(w + i, rest), c = lanes_load_up_to(shift + i, rest);
    lanes_store_up_to(y + i, num_fma(a, b, c), rest);
  }
}

/// Defines the kernel y[i] = FUNCTION(x[i]).
#define FUNCTION_OF_ONE(name, function)                   \
  void KERNEL(name)(const float *x, size_t n, float *y) { \
    POINTWISE(x, x, (((void)b, function(a))))             \
  }

FUNCTION_OF_ONE(gelu_erf, num_gelu_erf)
FUNCTION_OF_ONE(gelu_tanh, num_gelu_tanh)
FUNCTION_OF_ONE(relu, num_positive)
FUNCTION_OF_ONE(tanh, num_tanh)
FUNCTION_OF_ONE(silu, num_silu)

float KERNEL(exp_sum)(const float *x, float shift, size_t n, float *y) {
  num sum = 0.0f;
  for (size_t i = 0; i < n; i += 16) {
    size_t count = n - i < 16 ? n - i : 16;
    num v = -__builtin_inff();  // lanes beyond n add nothing
    memcpy(&v, x + i, count * sizeof(float));
    v = num_exp(v - (num)shift);
    sum = sum + v;
    lanes_store_up_to(y + i, v, count);
  }
  return lanes_sum(sum);
}
