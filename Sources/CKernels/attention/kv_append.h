// SPDX-License-Identifier: Apache-2.0
// Writing one position of the KV cache over sixteen lanes. Layout: specs/weights.md §3; rounding: specs/numerics.md §6.
#pragma once

LANES_DRIVER void KERNEL(kv_append_f16)(const float *key, const float *value, size_t head_dim, size_t position,
                                         uint8_t *k, uint8_t *v) {
  uint8_t *panel = k + position / 16 * ht_k_panel_byte_count(HT_KV_F16, head_dim) + 2 * (position % 16);
  uint8_t *row = v + position * ht_v_row_byte_count(HT_KV_F16, head_dim);
  for (size_t d = 0; d < head_dim; d += 16) {
    uint8_t halves[32];
    size_t count = head_dim - d < 16 ? head_dim - d : 16;
    lanes_store_f16(row + 2 * d, lanes_load_up_to(value + d, count));
    lanes_store_f16(halves, lanes_load_up_to(key + d, count));
    for (size_t i = 0; i < count; i++) memcpy(panel + 32 * (d + i), halves + 2 * i, 2);
  }
}

/// A group of `count` numbers, at most 32, as bytes, zero beyond them; returns its scale.
static LANES_DRIVER _Float16 kv_quantize(const float *x, size_t count, i8x16_anywhere q[2]) {
  size_t half_count = count < 16 ? count : 16;
  num v[2] = {lanes_load_up_to(x, half_count), lanes_load_up_to(x + half_count, count - half_count)};
  num_bits largest = __builtin_elementwise_max(num_magnitude(v[0]), num_magnitude(v[1]));
  _Float16 half = (_Float16)(__builtin_bit_cast(float, __builtin_reduce_max(largest)) / 127.0f);
  float scale = (float)half, inverse = scale > 0 ? 1.0f / scale : 0;
  for (int i = 0; i < 2; i++) {
    num scaled = v[i] * (num)inverse;
    scaled = scaled > (num)(-127.0f) ? scaled : (num)(-127.0f);
    scaled = scaled < (num)(127.0f) ? scaled : (num)(127.0f);
    q[i] = __builtin_convertvector(num_as_bits(scaled + (num)(0x1.8p+23f)), i8x16_anywhere);
  }
  return half;
}

LANES_DRIVER void KERNEL(kv_append_q8)(const float *key, const float *value, size_t head_dim, size_t position,
                                         uint8_t *k, uint8_t *v) {
  uint8_t *panel = k + position / 16 * ht_k_panel_byte_count(HT_KV_Q8, head_dim);
  size_t padded = (head_dim + 15) / 16 * 16, lane = position % 16;
  size_t row_byte_count = ht_v_row_byte_count(HT_KV_Q8, head_dim);
  uint8_t *row = v + position * row_byte_count;
  memset(row + padded, 0, row_byte_count - padded);
  for (size_t d = 0; d < head_dim; d += 32) {
    i8x16_anywhere q[2];
    size_t count = head_dim - d < 32 ? head_dim - d : 32;
    _Float16 scale = kv_quantize(value + d, count, q);
    memcpy(row + d, q, padded - d < 32 ? 16 : 32);
    memcpy(row + padded + d / 16, &scale, 2);
    scale = kv_quantize(key + d, count, q);
    for (size_t i = 0; i < count; i++) memcpy(panel + 16 * (d + i) + lane, (const uint8_t *)q + i, 1);
    memcpy(panel + 16 * head_dim + d + 2 * lane, &scale, 2);
  }
}
