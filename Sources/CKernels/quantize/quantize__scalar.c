// SPDX-License-Identifier: Apache-2.0
// Activations to 8 bits, one number at a time. Spec: specs/numerics.md §3.
#include "../kernels.h"
#include "../matmul/panel.h"
#include "../small.h"

#pragma STDC FP_CONTRACT OFF

HT_SMALL_BEGIN

/// The nearest integer of a number within ±2^22, ties to even: the sum's last bit is worth one.
static int32_t nearest(float x) {
  float shifted = x + 0x1.8p23f;
  int32_t bits;
  memcpy(&bits, &shifted, sizeof bits);
  return bits - 0x4b400000;
}

void ht_quantize__scalar(const float *x, size_t k, uint8_t *row, size_t begin, size_t end) {
  ht_q8_parts parts = ht_q8_parts_of(k);
  for (size_t group = begin; group < end; group++) {
    const float *in = x + 32 * group;
    int8_t *out = (int8_t *)row + 32 * group;
    size_t columns = k - 32 * group < 32 ? k - 32 * group : 32;
    uint32_t largest_bits = 0;
    for (size_t i = 0; i < columns; i++) {  // integers: a compiler may take a signalling NaN for the larger float
      uint32_t bits;
      memcpy(&bits, in + i, 4);
      bits &= 0x7fffffff;
      if (bits > largest_bits && bits <= 0x7f800000) largest_bits = bits;
    }
    float largest;
    memcpy(&largest, &largest_bits, 4);
    float scale = largest / 127, inverse = largest > 0 ? 127 / largest : 0;
    int32_t sum = 0;
    for (size_t i = 0; i < 32; i++) {
      float value = i < columns ? in[i] * inverse : 0;
      value = value > -127 ? value : -127;
      value = value < 127 ? value : 127;
      int32_t quant = nearest(value);
      out[i] = (int8_t)quant;
      sum += quant;
    }
    float scaled = scale * (float)sum;
    memcpy(row + parts.scales + 4 * group, &scale, 4);
    memcpy(row + parts.sums + 4 * group, &sum, 4);
    memcpy(row + parts.scaled_sums + 4 * group, &scaled, 4);
  }
  if (end == parts.groups) memset(row + 44 * end, 0, ht_q8_row_byte_count(k) - 44 * end);
}

HT_SMALL_END
