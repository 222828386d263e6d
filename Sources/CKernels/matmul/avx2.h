// SPDX-License-Identifier: Apache-2.0
// The integer matmul with AVX2: half a line (8 rows) is one operand, products of unsigned weights and signed
// activations are added in 16 bits as far as they fit. Spec: specs/numerics.md §4. `format` is constant in each copy;
// one copy serves the three formats with a codebook, one q2_k and q3_k: there `which` says at run time which it is.
#pragma once
#include "../kernels.h"
#include "panel.h"
#include "streams.h"
#if defined(__x86_64__)
#include <immintrin.h>

#pragma STDC FP_CONTRACT OFF
#define HT_TARGET __attribute__((target("avx2,fma,f16c")))
#pragma clang attribute push(HT_TARGET, apply_to = function)

#if !defined(HT_UNROLL)
#define HT_UNROLL _Pragma("clang loop unroll(full)")
#endif

/// Keeps the loads before it before those after it.
#define HT_IN_ORDER __asm__ volatile("" ::: "memory")

/// Eight rows of a group of q2_k or q3_k as unsigned bytes.
HT_INLINE void ht_avx2_load_pairs(ht_format which, const uint8_t *body, __m256i *w) {
  HT_UNROLL for (int i = 0; i < 2; i++) {
    const __m256i line = _mm256_load_si256((const void *)(body + 64 * i));
    HT_IN_ORDER;
    HT_UNROLL for (int j = 0; j < 4; j++) {
      w[4 * i + j] = _mm256_and_si256(_mm256_srli_epi16(line, 2 * j), _mm256_set1_epi8(3));
    }
  }
  if (which != HT_Q3_K) return;
  const __m256i line = _mm256_load_si256((const void *)(body + 64 * 2));
  HT_UNROLL for (int j = 0; j < 8; j++) {
    const __m256i high = j < 2 ? _mm256_slli_epi16(line, 2 - j) : _mm256_srli_epi16(line, j - 2);
    w[j] = _mm256_or_si256(w[j], _mm256_and_si256(high, _mm256_set1_epi8(4)));
  }
}

/// Eight rows of the eight quads of a group as unsigned bytes; of q8_0 the magnitudes, of a codebook signed. The lines
/// are loaded in their order, which the compiler would change: the processor's prefetcher runs ahead half as fast when
/// a stream jumps back.
HT_INLINE void ht_avx2_load_group(ht_format format, ht_format which, const uint8_t *body, __m256i codebook,
                                  __m256i *w) {
  if (ht_kind(format) == HT_KIND_PAIRS) return ht_avx2_load_pairs(which, body, w);
  const int bits = ht_bits(format);
  __m256i lines[8];
  HT_UNROLL for (int i = 0; i < bits; i++) {
    lines[i] = _mm256_load_si256((const void *)(body + 64 * i));
    HT_IN_ORDER;
  }
  HT_UNROLL for (int j = 0; j < 8; j++) {
    if (format == HT_Q8_0) {
      w[j] = _mm256_abs_epi8(lines[j]);
      continue;
    }
    w[j] = _mm256_and_si256(j % 2 ? _mm256_srli_epi16(lines[j / 2], 4) : lines[j / 2], _mm256_set1_epi8(15));
    if (ht_has_codebook(format)) {
      w[j] = _mm256_shuffle_epi8(codebook, w[j]);
    } else if (bits == 5) {
      __m256i high = j < 4 ? _mm256_slli_epi16(lines[4], 4 - j) : _mm256_srli_epi16(lines[4], j - 4);
      w[j] = _mm256_or_si256(w[j], _mm256_and_si256(high, _mm256_set1_epi8(0x10)));
    } else if (bits == 6) {
      __m256i high = lines[4 + j / 4];
      high = j % 4 < 2 ? _mm256_slli_epi16(high, 4 - 2 * (j % 4)) : _mm256_srli_epi16(high, 2 * (j % 4) - 4);
      w[j] = _mm256_or_si256(w[j], _mm256_and_si256(high, _mm256_set1_epi8(0x30)));
    }
  }
}

/// Eight f16 as f32, eight bytes as i32.
HT_INLINE __m256 ht_avx2_halves(const uint8_t *at) { return _mm256_cvtph_ps(_mm_load_si128((const void *)at)); }
HT_INLINE __m128i ht_avx2_bytes(const uint8_t *at) { return _mm_loadl_epi64((const void *)at); }

/// Sixteen 6-bit scales of a group from number `from` on; in iq4_xs the first eight are a row each.
HT_INLINE __m128i ht_avx2_six(ht_format which, const uint8_t *unit, size_t within, size_t from) {
  const ht_six_parts parts = ht_six_parts_of(which);
  const uint8_t *nibbles = unit + parts.nibbles + parts.width * (within % 4) + from;
  const uint8_t *pairs = unit + parts.pairs + parts.width * (within % 2) + from;
  const __m128i low = _mm_srl_epi16(_mm_loadu_si128((const void *)nibbles), _mm_cvtsi64_si128((long long)(within & 4)));
  const __m128i high =
      _mm_srl_epi16(_mm_loadu_si128((const void *)pairs), _mm_cvtsi64_si128((long long)(within / 2 * 2)));
  const __m128i both = _mm_or_si128(_mm_and_si128(low, _mm_set1_epi8(15)),
                                    _mm_slli_epi16(_mm_and_si128(high, _mm_set1_epi8(3)), 4));
  return _mm_sub_epi8(both, _mm_set1_epi8(32));
}

/// The factors d of 8 rows in a format with a codebook.
HT_INLINE __m256 ht_avx2_codebook_scales(ht_format which, const uint8_t *unit, size_t within, size_t half) {
  if (which == HT_IQ4_NL) return ht_avx2_halves(unit + 32 * within + 16 * half);
  if (which == HT_IQ4_XS) {
    const __m256i s = _mm256_cvtepi8_epi32(ht_avx2_six(which, unit, within, 8 * half));
    return _mm256_mul_ps(ht_avx2_halves(unit + 16 * half), _mm256_cvtepi32_ps(s));
  }
  // ht_e8m0_half: the greater of what holds from 2 on and of what holds below.
  const __m256i e = _mm256_cvtepu8_epi32(ht_avx2_bytes(unit + 16 * within + 8 * half)), one = _mm256_set1_epi32(1);
  const __m256i subnormal = _mm256_slli_epi32(_mm256_min_epi32(_mm256_add_epi32(e, one), _mm256_set1_epi32(2)), 21);
  return _mm256_castsi256_ps(_mm256_max_epi32(_mm256_slli_epi32(_mm256_sub_epi32(e, one), 23), subnormal));
}

/// What one group's scales are for 8 of its rows. In q2_k and q3_k s0 and s1 hold the scale of the half twice in 16
/// bits, st the scales (q3_k) or minima (q2_k) of both halves.
typedef struct {
  __m256 d, m, s;
  __m256i s0, s1, st;
} ht_avx2_scales;

HT_INLINE ht_avx2_scales ht_avx2_pair_scales(ht_format which, const uint8_t *unit, size_t within, size_t half) {
  ht_avx2_scales scales;
  __m128i s, t;
  if (which == HT_Q3_K) {
    t = s = ht_avx2_six(which, unit, within, 16 * half);
  } else {
    const __m128i packed = _mm_load_si128((const void *)(unit + 64 + 32 * within + 16 * half));
    s = _mm_and_si128(packed, _mm_set1_epi8(15));
    t = _mm_and_si128(_mm_srli_epi16(packed, 4), _mm_set1_epi8(15));
  }
  const __m256i wide = _mm256_cvtepi8_epi16(s), low = _mm256_set1_epi32(0xffff);
  scales.s0 = _mm256_or_si256(_mm256_and_si256(wide, low), _mm256_slli_epi32(wide, 16));
  scales.s1 = _mm256_or_si256(_mm256_andnot_si256(low, wide), _mm256_srli_epi32(wide, 16));
  scales.st = _mm256_cvtepi8_epi16(t);
  scales.d = ht_avx2_halves(unit + 16 * half);
  scales.m = ht_avx2_halves(unit + 32 + 16 * half);
  return scales;
}

/// `half`: 0 for rows 0 … 7, 1 for the others.
HT_INLINE ht_avx2_scales ht_avx2_load_scales(ht_format format, ht_format which, const uint8_t *unit, size_t within,
                                             size_t half) {
  if (ht_kind(format) == HT_KIND_PAIRS) return ht_avx2_pair_scales(which, unit, within, half);
  ht_avx2_scales scales;
  if (ht_has_codebook(format)) {
    scales.d = ht_avx2_codebook_scales(which, unit, within, half);
    return scales;
  }
  switch (ht_kind(format)) {
    case HT_KIND_D: scales.d = ht_avx2_halves(unit + 32 * within + 16 * half); break;
    case HT_KIND_DM:
      scales.d = ht_avx2_halves(unit + 16 * half);
      scales.m = ht_avx2_halves(unit + 32 + 16 * half);
      break;
    case HT_KIND_K: {
      const uint8_t *at = unit + 64 + 16 * within + 8 * half;
      scales.d = ht_avx2_halves(unit + 16 * half);
      scales.s = _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(ht_avx2_bytes(at)));
      __m256 t = _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(ht_avx2_bytes(at + 128)));
      t = _mm256_mul_ps(ht_avx2_halves(unit + 32 + 16 * half), t);
      scales.m = _mm256_xor_ps(t, _mm256_set1_ps(-0.0f));
      break;
    }
    default: {
      const uint8_t *at = unit + 64 + 32 * within + 8 * half;
      scales.d = ht_avx2_halves(unit + 16 * half);
      scales.s0 = _mm256_cvtepi8_epi32(ht_avx2_bytes(at));
      scales.s1 = _mm256_cvtepi8_epi32(ht_avx2_bytes(at + 16));
    }
  }
  return scales;
}

/// `factor` times the sums of the 16 half groups of a unit; half h of group g is at 8·(g/4) + 4·h + g mod 4. For q2_k
/// and q3_k both halves of group g are one number at g: the first in its low 16 bits, the second in the others; those
/// of a second plane are eight places further.
HT_INLINE void ht_avx2_half_sums(ht_format format, const uint8_t *x, size_t apart, int factor, int32_t *out) {
  for (const uint8_t *plane = x - apart;; plane = x) {
    const __m256i factors = _mm256_set1_epi16((int16_t)(format == HT_Q6_K && plane != x ? 128 * factor : factor));
    HT_UNROLL for (int i = 0; i < 2; i++) {
      __m256i sums[4];
      HT_UNROLL for (int g = 0; g < 4; g++) {
        __m256i group = _mm256_loadu_si256((const void *)(plane + 128 * i + 32 * g));
        sums[g] = _mm256_madd_epi16(_mm256_maddubs_epi16(_mm256_set1_epi8(1), group), factors);
      }
      __m256i ab = _mm256_hadd_epi32(sums[0], sums[1]), cd = _mm256_hadd_epi32(sums[2], sums[3]);
      __m256i all = _mm256_hadd_epi32(ab, cd);
      if (format == HT_Q6_K) {
        __m256i *at = (void *)(out + 8 * i);
        _mm256_store_si256(at, apart && plane == x ? _mm256_add_epi32(_mm256_load_si256(at), all) : all);
      } else {
        __m128i second = _mm_slli_epi32(_mm256_extracti128_si256(all, 1), 16);
        _mm_store_si128((void *)(out + 4 * i), _mm_blend_epi16(_mm256_castsi256_si128(all), second, 0xaa));
      }
    }
    if (plane == x) return;
    if (format != HT_Q6_K) out += 8;
  }
}

/// The dots of quads `from` ..< `to` times a factor (in all 16-bit lanes), in 32 bits. `body`: the group's lines, for
/// the signs of q8_0. In 16 bits there fit 8 quads of 4 bits (30,480), 4 of 5 bits (31,496), 2 of 6 bits (32,004), 1 of
/// 8 bits (32,512).
HT_INLINE __m256i ht_avx2_dot(ht_format format, const __m256i *w, const uint8_t *body, const uint8_t *x,
                              __m256i factor, int from, int to) {
  const bool is_signed = ht_has_codebook(format);  // then the signs of the activations go to the weights
  const int bits = format == HT_Q8_0 || is_signed ? 8 : ht_bits(format);
  const int fit = bits == 8 ? 1 : bits == 6 ? 2 : bits == 5 ? 4 : 8;
  __m256i sum = _mm256_setzero_si256(), narrow = sum;
  HT_UNROLL for (int j = from; j < to; j++) {
    __m256i quad = _mm256_set1_epi32(ht_load32(x + 4 * j));
    if (format == HT_Q8_0) quad = _mm256_sign_epi8(quad, _mm256_load_si256((const void *)(body + 64 * j)));
    __m256i pairs = is_signed ? _mm256_maddubs_epi16(_mm256_abs_epi8(quad), _mm256_sign_epi8(w[j], quad))
                              : _mm256_maddubs_epi16(w[j], quad);
    narrow = (j - from) % fit ? _mm256_add_epi16(narrow, pairs) : pairs;
    if ((j - from) % fit != fit - 1 && j != to - 1) continue;
    __m256i wide = _mm256_madd_epi16(narrow, factor);
    sum = j - from < fit ? wide : _mm256_add_epi32(sum, wide);
  }
  return sum;
}

/// `start` and the dots with all planes of a token.
HT_INLINE __m256i ht_avx2_dots(ht_format format, const __m256i *w, const uint8_t *body, const uint8_t *x, size_t apart,
                               __m256i start, int from, int to) {
  start = _mm256_add_epi32(start, ht_avx2_dot(format, w, body, x, _mm256_set1_epi16(1), from, to));
  if (!apart) return start;
  if (format == HT_Q8_0) HT_IN_ORDER;  // the lines are loaded again: there are too few registers to keep them
  return _mm256_add_epi32(start, ht_avx2_dot(format, w, body, x - apart, _mm256_set1_epi16(128), from, to));
}

/// As ht_avx2_dot for the four quads of half a group of q2_k or q3_k, each dot times its 16-bit scale.
HT_INLINE __m256i ht_avx2_dot_pairs(const __m256i *w, const uint8_t *x, __m256i scale) {
  __m256i narrow = _mm256_maddubs_epi16(w[0], _mm256_set1_epi32(ht_load32(x)));
  HT_UNROLL for (int j = 1; j < 4; j++) {
    narrow = _mm256_add_epi16(narrow, _mm256_maddubs_epi16(w[j], _mm256_set1_epi32(ht_load32(x + 4 * j))));
  }
  return _mm256_madd_epi16(narrow, scale);
}

/// One group of 8 rows with one token: acc of specs/numerics.md §4. `halves`: what half_sums left for the group.
HT_INLINE __m256 ht_avx2_step(ht_format format, ht_format which, __m256 acc, const __m256i *w, const uint8_t *body,
                              const ht_avx2_scales *scales, const uint8_t *row, size_t apart, size_t group,
                              ht_q8_parts parts, const int32_t *halves) {
  const uint8_t *x = row + 32 * group;
  const __m256 scale = _mm256_set1_ps(ht_load_float(row + parts.scales + 4 * group));
  __m256 d = _mm256_mul_ps(scales->d, scale);
  __m256 dot;
  if (ht_kind(format) == HT_KIND_PAIRS) {
    __m256i sum = _mm256_setzero_si256(), rest = sum;
    for (const uint8_t *plane = x - apart;; plane = x, halves += 8) {
      sum = _mm256_add_epi32(sum, ht_avx2_dot_pairs(w, plane, scales->s0));
      sum = _mm256_add_epi32(sum, ht_avx2_dot_pairs(w + 4, plane + 16, scales->s1));
      rest = _mm256_add_epi32(rest, _mm256_madd_epi16(scales->st, _mm256_set1_epi32(*halves)));
      if (plane == x) break;
      sum = _mm256_slli_epi32(sum, 7);
      rest = _mm256_slli_epi32(rest, 7);
    }
    if (which == HT_Q3_K) return _mm256_fmadd_ps(_mm256_cvtepi32_ps(_mm256_add_epi32(sum, rest)), d, acc);
    acc = _mm256_fmadd_ps(_mm256_cvtepi32_ps(sum), d, acc);
    return _mm256_fmadd_ps(_mm256_cvtepi32_ps(rest), _mm256_mul_ps(scales->m, scale), acc);
  }
  if (ht_kind(format) == HT_KIND_K6) {
    __m256i low = ht_avx2_dots(format, w, body, x, apart, _mm256_set1_epi32(halves[0]), 0, 4);
    __m256i high = ht_avx2_dots(format, w, body, x, apart, _mm256_set1_epi32(halves[4]), 4, 8);
    dot = _mm256_cvtepi32_ps(
        _mm256_add_epi32(_mm256_mullo_epi32(low, scales->s0), _mm256_mullo_epi32(high, scales->s1)));
  } else {
    __m256i whole = ht_avx2_dots(format, w, body, x, apart, _mm256_setzero_si256(), 0, 8);
    if (ht_zero_point(format)) {
      const int shift = format == HT_Q4_0 ? 3 : format == HT_Q5_0 ? 4 : 5;
      __m256i sum = _mm256_set1_epi32(ht_load32(row + parts.sums + 4 * group));
      whole = _mm256_sub_epi32(whole, _mm256_slli_epi32(sum, shift));
    }
    dot = _mm256_cvtepi32_ps(whole);
    if (ht_kind(format) == HT_KIND_K) dot = _mm256_mul_ps(dot, scales->s);  // both are integers below 2^24
  }
  acc = _mm256_fmadd_ps(dot, d, acc);
  if (ht_kind(format) == HT_KIND_D || ht_kind(format) == HT_KIND_K6) return acc;
  return _mm256_fmadd_ps(scales->m, _mm256_set1_ps(ht_load_float(row + parts.scaled_sums + 4 * group)), acc);
}

/// y = acc (+ bias) (+ residual) for those of 8 rows from `row` that exist.
HT_INLINE void ht_avx2_finish(const ht_matmul *job, size_t row, size_t token, __m256 acc) {
  if (row >= job->rows) return;
  const int count = job->rows - row < 8 ? (int)(job->rows - row) : 8;
  __m256i mask = _mm256_cmpgt_epi32(_mm256_set1_epi32(count), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
  if (job->bias) acc = _mm256_add_ps(acc, _mm256_maskload_ps(job->bias + row, mask));
  if (job->residual) {
    acc = _mm256_add_ps(acc, _mm256_maskload_ps(job->residual + token * job->residual_stride + row, mask));
  }
  _mm256_maskstore_ps(job->y + token * job->y_stride + row, mask, acc);
}

/// `panels` panels with `tokens` tokens. Eight rows of a group are unpacked once; the sums wait on the stack, which
/// costs less than a copy of this code for each count of tokens.
HT_INLINE void ht_avx2_tile(ht_format format, ht_format which, const ht_matmul *job, size_t panel, size_t panels,
                            size_t token, size_t tokens) {
  const ht_q8_parts parts = ht_q8_parts_of(job->k);
  const size_t shift = ht_unit_shift(which), group_bytes = 64 * ht_group_lines(which);
  const size_t head_bytes = 64 * ht_unit_head_lines(which), unit_bytes = head_bytes + (group_bytes << shift);
  const size_t panel_bytes = ht_panel_byte_count(which, parts.groups);
  const bool by_halves = format == HT_Q6_K || ht_kind(format) == HT_KIND_PAIRS;
  const __m256i codebook =
      _mm256_broadcastsi128_si256(_mm_load_si128((const void *)ht_codebook(which)));  // unused by most
  const size_t stride = job->x_stride, apart = ht_planes_apart(job);
  const uint8_t *base = job->w + panel * panel_bytes, *rows = job->x + token * stride + apart;
  int32_t corrections[HT_TOKENS][16] __attribute__((aligned(64)));
  __m256 acc[2 * HT_PANELS * HT_TOKENS];
  for (size_t i = 0; i < 2 * panels * tokens; i++) acc[i] = _mm256_setzero_ps();
  for (size_t group = 0; group < parts.groups; group++) {
    const size_t within = group & (((size_t)1 << shift) - 1);
    const uint8_t *unit = base + (group >> shift) * unit_bytes, *body = unit + head_bytes + within * group_bytes;
    if (by_halves && within == 0) {
      const int factor = which == HT_Q6_K ? -32 : which == HT_Q3_K ? -4 : -1;
      for (size_t t = 0; t < tokens; t++) {
        ht_avx2_half_sums(format, rows + t * stride + 32 * group, apart, factor, corrections[t]);
      }
    }
    const size_t place = format == HT_Q6_K ? 8 * (within / 4) + within % 4 : within;
    __m256 *sum = acc;
    for (size_t i = 0; i < 2 * panels; i++) {
      const size_t offset = i / 2 * panel_bytes, half = i % 2;
      const ht_avx2_scales scales = ht_avx2_load_scales(format, which, unit + offset, within, half);
      HT_IN_ORDER;
      __m256i w[8];
      ht_avx2_load_group(format, which, body + offset + 32 * half, codebook, w);
      for (size_t t = 0; t < tokens; t++, sum++) {
        *sum = ht_avx2_step(format, which, *sum, w, body + offset + 32 * half, &scales, rows + t * stride, apart, group,
                            parts, by_halves ? &corrections[t][place] : NULL);
      }
    }
  }
  for (size_t i = 0, at = 0; i < 2 * panels; i++) {
    for (size_t t = 0; t < tokens; t++) ht_avx2_finish(job, 16 * panel + 8 * i, token + t, acc[at++]);
  }
}

/// Several panels at once, which stay in the cache while all tokens pass.
HT_INLINE void ht_avx2_matmul(ht_format format, ht_format which, const ht_matmul *job, size_t panel_begin,
                              size_t panel_end) {
  const size_t panels_max = ht_tile_panels(job);
  for (size_t panel = panel_begin; panel < panel_end; panel += panels_max) {
    const size_t panels = panel_end - panel < panels_max ? panel_end - panel : panels_max;
    for (size_t token = 0; token < job->tokens; token += HT_TOKENS) {
      const size_t tokens = job->tokens - token < HT_TOKENS ? job->tokens - token : HT_TOKENS;
      ht_avx2_tile(format, which, job, panel, panels, token, tokens);
    }
  }
}

#pragma clang attribute pop

/// Defines the kernel of one format.
#define HT_MATMUL_AVX2(name, format)                                                                     \
  HT_TARGET void ht_matmul_##name##__avx2(const ht_matmul *job, size_t panel_begin, size_t panel_end) {  \
    ht_avx2_matmul(format, format, job, panel_begin, panel_end);                                         \
  }

/// Defines the kernel that several formats share, as a function `name` with one more parameter; then one format's.
#define HT_MATMUL_AVX2_FAMILY(name, format)                                                              \
  HT_TARGET static __attribute__((noinline)) void name(ht_format which, const ht_matmul *job,            \
                                                       size_t panel_begin, size_t panel_end) {           \
    ht_avx2_matmul(format, which, job, panel_begin, panel_end);                                          \
  }
#define HT_MATMUL_AVX2_MEMBER(name, family, format)                                                      \
  HT_TARGET void ht_matmul_##name##__avx2(const ht_matmul *job, size_t panel_begin, size_t panel_end) {  \
    family(format, job, panel_begin, panel_end);                                                         \
  }
#else
#define HT_MATMUL_AVX2(name, format)
#define HT_MATMUL_AVX2_FAMILY(name, format)
#define HT_MATMUL_AVX2_MEMBER(name, family, format)
#endif
