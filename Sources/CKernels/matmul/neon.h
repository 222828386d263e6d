// SPDX-License-Identifier: Apache-2.0
// The integer matmul with Advanced SIMD: a quarter of a line (4 rows) is one operand, a quad of activations is taken
// from a lane. Spec: specs/numerics.md §4. `format` is constant in each copy; one copy serves the three formats with a
// codebook, one q2_k and q3_k: there `which` says at run time which it is. Included with HT_SDOT 1 (ARMv8.2 sdot) or 0
// (ARMv8.0: products widen to 16 bits and are added there as far as they fit).
#pragma once
#include "../kernels.h"
#include "panel.h"
#include "streams.h"
#if defined(__aarch64__)
#include <arm_neon.h>

#pragma STDC FP_CONTRACT OFF
#if HT_SDOT
#define HT_TARGET __attribute__((target("dotprod")))
#else
#define HT_TARGET
#endif
/// y = acc (+ bias) (+ residual) for those of 8 rows from `row` that exist.
static __attribute__((noinline)) void ht_neon_finish(const ht_matmul *job, size_t row, size_t token, float32x4_t low,
                                                     float32x4_t high) {
  float values[8];
  vst1q_f32(values, low);
  vst1q_f32(values + 4, high);
  float *y = job->y + token * job->y_stride + row;
  const float *bias = job->bias ? job->bias + row : NULL;
  const float *residual = job->residual ? job->residual + token * job->residual_stride + row : NULL;
  for (size_t r = 0; r < 8 && row + r < job->rows; r++) {
    float value = values[r];
    if (bias) value += bias[r];
    if (residual) value += residual[r];
    y[r] = value;
  }
}

#pragma clang attribute push(__attribute__((always_inline)), apply_to = function)
#if HT_SDOT
#pragma clang attribute push(HT_TARGET, apply_to = function)
#endif

#define HT_UNROLL _Pragma("clang loop unroll(full)")

/// Eight rows of a group of q2_k or q3_k, as two vectors a quad.
static inline void ht_neon_load_pairs(ht_format which, const uint8_t *body, int8x16_t (*w)[2]) {
  HT_UNROLL for (int v = 0; v < 2; v++) {
    const uint8_t *at = body + 16 * v;
    const uint8x16_t lines[2] = {vld1q_u8(at), vld1q_u8(at + 64)};
    HT_UNROLL for (int j = 0; j < 8; j++) {
      const uint8x16_t low = vshlq_u8(lines[j / 4], vdupq_n_s8((int8_t)(-2 * (j % 4))));
      w[j][v] = vreinterpretq_s8_u8(vandq_u8(low, vdupq_n_u8(3)));
    }
    if (which != HT_Q3_K) continue;
    const uint8x16_t line = vld1q_u8(at + 64 * 2);
    HT_UNROLL for (int j = 0; j < 8; j++) {
      const uint8x16_t high = vandq_u8(vshlq_u8(line, vdupq_n_s8((int8_t)(2 - j))), vdupq_n_u8(4));
      w[j][v] = vorrq_s8(w[j][v], vreinterpretq_s8_u8(high));
    }
  }
}

/// Eight rows of the eight quads of a group, as two vectors a quad; unsigned but for q8_0 and codebooks.
static inline void ht_neon_load_group(ht_format format, ht_format which, const uint8_t *body, int8x16_t codebook,
                                      int8x16_t (*w)[2]) {
  if (ht_kind(format) == HT_KIND_PAIRS) return ht_neon_load_pairs(which, body, w);
  HT_UNROLL for (int v = 0; v < 2; v++) {
    const uint8_t *at = body + 16 * v;
    HT_UNROLL for (int j = 0; j < 8; j++) {
      if (format == HT_Q8_0) {
        w[j][v] = vld1q_s8((const int8_t *)at + 64 * j);
        continue;
      }
      uint8x16_t line = vld1q_u8(at + 64 * (j / 2));
      uint8x16_t low = j % 2 ? vshrq_n_u8(line, 4) : vandq_u8(line, vdupq_n_u8(15));
      if (ht_bits(format) == 5) {
        uint8x16_t high = vshlq_u8(vld1q_u8(at + 64 * 4), vdupq_n_s8((int8_t)(4 - j)));
        low = vorrq_u8(low, vandq_u8(high, vdupq_n_u8(0x10)));
      } else if (ht_bits(format) == 6) {
        uint8x16_t high = vshlq_u8(vld1q_u8(at + 64 * (4 + j / 4)), vdupq_n_s8((int8_t)(4 - 2 * (j % 4))));
        low = vorrq_u8(low, vandq_u8(high, vdupq_n_u8(0x30)));
      }
      w[j][v] = ht_has_codebook(format) ? vqtbl1q_s8(codebook, low) : vreinterpretq_s8_u8(low);
    }
  }
}

/// What one group's scales are for 8 of its rows, two vectors each; t: minima of halves.
typedef struct {
  float32x4_t d[2], m[2], s[2];
  int32x4_t s0[2], s1[2], t0[2], t1[2];
} ht_neon_scales;

static inline float32x4_t ht_neon_halves(const uint8_t *at) {
  return vcvt_f32_f16(vreinterpret_f16_u8(vld1_u8(at)));
}
/// Eight unsigned bytes as floats; eight signed ones as integers.
static inline void ht_neon_unsigned(const uint8_t *at, float32x4_t *out) {
  uint16x8_t wide = vmovl_u8(vld1_u8(at));
  out[0] = vcvtq_f32_u32(vmovl_u16(vget_low_u16(wide)));
  out[1] = vcvtq_f32_u32(vmovl_u16(vget_high_u16(wide)));
}
static inline void ht_neon_widen8(int8x8_t bytes, int32x4_t *out) {
  int16x8_t wide = vmovl_s8(bytes);
  out[0] = vmovl_s16(vget_low_s16(wide));
  out[1] = vmovl_s16(vget_high_s16(wide));
}
static inline void ht_neon_signed(const uint8_t *at, int32x4_t *out) {
  ht_neon_widen8(vld1_s8((const int8_t *)at), out);
}

/// Sixteen 6-bit scales of a group from number `from` on; in iq4_xs the first eight are a row each.
static inline int8x16_t ht_neon_six(ht_format which, const uint8_t *unit, size_t within, size_t from) {
  const ht_six_parts parts = ht_six_parts_of(which);
  const int8x16_t down4 = vdupq_n_s8((int8_t)-(int)(within & 4)), down2 = vdupq_n_s8((int8_t)-(int)(within / 2 * 2));
  const uint8x16_t low = vshlq_u8(vld1q_u8(unit + parts.nibbles + parts.width * (within % 4) + from), down4);
  const uint8x16_t high = vshlq_u8(vld1q_u8(unit + parts.pairs + parts.width * (within % 2) + from), down2);
  const uint8x16_t pairs = vshlq_n_u8(vandq_u8(high, vdupq_n_u8(3)), 4);
  return vsubq_s8(vreinterpretq_s8_u8(vorrq_u8(vandq_u8(low, vdupq_n_u8(15)), pairs)), vdupq_n_s8(32));
}

/// The factors d of 8 rows in a format with a codebook.
static inline void ht_neon_codebook_scales(ht_format which, const uint8_t *unit, size_t within, size_t half,
                                           float32x4_t *d) {
  if (which == HT_MXFP4) {
    // ht_e8m0_half: the greater of what holds from 2 on and of what holds below.
    int16x8_t wide = vreinterpretq_s16_u16(vmovl_u8(vld1_u8(unit + 16 * within + 8 * half)));
    const int32x4_t e[2] = {vmovl_s16(vget_low_s16(wide)), vmovl_s16(vget_high_s16(wide))}, one = vdupq_n_s32(1);
    HT_UNROLL for (int v = 0; v < 2; v++) {
      const int32x4_t subnormal = vshlq_n_s32(vminq_s32(vaddq_s32(e[v], one), vdupq_n_s32(2)), 21);
      d[v] = vreinterpretq_f32_s32(vmaxq_s32(vshlq_n_s32(vsubq_s32(e[v], one), 23), subnormal));
    }
    return;
  }
  const uint8_t *at = unit + 16 * half + (which == HT_IQ4_NL ? 32 * within : 0);
  HT_UNROLL for (int v = 0; v < 2; v++) d[v] = ht_neon_halves(at + 8 * v);
  if (which == HT_IQ4_NL) return;
  int32x4_t s[2];
  ht_neon_widen8(vget_low_s8(ht_neon_six(which, unit, within, 8 * half)), s);
  HT_UNROLL for (int v = 0; v < 2; v++) d[v] = vmulq_f32(d[v], vcvtq_f32_s32(s[v]));
}

static inline ht_neon_scales ht_neon_pair_scales(ht_format which, const uint8_t *unit, size_t within, size_t half) {
  ht_neon_scales scales;
  int8x16_t s, t = vdupq_n_s8(0);
  if (which == HT_Q3_K) {
    s = ht_neon_six(which, unit, within, 16 * half);
  } else {
    const uint8x16_t packed = vld1q_u8(unit + 64 + 32 * within + 16 * half);
    s = vreinterpretq_s8_u8(vandq_u8(packed, vdupq_n_u8(15)));
    t = vreinterpretq_s8_u8(vshrq_n_u8(packed, 4));
  }
  ht_neon_widen8(vget_low_s8(vuzp1q_s8(s, s)), scales.s0);
  ht_neon_widen8(vget_low_s8(vuzp2q_s8(s, s)), scales.s1);
  ht_neon_widen8(vget_low_s8(vuzp1q_s8(t, t)), scales.t0);
  ht_neon_widen8(vget_low_s8(vuzp2q_s8(t, t)), scales.t1);
  HT_UNROLL for (int v = 0; v < 2; v++) {
    scales.d[v] = ht_neon_halves(unit + 16 * half + 8 * v);
    scales.m[v] = ht_neon_halves(unit + 32 + 16 * half + 8 * v);
  }
  return scales;
}

/// `half`: 0 for rows 0 … 7, 1 for the others.
static inline ht_neon_scales ht_neon_load_scales(ht_format format, ht_format which, const uint8_t *unit, size_t within,
                                                 size_t half) {
  if (ht_kind(format) == HT_KIND_PAIRS) return ht_neon_pair_scales(which, unit, within, half);
  ht_neon_scales scales;
  if (ht_has_codebook(format)) {
    ht_neon_codebook_scales(which, unit, within, half, scales.d);
    return scales;
  }
  const uint8_t *d = unit + 16 * half + (ht_kind(format) == HT_KIND_D ? 32 * within : 0);
  HT_UNROLL for (int v = 0; v < 2; v++) {
    scales.d[v] = ht_neon_halves(d + 8 * v);
    if (ht_kind(format) == HT_KIND_DM || ht_kind(format) == HT_KIND_K) scales.m[v] = ht_neon_halves(d + 32 + 8 * v);
  }
  if (ht_kind(format) == HT_KIND_K) {
    const uint8_t *at = unit + 64 + 16 * within + 8 * half;
    float32x4_t t[2];
    ht_neon_unsigned(at, scales.s);
    ht_neon_unsigned(at + 128, t);
    HT_UNROLL for (int v = 0; v < 2; v++) scales.m[v] = vnegq_f32(vmulq_f32(scales.m[v], t[v]));
  } else if (ht_kind(format) == HT_KIND_K6) {
    const uint8_t *at = unit + 64 + 32 * within + 8 * half;
    ht_neon_signed(at, scales.s0);
    ht_neon_signed(at + 16, scales.s1);
  }
  return scales;
}

/// `factor` times the sums of the 16 half groups of a unit, in their order.
static inline void ht_neon_half_sums(const uint8_t *x, size_t apart, int32_t factor, int32_t *out) {
  for (int i = 0; i < 4; i++) {
    int32x4_t total = vdupq_n_s32(0);
    for (const uint8_t *plane = x - apart;; plane = x) {
      int32x4_t sums[4];
      HT_UNROLL for (int h = 0; h < 4; h++) {
        sums[h] = vpaddlq_s16(vpaddlq_s8(vld1q_s8((const int8_t *)plane + 64 * i + 16 * h)));
      }
      total = vaddq_s32(total, vpaddq_s32(vpaddq_s32(sums[0], sums[1]), vpaddq_s32(sums[2], sums[3])));
      if (plane == x) break;
      total = vshlq_n_s32(total, 7);
    }
    vst1q_s32(out + 4 * i, vmulq_n_s32(total, factor));
  }
}

#if HT_SDOT
/// Adds the dots of quads `from` … `from`+3 of 8 rows with 16 activations.
static inline void ht_neon_dot16(ht_format format, int32x4_t *sum, const int8x16_t (*w)[2], int8x16_t x, int from) {
  (void)format;
  HT_UNROLL for (int v = 0; v < 2; v++) {
    sum[v] = vdotq_laneq_s32(sum[v], w[from][v], x, 0);
    sum[v] = vdotq_laneq_s32(sum[v], w[from + 1][v], x, 1);
    sum[v] = vdotq_laneq_s32(sum[v], w[from + 2][v], x, 2);
    sum[v] = vdotq_laneq_s32(sum[v], w[from + 3][v], x, 3);
  }
}
static inline void ht_neon_dot32(ht_format format, int32x4_t *sum, const int8x16_t (*w)[2], const int8x16_t *x) {
  ht_neon_dot16(format, sum, w, x[0], 0);
  ht_neon_dot16(format, sum, w, x[1], 4);
}
#else
/// Products of one quad, added to 16-bit sums: of vector v, rows 0, 1 in narrow[2v] and rows 2, 3 in narrow[2v+1].
static inline void ht_neon_quad(int16x8_t *narrow, const int8x16_t *w, int8x16_t quad, bool first) {
  HT_UNROLL for (int v = 0; v < 2; v++) {
    int16x8_t low = vmull_s8(vget_low_s8(w[v]), vget_low_s8(quad)), high = vmull_high_s8(w[v], quad);
    narrow[2 * v] = first ? low : vmlal_s8(narrow[2 * v], vget_low_s8(w[v]), vget_low_s8(quad));
    narrow[2 * v + 1] = first ? high : vmlal_high_s8(narrow[2 * v + 1], w[v], quad);
  }
}
static inline int8x16_t ht_neon_spread(int32x4_t quads) { return vreinterpretq_s8_s32(quads); }

/// 16-bit sums of 8 rows, added to their 32-bit sums.
static inline void ht_neon_widen(int32x4_t *sum, const int16x8_t *narrow) {
  HT_UNROLL for (int v = 0; v < 2; v++) {
    int32x4_t rows = vpaddq_s32(vpaddlq_s16(narrow[2 * v]), vpaddlq_s16(narrow[2 * v + 1]));
    sum[v] = vaddq_s32(sum[v], rows);
  }
}

/// Adds the dots of quads `from` … `from`+3 to 16-bit sums. In 16 bits there fit 8 quads of 4 bits (15,240) and of 5
/// bits (31,496), 4 of 6 bits (32,004), 2 of signed 8 bits (32,512), which a codebook's are.
static inline void ht_neon_dot16_narrow(ht_format format, int32x4_t *sum, int16x8_t *narrow, const int8x16_t (*w)[2],
                                        int8x16_t x, int from, bool first) {
  int32x4_t quads = vreinterpretq_s32_s8(x);
  const bool is_wide = format == HT_Q8_0 || ht_has_codebook(format);
  ht_neon_quad(narrow, w[from], ht_neon_spread(vdupq_laneq_s32(quads, 0)), first);
  ht_neon_quad(narrow, w[from + 1], ht_neon_spread(vdupq_laneq_s32(quads, 1)), false);
  if (is_wide) ht_neon_widen(sum, narrow);
  ht_neon_quad(narrow, w[from + 2], ht_neon_spread(vdupq_laneq_s32(quads, 2)), is_wide);
  ht_neon_quad(narrow, w[from + 3], ht_neon_spread(vdupq_laneq_s32(quads, 3)), false);
}
static inline void ht_neon_dot16(ht_format format, int32x4_t *sum, const int8x16_t (*w)[2], int8x16_t x, int from) {
  int16x8_t narrow[4];
  ht_neon_dot16_narrow(format, sum, narrow, w, x, from, true);
  ht_neon_widen(sum, narrow);
}
static inline void ht_neon_dot32(ht_format format, int32x4_t *sum, const int8x16_t (*w)[2], const int8x16_t *x) {
  const bool is_wide = ht_bits(format) >= 6 || ht_has_codebook(format);
  int16x8_t narrow[4];
  ht_neon_dot16_narrow(format, sum, narrow, w, x[0], 0, true);
  if (is_wide) ht_neon_widen(sum, narrow);
  ht_neon_dot16_narrow(format, sum, narrow, w, x[1], 4, is_wide);
  ht_neon_widen(sum, narrow);
}
#endif

/// One group of 8 rows with one token: acc of specs/numerics.md §4. `halves`: what half_sums left for the group.
static inline void ht_neon_step(ht_format format, ht_format which, float32x4_t *acc, const int8x16_t (*w)[2],
                                const ht_neon_scales *scales, const uint8_t *row, size_t apart, size_t group,
                                ht_q8_parts parts, const int32_t *halves) {
  const bool by_halves = ht_kind(format) == HT_KIND_K6 || ht_kind(format) == HT_KIND_PAIRS;
  const int8_t *at = (const int8_t *)row + 32 * group;
  float32x4_t scale = vld1q_dup_f32((const float *)(const void *)(row + parts.scales) + group);
  int32x4_t dot[2];
  if (by_halves) {
    const int32x4_t none = vdupq_n_s32(0);
    const int32x4_t first = which == HT_Q2_K ? none : vld1q_dup_s32(halves);
    const int32x4_t second = which == HT_Q2_K ? none : vld1q_dup_s32(halves + 1);
    int32x4_t low[2], high[2];
    low[0] = low[1] = apart ? none : first;
    high[0] = high[1] = apart ? none : second;
    for (const int8_t *plane = at - apart;; plane = at) {
      ht_neon_dot16(format, low, w, vld1q_s8(plane), 0);
      ht_neon_dot16(format, high, w, vld1q_s8(plane + 16), 4);
      if (plane == at) break;
      low[0] = vmlaq_n_s32(first, low[0], 128);
      low[1] = vmlaq_n_s32(first, low[1], 128);
      high[0] = vmlaq_n_s32(second, high[0], 128);
      high[1] = vmlaq_n_s32(second, high[1], 128);
    }
    HT_UNROLL for (int v = 0; v < 2; v++) {
      dot[v] = vmlaq_s32(vmulq_s32(low[v], scales->s0[v]), high[v], scales->s1[v]);
    }
  } else {
    int32x4_t start = vdupq_n_s32(0);
    if (ht_zero_point(format)) {
      int32x4_t sum = vld1q_dup_s32((const int32_t *)(const void *)(row + parts.sums) + group);
      start = vmulq_s32(sum, vdupq_n_s32(-ht_zero_point(format)));
    }
    dot[0] = dot[1] = apart ? vdupq_n_s32(0) : start;
    for (const int8_t *plane = at - apart;; plane = at) {
      const int8x16_t x[2] = {vld1q_s8(plane), vld1q_s8(plane + 16)};
      ht_neon_dot32(format, dot, w, x);
      if (plane == at) break;
      dot[0] = vmlaq_n_s32(start, dot[0], 128);
      dot[1] = vmlaq_n_s32(start, dot[1], 128);
    }
  }
  HT_UNROLL for (int v = 0; v < 2; v++) {
    float32x4_t value = vcvtq_f32_s32(dot[v]);
    if (ht_kind(format) == HT_KIND_K) value = vmulq_f32(value, scales->s[v]);  // both are integers below 2^24
    acc[v] = vfmaq_f32(acc[v], value, vmulq_f32(scales->d[v], scale));
  }
  if (which == HT_Q2_K) {
    HT_UNROLL for (int v = 0; v < 2; v++) {
      int32x4_t minima = vmlaq_n_s32(vmulq_n_s32(scales->t0[v], halves[0]), scales->t1[v], halves[1]);
      acc[v] = vfmaq_f32(acc[v], vcvtq_f32_s32(minima), vmulq_f32(scales->m[v], scale));
    }
  }
  if (ht_kind(format) == HT_KIND_D || by_halves) return;
  float32x4_t scaled_sum = vld1q_dup_f32((const float *)(const void *)(row + parts.scaled_sums) + group);
  HT_UNROLL for (int v = 0; v < 2; v++) acc[v] = vfmaq_f32(acc[v], scales->m[v], scaled_sum);
}

/// `panels` panels with `tokens` tokens. Eight rows of a group are unpacked once; the sums wait on the stack, which
/// costs less than a copy of this code for each count of tokens.
static inline void ht_neon_tile(ht_format format, ht_format which, const ht_matmul *job, size_t panel, size_t panels,
                                size_t token, size_t tokens) {
  const ht_q8_parts parts = ht_q8_parts_of(job->k);
  const size_t shift = ht_unit_shift(which), group_bytes = 64 * ht_group_lines(which);
  const size_t head_bytes = 64 * ht_unit_head_lines(which), unit_bytes = head_bytes + (group_bytes << shift);
  const size_t panel_bytes = ht_panel_byte_count(which, parts.groups);
  const bool by_halves = ht_kind(format) == HT_KIND_K6 || ht_kind(format) == HT_KIND_PAIRS;
  const int8x16_t codebook = vld1q_s8(ht_codebook(which));
  const size_t stride = job->x_stride, apart = ht_planes_apart(job);
  const uint8_t *base = job->w + panel * panel_bytes, *rows = job->x + token * stride + apart;
  int32_t corrections[HT_TOKENS][16];
  float32x4_t acc[2 * HT_PANELS * HT_TOKENS][2];
  for (size_t i = 0; i < 2 * panels * tokens; i++) acc[i][0] = acc[i][1] = vdupq_n_f32(0);
  for (size_t group = 0; group < parts.groups; group++) {
    const size_t within = group & (((size_t)1 << shift) - 1);
    const uint8_t *unit = base + (group >> shift) * unit_bytes, *body = unit + head_bytes + within * group_bytes;
    if (by_halves && within == 0) {
      const int32_t factor = which == HT_Q2_K ? -1 : -ht_zero_point(which);
      for (size_t t = 0; t < tokens; t++) {
        ht_neon_half_sums(rows + t * stride + 32 * group, apart, factor, corrections[t]);
      }
    }
    float32x4_t(*sum)[2] = acc;
    for (size_t i = 0; i < 2 * panels; i++) {
      const size_t offset = i / 2 * panel_bytes, half = i % 2;
      int8x16_t w[8][2];
      ht_neon_load_group(format, which, body + offset + 32 * half, codebook, w);
      const ht_neon_scales scales = ht_neon_load_scales(format, which, unit + offset, within, half);
      for (size_t t = 0; t < tokens; t++, sum++) {
        ht_neon_step(format, which, *sum, (const int8x16_t(*)[2])w, &scales, rows + t * stride, apart, group, parts,
                     by_halves ? &corrections[t][2 * within] : NULL);
      }
    }
  }
  for (size_t i = 0, at = 0; i < 2 * panels; i++) {
    for (size_t t = 0; t < tokens; t++, at++) {
      ht_neon_finish(job, 16 * panel + 8 * i, token + t, acc[at][0], acc[at][1]);
    }
  }
}

/// One token over one stream: a copy of its own, with the sums in registers; not for a kernel of several formats, where
/// it gains 15 % at most and costs 1.5 KB. Else several panels at once, which stay in the cache while all tokens pass.
static inline void ht_neon_matmul(ht_format format, ht_format which, const ht_matmul *job, size_t panel_begin,
                                  size_t panel_end) {
  const size_t panels_max = ht_tile_panels(job);
  if (!ht_is_family(format) && panels_max * job->tokens == 1) {
    for (size_t panel = panel_begin; panel < panel_end; panel++) ht_neon_tile(format, which, job, panel, 1, 0, 1);
    return;
  }
  for (size_t panel = panel_begin; panel < panel_end; panel += panels_max) {
    const size_t panels = panel_end - panel < panels_max ? panel_end - panel : panels_max;
    for (size_t token = 0; token < job->tokens; token += HT_TOKENS) {
      const size_t tokens = job->tokens - token < HT_TOKENS ? job->tokens - token : HT_TOKENS;
      ht_neon_tile(format, which, job, panel, panels, token, tokens);
    }
  }
}

#if HT_SDOT
#pragma clang attribute pop
#endif
#pragma clang attribute pop

/// Defines the kernel of one format.
#define HT_MATMUL_ARM(name, isa, format)                                                                     \
  HT_TARGET void ht_matmul_##name##__##isa(const ht_matmul *job, size_t panel_begin, size_t panel_end) {     \
    ht_neon_matmul(format, format, job, panel_begin, panel_end);                                             \
  }

/// Defines the kernel that several formats share, as a function `name` with one more parameter; then one format's.
#define HT_MATMUL_ARM_FAMILY(name, format)                                                                   \
  HT_TARGET static __attribute__((noinline)) void name(ht_format which, const ht_matmul *job,                \
                                                       size_t panel_begin, size_t panel_end) {               \
    ht_neon_matmul(format, which, job, panel_begin, panel_end);                                              \
  }
#define HT_MATMUL_ARM_MEMBER(name, isa, family, format)                                                      \
  HT_TARGET void ht_matmul_##name##__##isa(const ht_matmul *job, size_t panel_begin, size_t panel_end) {     \
    family(format, job, panel_begin, panel_end);                                                             \
  }
#else
#define HT_MATMUL_ARM(name, isa, format)
#define HT_MATMUL_ARM_FAMILY(name, format)
#define HT_MATMUL_ARM_MEMBER(name, isa, family, format)
#endif
