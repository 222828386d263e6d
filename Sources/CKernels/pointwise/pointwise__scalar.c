// SPDX-License-Identifier: Apache-2.0
// Element by element, the reference; and the functions of one number.
#include "../kernels_float.h"
#include "../one_lane.h"
#include "../lanes_math.h"
#include "../small.h"

HT_SMALL_BEGIN

float ht_exp(float x) { return num_exp(x); }
float ht_tanh(float x) { return num_tanh(x); }

void ht_silu_mul__scalar(const float *gate, const float *up, size_t n, float *y) {
  for (size_t i = 0; i < n; i++) y[i] = num_silu(gate[i]) * up[i];
}

void ht_add__scalar(const float *a, const float *b, size_t n, float *y) {
  for (size_t i = 0; i < n; i++) y[i] = a[i] + b[i];
}

void ht_gelu_tanh_mul__scalar(const float *gate, const float *up, size_t n, float *y) {
  for (size_t i = 0; i < n; i++) y[i] = num_gelu_tanh(gate[i]) * up[i];
}

void ht_softcap__scalar(const float *x, float cap, size_t n, float *y) {
  for (size_t i = 0; i < n; i++) y[i] = cap * num_tanh(x[i] / cap);
}

void ht_affine__scalar(const float *x, const float *w, const float *b, size_t n, float *y) {
  for (size_t i = 0; i < n; i++) y[i] = num_fma(x[i], w[i], b[i]);
}

/// Defines the kernel y[i] = FUNCTION(x[i]).
#define FUNCTION_OF_ONE(name, function)                               \
  void ht_##name##__scalar(const float *x, size_t n, float *y) {      \
    for (size_t i = 0; i < n; i++) y[i] = function(x[i]);             \
  }

FUNCTION_OF_ONE(gelu_erf, num_gelu_erf)
FUNCTION_OF_ONE(gelu_tanh, num_gelu_tanh)
FUNCTION_OF_ONE(relu, num_positive)
FUNCTION_OF_ONE(tanh, num_tanh)
FUNCTION_OF_ONE(silu, num_silu)

float ht_exp_sum__scalar(const float *x, float shift, size_t n, float *y) {
  float lane[16] = {0};
  for (size_t i = 0; i < n; i++) {
    y[i] = num_exp(x[i] - shift);
    lane[i % 16] = lane[i % 16] + y[i];
  }
  return one_lane_tree(lane);
}

HT_SMALL_END
