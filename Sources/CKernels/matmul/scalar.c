// SPDX-License-Identifier: Apache-2.0
// The integer matmul in plain C: the reference that every other kernel equals bit for bit. Spec: specs/numerics.md §4.
#include "scalar.h"

#include "../soft_fma.h"
#include "panel.h"
#include "../small.h"

#pragma STDC FP_CONTRACT OFF

HT_SMALL_BEGIN

enum { TOKENS = 8 };  // of a tile: each group is unpacked once for all of them

/// The eight quads of a group, 64 bytes each, less the zero point.
static void unpack(ht_format format, const uint8_t *body, int8_t (*q)[64]) {
  const int bits = ht_bits(format), zero = ht_zero_point(format);
  if (bits == 8) {
    memcpy(q, body, 512);
    return;
  }
  const bool by_pairs = bits < 4;  // else by nibbles
  const int low_bits = by_pairs ? 2 : 4;
  const unsigned high_mask = (1u << (bits - low_bits)) - 1;
  for (size_t quad = 0; quad < 8; quad++) {
    const uint8_t *low = body + 64 * (quad / (by_pairs ? 4 : 2));
    const uint8_t *high = bits == 3 ? body + 64 * 2 : bits == 5 ? body + 64 * 4 : body + 64 * (4 + quad / 4);
    const unsigned low_shift = (unsigned)(by_pairs ? 2 * (quad % 4) : 4 * (quad % 2));
    const unsigned high_shift = (unsigned)(bits == 6 ? 2 * (quad % 4) : quad);
    if (high_mask == 0) high = low;  // there are none
    for (size_t i = 0; i < 64; i++) {
      const int number =
          (low[i] >> low_shift & ((1 << low_bits) - 1)) | (int)(high[i] >> high_shift & high_mask) << low_bits;
      q[quad][i] = ht_has_codebook(format) ? ht_codebook(format)[number] : (int8_t)(number - zero);
    }
  }
}

/// What a group's scales are for its 16 rows: the factor of the dot, the factor of the scaled sum, integer scales and
/// minima of the first and the second half of the columns; in t[0] the scales of q4_k and q5_k, which are multiplied as
/// floats: with two planes the product need not fit in 32 bits.
typedef struct {
  float d[16], m[16];
  int32_t s[2][16], t[2][16];
} Scales;

static void load_scales(ht_format format, const uint8_t *unit, size_t group, Scales *to) {
  for (size_t r = 0; r < 16; r++) {
    const float first = ht_f16(ht_load16(unit + 2 * r)), second = ht_f16(ht_load16(unit + 32 + 2 * r));
    to->d[r] = first;
    to->m[r] = second;
    to->s[0][r] = to->s[1][r] = 1;
    switch (ht_kind(format)) {
      case HT_KIND_D:
        if (format == HT_MXFP4) {
          to->d[r] = ht_e8m0_half(unit[16 * group + r]);
        } else if (format == HT_IQ4_XS) {
          to->d[r] = first * (float)ht_six(format, unit, group, r);
        } else {
          to->d[r] = group ? second : first;
        }
        break;
      case HT_KIND_K:
        to->t[0][r] = unit[64 + 16 * group + r];
        to->m[r] = -(second * (float)unit[64 * 3 + 16 * group + r]);
        break;
      case HT_KIND_K6:
        to->s[0][r] = (int8_t)unit[64 + 32 * group + r];
        to->s[1][r] = (int8_t)unit[64 + 32 * group + 16 + r];
        break;
      case HT_KIND_PAIRS:
        for (size_t half = 0; half < 2; half++) {
          const uint8_t packed = unit[64 + 32 * group + 2 * r + half];
          to->s[half][r] = format == HT_Q3_K ? ht_six(format, unit, group, 2 * r + half) : packed & 15;
          to->t[half][r] = packed >> 4;
        }
        break;
      default: break;
    }
  }
}

/// The sum of a half group, whose high plane, if there is one, is `apart` bytes before.
static int32_t sum16(const int8_t *x, size_t apart) {
  int32_t sum = 0;
  for (size_t i = 0; i < 16; i++) sum += x[i] + (apart ? 128 * x[(ptrdiff_t)i - (ptrdiff_t)apart] : 0);
  return sum;
}

/// The integer dots of one group of 16 rows with one plane of a token, each half times its scale, added to what is
/// there.
static void dot(const int8_t (*q)[64], const int8_t *x, const int32_t (*scale)[16], int32_t *dots) {
  for (size_t half = 0; half < 2; half++) {
    int32_t sums[64] = {0};  // a row's four, side by side
    for (size_t quad = 4 * half; quad < 4 * half + 4; quad++) {
      int8_t spread[64];
      for (size_t r = 0; r < 16; r++) memcpy(spread + 4 * r, x + 4 * quad, 4);
      for (size_t i = 0; i < 64; i++) sums[i] += q[quad][i] * spread[i];
    }
    for (size_t r = 0; r < 16; r++) {
      dots[r] += (sums[4 * r] + sums[4 * r + 1] + sums[4 * r + 2] + sums[4 * r + 3]) * scale[half][r];
    }
  }
}

/// y = acc (+ bias) (+ residual) for the rows of a panel that exist.
static void finish(const ht_matmul *job, size_t panel, size_t token, const float *acc) {
  const size_t row = 16 * panel, count = job->rows - row < 16 ? job->rows - row : 16;
  float *y = job->y + token * job->y_stride + row;
  const float *bias = job->bias ? job->bias + row : NULL;
  const float *residual = job->residual ? job->residual + token * job->residual_stride + row : NULL;
  for (size_t r = 0; r < count; r++) {
    float value = acc[r];
    if (bias) value += bias[r];
    if (residual) value += residual[r];
    y[r] = value;
  }
}

/// One panel with up to TOKENS tokens from `first`.
static void tile(ht_format format, const ht_matmul *job, size_t panel, size_t first, size_t tokens) {
  const ht_q8_parts parts = ht_q8_parts_of(job->k);
  const size_t unit_groups = ht_unit_groups(format), group_bytes = 64 * ht_group_lines(format);
  const size_t head_bytes = 64 * ht_unit_head_lines(format), unit_bytes = head_bytes + unit_groups * group_bytes;
  const uint8_t *base = job->w + panel * ht_panel_byte_count(format, parts.groups);
  const size_t apart = ht_planes_apart(job);
  const bool has_offset = ht_kind(format) == HT_KIND_DM || ht_kind(format) == HT_KIND_K;
  float acc[TOKENS][16] = {{0}};
  for (size_t group = 0; group < parts.groups; group++) {
    const size_t within = group % unit_groups;
    const uint8_t *unit = base + group / unit_groups * unit_bytes;
    int8_t q[8][64];
    Scales scales;
    unpack(format, unit + head_bytes + within * group_bytes, q);
    load_scales(format, unit, within, &scales);
    for (size_t t = 0; t < tokens; t++) {
      const uint8_t *row = job->x + (first + t) * job->x_stride + apart;
      const float scale = ht_load_float(row + parts.scales + 4 * group);
      const float scaled_sum = ht_load_float(row + parts.scaled_sums + 4 * group);
      const int8_t *x = (const int8_t *)row + 32 * group;
      const int32_t halves[2] = {sum16(x, apart), sum16(x + 16, apart)};
      int32_t dots[16] = {0};
      if (apart) {
        dot((const int8_t(*)[64])q, x - apart, (const int32_t(*)[16])scales.s, dots);
        for (size_t r = 0; r < 16; r++) dots[r] *= 128;
      }
      dot((const int8_t(*)[64])q, x, (const int32_t(*)[16])scales.s, dots);
      for (size_t r = 0; r < 16; r++) {
        const float factor = ht_kind(format) == HT_KIND_K ? (float)scales.t[0][r] : 1;  // both are below 2^24
        acc[t][r] = ht_fmaf((float)dots[r] * factor, scales.d[r] * scale, acc[t][r]);
        if (has_offset) acc[t][r] = ht_fmaf(scales.m[r], scaled_sum, acc[t][r]);
        if (format == HT_Q2_K) {
          const int32_t minima = scales.t[0][r] * -halves[0] + scales.t[1][r] * -halves[1];
          acc[t][r] = ht_fmaf((float)minima, scales.m[r] * scale, acc[t][r]);
        }
      }
    }
  }
  for (size_t t = 0; t < tokens; t++) finish(job, panel, first + t, acc[t]);
}

void ht_scalar_matmul(ht_format format, const ht_matmul *job, size_t panel_begin, size_t panel_end) {
  for (size_t panel = panel_begin; panel < panel_end; panel++) {
    for (size_t token = 0; token < job->tokens; token += TOKENS) {
      tile(format, job, panel, token, job->tokens - token < TOKENS ? job->tokens - token : TOKENS);
    }
  }
}

HT_SMALL_END
