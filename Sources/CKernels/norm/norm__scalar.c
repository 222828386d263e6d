// SPDX-License-Identifier: Apache-2.0
// Normalisation, the reference.
#include "../kernels_float.h"
#include "../one_lane.h"
#include "../small.h"

HT_SMALL_BEGIN

void ht_rms_norm__scalar(const float *x, const float *w, float epsilon, size_t n, float *y) {
  float lane[16] = {0};
  for (size_t i = 0; i < n; i++) lane[i % 16] = num_fma(x[i], x[i], lane[i % 16]);
  float mean = one_lane_tree(lane) / (float)n;
  float r = 1.0f / num_sqrt(mean + epsilon);
  for (size_t i = 0; i < n; i++) y[i] = (x[i] * r) * w[i];
}

void ht_layer_norm__scalar(const float *x, const float *w, const float *b, float epsilon, size_t n, float *y) {
  float lane[16] = {0};
  for (size_t i = 0; i < n; i++) lane[i % 16] = lane[i % 16] + x[i];
  float mean = one_lane_tree(lane) / (float)n;
  memset(lane, 0, sizeof lane);
  for (size_t i = 0; i < n; i++) lane[i % 16] = num_fma(x[i] - mean, x[i] - mean, lane[i % 16]);
  float r = 1.0f / num_sqrt(one_lane_tree(lane) / (float)n + epsilon);
  for (size_t i = 0; i < n; i++) y[i] = num_fma((x[i] - mean) * r, w[i], b[i]);
}

HT_SMALL_END
