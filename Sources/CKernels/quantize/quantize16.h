// SPDX-License-Identifier: Apache-2.0
// Activations to 15 bits in two planes, x = s·(128·hi + lo): plain loops over a group, which clang turns into the
// vectors of whatever target includes this. No order matters: maxima and sums are of integers. Spec: specs/numerics.md
// §3.
#pragma once
#include "../kernels.h"
#include "../matmul/panel.h"

#pragma STDC FP_CONTRACT OFF

static inline void quantize16_group(const float *x, size_t columns, uint8_t *high, uint8_t *low,
                                    const ht_q8_parts *parts, size_t group) {
  float in[32] = {0};
  memcpy(in, x + 32 * group, 4 * columns);
  int32_t largest_bits = 0;
  for (int i = 0; i < 32; i++) {  // integers: a compiler may take a signalling NaN for the larger float
    int32_t bits;
    memcpy(&bits, in + i, 4);
    bits &= 0x7fffffff;
    bits = bits <= 0x7f800000 ? bits : 0;
    largest_bits = bits > largest_bits ? bits : largest_bits;
  }
  float largest;
  memcpy(&largest, &largest_bits, 4);
  float scale = largest / 16256, inverse = largest > 0 ? 16256 / largest : 0;
  int32_t sum = 0;
  int8_t *high_out = (int8_t *)high + 32 * group, *low_out = (int8_t *)low + 32 * group;
  for (int i = 0; i < 32; i++) {
    float value = in[i] * inverse;
    value = value > -16256 ? value : -16256;
    value = value < 16256 ? value : 16256;
    float shifted = value + 0x1.8p23f;  // the sum's last bit is worth one: the nearest integer, ties to even
    int32_t quant;
    memcpy(&quant, &shifted, 4);
    quant -= 0x4b400000;
    int32_t top = (quant + 64) >> 7;
    high_out[i] = (int8_t)top;
    low_out[i] = (int8_t)(quant - 128 * top);
    sum += quant;
  }
  float scaled = scale * (float)sum;
  memcpy(low + parts->scales + 4 * group, &scale, 4);
  memcpy(low + parts->sums + 4 * group, &sum, 4);
  memcpy(low + parts->scaled_sums + 4 * group, &scaled, 4);
}

static inline void quantize16(const float *x, size_t k, uint8_t *row, size_t begin, size_t end) {
  const ht_q8_parts parts = ht_q8_parts_of(k);
  const size_t row_byte_count = ht_q8_row_byte_count(k);
  uint8_t *low = row + row_byte_count;
  for (size_t group = begin; group < end; group++) {
    quantize16_group(x, k - 32 * group < 32 ? k - 32 * group : 32, row, low, &parts, group);
  }
  if (end == parts.groups) memset(low + 44 * end, 0, row_byte_count - 44 * end);
}
