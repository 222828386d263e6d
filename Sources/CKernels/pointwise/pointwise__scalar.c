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

void ht_gelu_erf__scalar(const float *x, size_t n, float *y) {
  for (size_t i = 0; i < n; i++) y[i] = num_gelu_erf(x[i]);
}

float ht_exp_sum__scalar(const float *x, float shift, size_t n, float *y) {
  float lane[16] = {0};
  for (size_t i = 0; i < n; i++) {
    y[i] = num_exp(x[i] - shift);
    lane[i % 16] = lane[i % 16] + y[i];
  }
  return one_lane_tree(lane);
}

void ht_relu__scalar(const float *x, size_t n, float *y) {
  for (size_t i = 0; i < n; i++) y[i] = num_positive(x[i]);
}

HT_SMALL_END
