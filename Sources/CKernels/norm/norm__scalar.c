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

HT_SMALL_END
