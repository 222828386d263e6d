// SPDX-License-Identifier: Apache-2.0
// Normalisation over sixteen lanes. Order of operations: specs/numerics.md §2 and §5.
#pragma once

// Lanes beyond n hold 0, which changes no sum.

void KERNEL(rms_norm)(const float *x, const float *w, float epsilon, size_t n, float *y) {
  num lane = 0.0f;
  for (size_t i = 0; i < n; i += 16) {
    num v = lanes_load_up_to(x + i, lanes_left(n - i));
    lane = num_fma(v, v, lane);
  }
  float mean = lanes_sum(lane) / (float)n;
  num r = (num)(1.0f / one_sqrt(mean + epsilon));
  for (size_t i = 0; i < n; i += 16) {
    size_t count = lanes_left(n - i);
    lanes_store_up_to(y + i, (lanes_load_up_to(x + i, count) * r) * lanes_load_up_to(w + i, count), count);
  }
}

void KERNEL(layer_norm)(const float *x, const float *w, const float *b, float epsilon, size_t n, float *y) {
  num lane = 0.0f;
  for (size_t i = 0; i < n; i += 16) lane = lane + lanes_load_up_to(x + i, lanes_left(n - i));
  num mean = (num)(lanes_sum(lane) / (float)n);
  lane = (num)(0.0f);
  for (size_t i = 0; i < n; i += 16) {
    size_t count = lanes_left(n - i);
    num v = lanes_load_up_to(x + i, count) - mean;
    if (count < 16) {
      float kept[16] __attribute__((aligned(64)));
      lanes_store(kept, v);
      v = lanes_load_up_to(kept, count);  // 0, not −mean
    }
    lane = num_fma(v, v, lane);
  }
  num r = (num)(1.0f / one_sqrt(lanes_sum(lane) / (float)n + epsilon));
  for (size_t i = 0; i < n; i += 16) {
    size_t count = lanes_left(n - i);
    num v = lanes_load_up_to(x + i, count), u = lanes_load_up_to(w + i, count), c = lanes_load_up_to(b + i, count);
    lanes_store_up_to(y + i, num_fma((v - mean) * r, u, c), count);
  }
}
