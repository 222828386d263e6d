// SPDX-License-Identifier: Apache-2.0
// Element by element, over sixteen lanes. Formulas: specs/numerics.md §5.
#pragma once

/// Code that its callers share: it is not copied into them.
#define POINTWISE_ONCE __attribute__((noinline))

/// y[i] = EXPRESSION of a = first[i] and b = second[i], or 1 where `second` is null: what is multiplied by 1 keeps its
/// bits, so a function needs no second kernel for its plain form.
#define POINTWISE(first, second, expression)                                                              \
  for (size_t i = 0; i < n; i += 16) {                                                                    \
    size_t count = lanes_left(n - i);                                                                     \
    num a = lanes_load_up_to((first) + i, count);                                                         \
    num b = (second) ? lanes_load_up_to((second) + i, count) : (num)(1.0f);                               \
    lanes_store_up_to(y + i, expression, count);                                                          \
  }

static POINTWISE_ONCE void silu(const float *gate, const float *up, size_t n, float *y) {
  POINTWISE(gate, up, num_silu(a) * b)
}
void KERNEL(silu_mul)(const float *gate, const float *up, size_t n, float *y) { silu(gate, up, n, y); }
void KERNEL(silu)(const float *x, size_t n, float *y) { silu(x, NULL, n, y); }

static POINTWISE_ONCE void gelu_tanh(const float *gate, const float *up, size_t n, float *y) {
  POINTWISE(gate, up, num_gelu_tanh(a) * b)
}
void KERNEL(gelu_tanh_mul)(const float *gate, const float *up, size_t n, float *y) { gelu_tanh(gate, up, n, y); }
void KERNEL(gelu_tanh)(const float *x, size_t n, float *y) { gelu_tanh(x, NULL, n, y); }

void KERNEL(add)(const float *first, const float *second, size_t n, float *y) {
  POINTWISE(first, second, a + b)
}

void KERNEL(affine)(const float *x, const float *w, const float *shift, size_t n, float *y) {
  POINTWISE(x, w, num_fma(a, b, lanes_load_up_to(shift + i, count)))
}

/// y[i] = FUNCTION of x[i], written `a`.
#define FUNCTION_OF_ONE(function)                                 \
  for (size_t i = 0; i < n; i += 16) {                            \
    size_t count = lanes_left(n - i);                             \
    num a = lanes_load_up_to(x + i, count);                       \
    lanes_store_up_to(y + i, function, count);                    \
  }

void KERNEL(gelu_erf)(const float *x, size_t n, float *y) { FUNCTION_OF_ONE(num_gelu_erf(a)) }
void KERNEL(relu)(const float *x, size_t n, float *y) { FUNCTION_OF_ONE(num_positive(a)) }
POINTWISE_ONCE void KERNEL(softcap)(const float *x, float cap, size_t n, float *y) {
  FUNCTION_OF_ONE((num)cap * num_tanh(a / (num)cap))
}
void KERNEL(tanh)(const float *x, size_t n, float *y) { KERNEL(softcap)(x, 1.0f, n, y); }

float KERNEL(exp_sum)(const float *x, float shift, size_t n, float *y) {
  num sum = 0.0f;
  for (size_t i = 0; i < n; i += 16) {
    size_t count = lanes_left(n - i);
    num v = -__builtin_inff();  // lanes beyond n add nothing
    memcpy(&v, x + i, count * sizeof(float));
    v = num_exp(v - (num)shift);
    sum = sum + v;
    lanes_store_up_to(y + i, v, count);
  }
  return lanes_sum(sum);
}
