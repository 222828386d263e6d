// SPDX-License-Identifier: Apache-2.0
// Normalisation over sixteen lanes. Order of operations: specs/numerics.md §2 and §5.
#pragma once

void KERNEL(rms_norm)(const float *x, const float *w, float epsilon, size_t n, float *y) {
  num lane = 0.0f;
  size_t i = 0, rest = n % 16;
  for (; i < n - rest; i += 16) {
    num v = lanes_load(x + i);
    lane = num_fma(v, v, lane);
  }
  if (rest) {  // lanes beyond n stay as they are: fma(0, 0, lane) = lane
    num v = lanes_load_up_to(x + i, rest);
    lane = num_fma(v, v, lane);
  }
  float mean = lanes_sum(lane) / (float)n;
  num r = (num)(1.0f / one_sqrt(mean + epsilon));
  for (i = 0; i < n - rest; i += 16) lanes_store(y + i, (lanes_load(x + i) * r) * lanes_load(w + i));
  if (rest) {
    num v = lanes_load_up_to(x + i, rest), u = lanes_load_up_to(w + i, rest);
    lanes_store_up_to(y + i, (v * r) * u, rest);
  }
}

void KERNEL(layer_norm)(const float *x, const float *w, const float *b, float epsilon, size_t n, float *y) {
  num lane = 0.0f;
  size_t i = 0, rest = n % 16;
  for (; i < n - rest; i += 16) lane = lane + lanes_load(x + i);
  if (rest) lane = lane + lanes_load_up_to(x + i, rest);  // lanes beyond n stay as they are: lane + 0
  num mean = (num)(lanes_sum(lane) / (float)n);
  lane = (num)(0.0f);
  for (i = 0; i < n - rest; i += 16) {
    num v = lanes_load(x + i) - mean;
    lane = num_fma(v, v, lane);
  }
  if (rest) {
    num v = lanes_load_up_to(x + i, rest) - mean;
    float kept[16] __attribute__((aligned(64)));
    lanes_store(kept, v);
    v = lanes_load_up_to(kept, rest);  // lanes beyond n: 0, not −mean
    lane = num_fma(v, v, lane);
  }
  num r = (num)(1.0f / one_sqrt(lanes_sum(lane) / (float)n + epsilon));
  for (i = 0; i < n - rest; i += 16)
    lanes_store(y + i, num_fma((lanes_load(x + i) - mean) * r, lanes_load(w + i), lanes_load(b + i)));
  if (rest) {
    num v = lanes_load_up_to(x + i, rest), u = lanes_load_up_to(w + i, rest), c = lanes_load_up_to(b + i, rest);
    lanes_store_up_to(y + i, num_fma((v - mean) * r, u, c), rest);
  }
}
