// SPDX-License-Identifier: Apache-2.0
// The integer matmul in plain C: the reference that every other kernel equals bit for bit. Spec: specs/numerics.md §4.
// A file of the family includes this and names its formats; `format` is constant in each copy.
#pragma once
#include "../kernels.h"
#include "../soft_fma.h"
#include "panel.h"

#pragma STDC FP_CONTRACT OFF

enum { HT_SCALAR_TOKENS = 8 };

/// The integer dots of one group of 16 rows with one token; q6_k: of its two halves, each times its scale.
HT_INLINE void ht_scalar_dots(ht_format format, const int8_t (*q)[64], const int8_t *x, const int32_t (*scale)[16],
                              int32_t *dots) {
  int32_t half[2][16] = {{0}};
  for (size_t quad = 0; quad < 8; quad++)
    for (size_t r = 0; r < 16; r++)
      for (size_t c = 0; c < 4; c++) half[quad / 4][r] += q[quad][4 * r + c] * x[4 * quad + c];
  for (size_t r = 0; r < 16; r++) {
    switch (ht_kind(format)) {
      case HT_KIND_K: dots[r] = (half[0][r] + half[1][r]) * scale[0][r]; break;
      case HT_KIND_K6: dots[r] = half[0][r] * scale[0][r] + half[1][r] * scale[1][r]; break;
      default: dots[r] = half[0][r] + half[1][r];
    }
  }
}

/// What a group's scales are for its 16 rows: the factor of the dot, the factor of the scaled sum, integer scales.
typedef struct {
  float d[16], m[16];
  int32_t s[2][16];
} ht_scalar_scales;

HT_INLINE void ht_scalar_load_scales(ht_format format, const uint8_t *unit, size_t group, ht_scalar_scales *to) {
  for (size_t r = 0; r < 16; r++) {
    float first = ht_f16(ht_load16(unit + 2 * r)), second = ht_f16(ht_load16(unit + 32 + 2 * r));
    to->d[r] = first;
    to->m[r] = second;
    switch (ht_kind(format)) {
      case HT_KIND_D: to->d[r] = group ? second : first; break;
      case HT_KIND_K:
        to->s[0][r] = unit[64 + 16 * group + r];
        to->m[r] = -(second * (float)unit[64 * 3 + 16 * group + r]);
        break;
      case HT_KIND_K6:
        to->s[0][r] = (int8_t)unit[64 + 32 * group + r];
        to->s[1][r] = (int8_t)unit[64 + 32 * group + 16 + r];
        break;
      default: break;
    }
  }
}

/// y = acc (+ bias) (+ residual) for the rows of a panel that exist.
HT_INLINE void ht_scalar_finish(const ht_matmul *job, size_t panel, size_t token, const float *acc) {
  size_t row = 16 * panel, count = job->rows - row < 16 ? job->rows - row : 16;
  for (size_t r = 0; r < count; r++) {
    float value = acc[r];
    if (job->bias) value += job->bias[row + r];
    if (job->residual) value += job->residual[token * job->residual_stride + row + r];
    job->y[token * job->y_stride + row + r] = value;
  }
}

/// One panel with up to HT_SCALAR_TOKENS tokens from `first`: each group's weights are unpacked once.
HT_INLINE void ht_scalar_tile(ht_format format, const ht_matmul *job, size_t panel, size_t first, size_t tokens) {
  ht_q8_parts parts = ht_q8_parts_of(job->k);
  float acc[HT_SCALAR_TOKENS][16] = {{0}};
  const uint8_t *unit = job->w + panel * ht_panel_byte_count(format, parts.groups);
  const size_t unit_groups = ht_unit_groups(format), group_bytes = 64 * ht_group_lines(format);
  const int kind = ht_kind(format), zero = ht_zero_point(format);
  for (size_t group = 0; group < parts.groups; group++) {
    size_t within = group % unit_groups;
    if (group && within == 0) unit += 64 * ht_unit_head_lines(format) + unit_groups * group_bytes;
    const uint8_t *body = unit + 64 * ht_unit_head_lines(format) + within * group_bytes;
    int8_t q[8][64];
    for (size_t i = 0; i < 512; i++) {
      q[i / 64][i % 64] = (int8_t)(ht_element(format, body, i / 64 * 4 + i % 4, i / 4 % 16) - zero);
    }
    ht_scalar_scales scales;
    ht_scalar_load_scales(format, unit, within, &scales);
    for (size_t t = 0; t < tokens; t++) {
      const uint8_t *row = job->x + (first + t) * job->x_stride;
      float scale, scaled_sum;
      memcpy(&scale, row + parts.scales + 4 * group, 4);
      memcpy(&scaled_sum, row + parts.scaled_sums + 4 * group, 4);
      int32_t dots[16];
      ht_scalar_dots(format, (const int8_t(*)[64])q, (const int8_t *)row + 32 * group,
                     (const int32_t(*)[16])scales.s, dots);
      for (size_t r = 0; r < 16; r++) {
        acc[t][r] = ht_fmaf((float)dots[r], scales.d[r] * scale, acc[t][r]);
        if (kind == HT_KIND_DM || kind == HT_KIND_K) acc[t][r] = ht_fmaf(scales.m[r], scaled_sum, acc[t][r]);
      }
    }
  }
  for (size_t t = 0; t < tokens; t++) ht_scalar_finish(job, panel, first + t, acc[t]);
}

/// Defines the kernel of one format.
#define HT_MATMUL_SCALAR(name, format)                                                            \
  void ht_matmul_##name##__scalar(const ht_matmul *job, size_t panel_begin, size_t panel_end) {    \
    for (size_t panel = panel_begin; panel < panel_end && 16 * panel < job->rows; panel++)         \
      for (size_t token = 0; token < job->tokens; token += HT_SCALAR_TOKENS)                       \
        ht_scalar_tile(format, job, panel, token,                                                  \
                       job->tokens - token < HT_SCALAR_TOKENS ? job->tokens - token : HT_SCALAR_TOKENS); \
  }
