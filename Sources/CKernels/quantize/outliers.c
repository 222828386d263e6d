// SPDX-License-Identifier: Apache-2.0
// What stands before and behind the quantizing of a row with outliers. Spec: specs/ops.md, quantize_outliers.
#include "../matmul/panel.h"
#include "../small.h"

#pragma STDC FP_CONTRACT OFF

HT_SMALL_BEGIN

void ht_move_outliers(const float *x, size_t k, const float *places, float *row) {
  memcpy(row, x, k * sizeof *row);
  float *last = row + (k - 32);
  for (size_t i = 0; i < 32; i++) {
    const float place = places[i];
    float *other = row + (place >= 0 && place < (float)k ? (size_t)(int32_t)place : 0), moved = last[i];
    last[i] = *other;
    *other = moved;
  }
}

void ht_rest_of_outliers(const uint8_t *quantized, size_t k, float *row) {
  const ht_q8_parts parts = ht_q8_parts_of(k + 32);
  const float scale = ht_load_float(quantized + parts.scales + k / 8 - 4);
  for (size_t i = k; i < k + 32; i++) row[i] = row[i - 32] - scale * (float)(int8_t)quantized[i - 32];
}

HT_SMALL_END
