// SPDX-License-Identifier: Apache-2.0
// Writing one position of the KV cache, the reference. Layout: specs/weights.md §3; rounding: specs/numerics.md §6.
#include "../kernels_float.h"
#include "../one_lane.h"
#include "../lanes_math.h"
#include "../small.h"

HT_SMALL_BEGIN

void ht_kv_append_f16__scalar(const float *key, const float *value, size_t head_dim, size_t position,
                              uint8_t *k, uint8_t *v) {
  uint8_t *panel = k + position / 16 * ht_k_panel_byte_count(HT_KV_F16, head_dim);
  uint8_t *row = v + position * ht_v_row_byte_count(HT_KV_F16, head_dim);
  memset(row, 0, ht_v_row_byte_count(HT_KV_F16, head_dim));
  for (size_t d = 0; d < head_dim; d++) {
    uint16_t key_half = f16_of_f32(key[d]), value_half = f16_of_f32(value[d]);
    memcpy(panel + 32 * d + 2 * (position % 16), &key_half, 2);
    memcpy(row + 2 * d, &value_half, 2);
  }
}

/// Nothing is rounded: every instruction set takes this one.
void ht_kv_append_f32__scalar(const float *key, const float *value, size_t head_dim, size_t position,
                              uint8_t *k, uint8_t *v) {
  uint8_t *panel = k + position / 16 * ht_k_panel_byte_count(HT_KV_F32, head_dim);
  size_t row_byte_count = ht_v_row_byte_count(HT_KV_F32, head_dim);
  uint8_t *row = v + position * row_byte_count;
  memcpy(row, value, 4 * head_dim);
  memset(row + 4 * head_dim, 0, row_byte_count - 4 * head_dim);
  for (size_t d = 0; d < head_dim; d++) memcpy(panel + 64 * d + 4 * (position % 16), key + d, 4);
}

/// Up to 32 numbers as bytes, `stride` apart; returns their scale.
static uint16_t quantize_group(const float *x, size_t count, uint8_t *q, size_t stride) {
  uint32_t largest = 0;
  for (size_t i = 0; i < count; i++) largest = num_magnitude(x[i]) > largest ? num_magnitude(x[i]) : largest;
  uint16_t half = f16_of_f32(num_of_bits(largest) / 127.0f);
  float scale = ht_f16(half), inverse = scale > 0 ? 1.0f / scale : 0;
  for (size_t i = 0; i < count; i++) {
    float scaled = x[i] * inverse;
    scaled = scaled > -127.0f ? scaled : -127.0f;
    scaled = scaled < 127.0f ? scaled : 127.0f;
    q[i * stride] = (uint8_t)num_as_bits(scaled + 0x1.8p+23f);  // the sum's low bits are the rounded number
  }
  return half;
}

void ht_kv_append_q8__scalar(const float *key, const float *value, size_t head_dim, size_t position,
                              uint8_t *k, uint8_t *v) {
  uint8_t *panel = k + position / 16 * ht_k_panel_byte_count(HT_KV_Q8, head_dim);
  uint8_t *row = v + position * ht_v_row_byte_count(HT_KV_Q8, head_dim);
  size_t padded = (head_dim + 15) / 16 * 16, lane = position % 16;
  memset(row, 0, ht_v_row_byte_count(HT_KV_Q8, head_dim));
  for (size_t d = 0; d < head_dim; d += 32) {
    size_t count = head_dim - d < 32 ? head_dim - d : 32;
    uint16_t key_scale = quantize_group(key + d, count, panel + 16 * d + lane, 16);
    uint16_t value_scale = quantize_group(value + d, count, row + d, 1);
    memcpy(panel + 16 * head_dim + d + 2 * lane, &key_scale, 2);
    memcpy(row + padded + d / 16, &value_scale, 2);
  }
}

HT_SMALL_END
