// SPDX-License-Identifier: Apache-2.0
// One row of a weight tensor as floats (embedding rows; tests), and the size of a tensor. Spec: specs/weights.md §2.
#include "matmul/panel.h"
#include "small.h"

#pragma STDC FP_CONTRACT OFF

HT_SMALL_BEGIN

/// One row of a format of whole floats: `bytes` each.
static void dequantize_float(ht_format format, const uint8_t *panel, size_t lane, size_t k, float *out) {
  for (size_t i = 0; i < k; i++) {
    if (format == HT_F32) {
      memcpy(out + i, panel + 4 * (16 * i + lane), 4);
    } else {
      uint16_t half = ht_load16(panel + 2 * (16 * i + lane));
      out[i] = format == HT_F16 ? ht_f16(half) : ht_bf16(half);
    }
  }
}

/// One row of a unit: the groups from the unit's first, `k` columns.
HT_INLINE void dequantize_unit(ht_format format, const uint8_t *unit, size_t lane, size_t k, float *out) {
  const uint8_t *body = unit + 64 * ht_unit_head_lines(format);
  int kind = ht_kind(format), zero = ht_zero_point(format);
  float d0 = ht_f16(ht_load16(unit + 2 * lane)), m0 = ht_f16(ht_load16(unit + 32 + 2 * lane));
  for (size_t i = 0; i < k; i++) {
    size_t group = i / 32;
    const uint8_t *lines = body + 64 * ht_group_lines(format) * group;
    float d = d0, m = 0, q = (float)(ht_element(format, lines, i % 32, lane) - zero);
    switch (kind) {
      case HT_KIND_D:
        if (format == HT_MXFP4) {
          d = ht_e8m0_half(unit[16 * group + lane]);
        } else if (format == HT_IQ4_XS) {
          d = d0 * (float)ht_six(format, unit, group, lane);
        } else {
          d = group ? m0 : d0;
        }
        break;
      case HT_KIND_DM: m = m0; break;
      case HT_KIND_K:
        d = d0 * (float)unit[64 + 16 * group + lane];
        m = -(m0 * (float)unit[64 * 3 + 16 * group + lane]);
        break;
      case HT_KIND_PAIRS: {
        const size_t index = 2 * lane + i % 32 / 16, packed = unit[64 + 32 * group + index];
        d = d0 * (float)(format == HT_Q3_K ? ht_six(format, unit, group, index) : (int)(packed & 15));
        m = -(m0 * (float)(packed >> 4));
        break;
      }
      default: d = d0 * (float)(int8_t)unit[64 + 16 * (i / 16) + lane];
    }
    out[i] = kind == HT_KIND_DM || kind == HT_KIND_K || format == HT_Q2_K ? d * q + m : d * q;
  }
}

#if defined(HT_BOARD)  // one row a token: a copy for each format would not be felt
#define HT_CASE(known) case known:
#define HT_LAST_CASE(known) case known: dequantize_unit(format, at, lane, columns, out); break;
#else
#define HT_CASE(known) case known: dequantize_unit(known, at, lane, columns, out); break;
#define HT_LAST_CASE HT_CASE
#endif

void ht_dequantize_row(ht_format format, const uint8_t *w, size_t row, size_t k, float *out) {
  size_t groups = (k + 31) / 32, lane = row % 16;
  const uint8_t *at = w + row / 16 * ht_panel_byte_count(format, groups);
  if (format <= HT_BF16) {
    dequantize_float(format, at, lane, k, out);
    return;
  }
  size_t unit_columns = 32 * ht_unit_groups(format);
  size_t unit_bytes = 64 * (ht_unit_head_lines(format) + ht_unit_groups(format) * ht_group_lines(format));
  for (size_t i = 0; i < k; i += unit_columns, at += unit_bytes, out += unit_columns) {
    size_t columns = k - i < unit_columns ? k - i : unit_columns;
    switch (format) {
      HT_CASE(HT_Q8_0) HT_CASE(HT_Q4_0) HT_CASE(HT_Q4_1) HT_CASE(HT_Q5_0) HT_CASE(HT_Q5_1) HT_CASE(HT_Q6_0)
      HT_CASE(HT_Q4_K) HT_CASE(HT_Q5_K) HT_CASE(HT_Q2_K) HT_CASE(HT_Q3_K)
      HT_CASE(HT_IQ4_NL) HT_CASE(HT_IQ4_XS) HT_CASE(HT_MXFP4) HT_LAST_CASE(HT_Q6_K)
      default: return;
    }
  }
}

size_t ht_tensor_byte_count(ht_format format, size_t rows, size_t k) {
  return (rows + 15) / 16 * ht_panel_byte_count(format, (k + 31) / 32);
}

HT_SMALL_END
