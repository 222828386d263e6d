// SPDX-License-Identifier: Apache-2.0
// The integer matmul with AVX-512 VNNI: one line of weights is one operand, a lane is a row, a quad of activations is
// broadcast from memory. Spec: specs/numerics.md §4. `format` and the tile's size are constant in each copy; one copy
// serves the three formats with a codebook, one q2_k and q3_k: there `which` says at run time which it is.
#pragma once
#include "../kernels.h"
#include "panel.h"
#include "streams.h"
#if defined(__x86_64__)
#include <immintrin.h>

#pragma STDC FP_CONTRACT OFF
#define HT_TARGET __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni")))
#pragma clang attribute push(HT_TARGET, apply_to = function)

#define HT_UNROLL _Pragma("clang loop unroll(full)")

/// Keeps the loads before it before those after it.
#define HT_IN_ORDER __asm__ volatile("" ::: "memory")

/// A group of q2_k or q3_k as unsigned bytes.
HT_INLINE void ht_avx512_load_pairs(ht_format which, const uint8_t *body, __m512i *w) {
  HT_UNROLL for (int i = 0; i < 2; i++) {
    const __m512i line = _mm512_load_si512(body + 64 * i);
    HT_IN_ORDER;
    HT_UNROLL for (int j = 0; j < 4; j++) {
      w[4 * i + j] = _mm512_and_si512(_mm512_srli_epi16(line, 2 * (unsigned)j), _mm512_set1_epi8(3));
    }
  }
  if (which != HT_Q3_K) return;
  const __m512i line = _mm512_load_si512(body + 64 * 2);
  HT_UNROLL for (int j = 0; j < 8; j++) {
    const __m512i high =
        j < 2 ? _mm512_slli_epi16(line, 2 - (unsigned)j) : _mm512_srli_epi16(line, (unsigned)j - 2);
    w[j] = _mm512_ternarylogic_epi32(high, _mm512_set1_epi8(4), w[j], 0xea);  // (high & mask) | low
  }
}

/// The eight quads of a group as unsigned bytes; of q8_0 and of a codebook 128 more than they are. The lines are loaded
/// in their order, which the compiler would change: the processor's prefetcher runs ahead half as fast when a stream
/// jumps back.
HT_INLINE void ht_avx512_load_group(ht_format format, ht_format which, const uint8_t *body, __m512i codebook,
                                    __m512i *w) {
  if (ht_kind(format) == HT_KIND_PAIRS) return ht_avx512_load_pairs(which, body, w);
  const int bits = ht_bits(format);
  __m512i lines[8];
  HT_UNROLL for (int i = 0; i < bits; i++) {
    lines[i] = _mm512_load_si512(body + 64 * i);
    HT_IN_ORDER;
  }
  HT_UNROLL for (int j = 0; j < 8; j++) {
    if (format == HT_Q8_0) {
      w[j] = _mm512_xor_si512(lines[j], _mm512_set1_epi8((char)0x80));
      continue;
    }
    w[j] = _mm512_and_si512(j % 2 ? _mm512_srli_epi16(lines[j / 2], 4) : lines[j / 2], _mm512_set1_epi8(15));
    if (ht_has_codebook(format)) {
      w[j] = _mm512_shuffle_epi8(codebook, w[j]);
    } else if (bits == 5) {
      __m512i high = j < 4 ? _mm512_slli_epi16(lines[4], 4 - j) : _mm512_srli_epi16(lines[4], j - 4);
      w[j] = _mm512_ternarylogic_epi32(high, _mm512_set1_epi8(0x10), w[j], 0xea);  // (high & mask) | low
    } else if (bits == 6) {
      __m512i high = lines[4 + j / 4];
      high = j % 4 < 2 ? _mm512_slli_epi16(high, 4 - 2 * (j % 4)) : _mm512_srli_epi16(high, 2 * (j % 4) - 4);
      w[j] = _mm512_ternarylogic_epi32(high, _mm512_set1_epi8(0x30), w[j], 0xea);
    }
  }
}

/// Sixteen f16 as f32.
HT_INLINE __m512 ht_avx512_halves(const uint8_t *at) { return _mm512_cvtph_ps(_mm256_load_si256((const void *)at)); }

/// Thirty-two 6-bit scales of a group; in iq4_xs the first sixteen are a row each.
HT_INLINE __m256i ht_avx512_six(ht_format which, const uint8_t *unit, size_t within) {
  const ht_six_parts parts = ht_six_parts_of(which);
  const __m256i nibbles = _mm256_loadu_si256((const void *)(unit + parts.nibbles + parts.width * (within % 4)));
  const __m256i pairs = _mm256_loadu_si256((const void *)(unit + parts.pairs + parts.width * (within % 2)));
  const __m256i low = _mm256_srl_epi16(nibbles, _mm_cvtsi64_si128((long long)(within & 4)));
  const __m256i high = _mm256_srl_epi16(pairs, _mm_cvtsi64_si128((long long)(within / 2 * 2)));
  const __m256i both = _mm256_or_si256(_mm256_and_si256(low, _mm256_set1_epi8(15)),
                                       _mm256_slli_epi16(_mm256_and_si256(high, _mm256_set1_epi8(3)), 4));
  return _mm256_sub_epi8(both, _mm256_set1_epi8(32));
}

/// The factors d of a format with a codebook.
HT_INLINE __m512 ht_avx512_codebook_scales(ht_format which, const uint8_t *unit, size_t within) {
  if (which == HT_IQ4_NL) return ht_avx512_halves(unit + 32 * within);
  if (which == HT_IQ4_XS) {
    const __m512i s = _mm512_cvtepi8_epi32(_mm256_castsi256_si128(ht_avx512_six(which, unit, within)));
    return _mm512_mul_ps(ht_avx512_halves(unit), _mm512_cvtepi32_ps(s));
  }
  // ht_e8m0_half: the greater of what holds from 2 on and of what holds below.
  const __m512i e = _mm512_cvtepu8_epi32(_mm_load_si128((const void *)(unit + 16 * within)));
  const __m512i one = _mm512_set1_epi32(1);
  const __m512i subnormal = _mm512_slli_epi32(_mm512_min_epi32(_mm512_add_epi32(e, one), _mm512_set1_epi32(2)), 21);
  return _mm512_castsi512_ps(_mm512_max_epi32(_mm512_slli_epi32(_mm512_sub_epi32(e, one), 23), subnormal));
}

/// What one group's scales are for its 16 rows. In q2_k and q3_k s0 holds the scales of both halves in 16 bits each, s1
/// the same again (q3_k) or their minima (q2_k).
typedef struct {
  __m512 d, m, s;
  __m512i s0, s1;
} ht_avx512_scales;

HT_INLINE ht_avx512_scales ht_avx512_pair_scales(ht_format which, const uint8_t *unit, size_t within) {
  ht_avx512_scales scales;
  __m256i s, t;
  if (which == HT_Q3_K) {
    t = s = ht_avx512_six(which, unit, within);
  } else {
    const __m256i packed = _mm256_load_si256((const void *)(unit + 64 + 32 * within));
    s = _mm256_and_si256(packed, _mm256_set1_epi8(15));
    t = _mm256_and_si256(_mm256_srli_epi16(packed, 4), _mm256_set1_epi8(15));
  }
  scales.s0 = _mm512_cvtepi8_epi16(s);
  scales.s1 = _mm512_cvtepi8_epi16(t);
  scales.d = ht_avx512_halves(unit);
  scales.m = ht_avx512_halves(unit + 32);
  return scales;
}

HT_INLINE ht_avx512_scales ht_avx512_load_scales(ht_format format, ht_format which, const uint8_t *unit,
                                                 size_t within) {
  if (ht_kind(format) == HT_KIND_PAIRS) return ht_avx512_pair_scales(which, unit, within);
  ht_avx512_scales scales;
  if (ht_has_codebook(format)) {
    scales.d = ht_avx512_codebook_scales(which, unit, within);
    return scales;
  }
  switch (ht_kind(format)) {
    case HT_KIND_D: scales.d = ht_avx512_halves(unit + 32 * within); break;
    case HT_KIND_DM:
      scales.d = ht_avx512_halves(unit);
      scales.m = ht_avx512_halves(unit + 32);
      break;
    case HT_KIND_K: {
      const __m128i *at = (const void *)(unit + 64 + 16 * within);
      scales.d = ht_avx512_halves(unit);
      scales.s = _mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(_mm_load_si128(at)));
      __m512 t = _mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(_mm_load_si128(at + 8)));
      t = _mm512_mul_ps(ht_avx512_halves(unit + 32), t);
      scales.m = _mm512_xor_ps(t, _mm512_set1_ps(-0.0f));
      break;
    }
    default: {
      const __m128i *at = (const void *)(unit + 64 + 32 * within);
      scales.d = ht_avx512_halves(unit);
      scales.s0 = _mm512_cvtepi8_epi32(_mm_load_si128(at));
      scales.s1 = _mm512_cvtepi8_epi32(_mm_load_si128(at + 1));
    }
  }
  return scales;
}

/// −`factor` times the sums of the 16 half groups of a unit; half h is at 4·(h mod 4) + h/4. For q2_k and q3_k there
/// are both halves of a group in one number, where its first is: the first in the low 16 bits, the second above; and a
/// second plane is four places further.
HT_INLINE void ht_avx512_half_sums(ht_format format, const uint8_t *x, size_t apart, int8_t factor, int32_t *out) {
  __m512i all = _mm512_setzero_si512();
  for (const uint8_t *plane = x - apart;; plane = x) {
    __m512i sums[4];
    HT_UNROLL for (int i = 0; i < 4; i++) {
      const __m512i bytes = _mm512_loadu_si512(plane + 64 * i);
      sums[i] = _mm512_dpbusd_epi32(_mm512_setzero_si512(), _mm512_set1_epi8(factor), bytes);
    }
    __m512i ab = _mm512_add_epi32(_mm512_unpacklo_epi32(sums[0], sums[1]), _mm512_unpackhi_epi32(sums[0], sums[1]));
    __m512i cd = _mm512_add_epi32(_mm512_unpacklo_epi32(sums[2], sums[3]), _mm512_unpackhi_epi32(sums[2], sums[3]));
    all = _mm512_sub_epi32(all, _mm512_add_epi32(_mm512_unpacklo_epi64(ab, cd), _mm512_unpackhi_epi64(ab, cd)));
    if (format != HT_Q6_K) {
      const __m512i second = _mm512_slli_epi32(_mm512_shuffle_i32x4(all, all, 0xb1), 16);
      _mm512_mask_storeu_epi32(out, 0x0f0f, _mm512_mask_blend_epi16(0xaaaaaaaa, all, second));
      out += 4;
    }
    if (plane == x) break;
    all = format == HT_Q6_K ? _mm512_slli_epi32(all, 7) : _mm512_setzero_si512();
  }
  if (format == HT_Q6_K) _mm512_store_si512(out, all);
}

/// −zero point times the sums of up to 16 groups.
HT_INLINE void ht_avx512_sums(ht_format format, const uint8_t *sums, size_t groups, int32_t *out) {
  const bool is_shifted = format == HT_Q8_0 || ht_has_codebook(format);
  const int shift = is_shifted ? 7 : format == HT_Q4_0 ? 3 : format == HT_Q5_0 ? 4 : 5;
  __mmask16 mask = groups < 16 ? (__mmask16)((1u << groups) - 1) : (__mmask16)0xffff;
  __m512i all = _mm512_slli_epi32(_mm512_maskz_loadu_epi32(mask, sums), (unsigned)shift);
  _mm512_store_si512(out, _mm512_sub_epi32(_mm512_setzero_si512(), all));
}

/// Adds the dots of quads `from` ..< `to` with the activations at `x`. Two chains of four, where nothing else is long,
/// are faster than one of eight: more tokens are then in flight.
HT_INLINE __m512i ht_avx512_dot(__m512i sum, const __m512i *w, const uint8_t *x, int from, int to) {
  HT_UNROLL for (int j = from; j < to; j++) {
    sum = _mm512_dpbusd_epi32(sum, w[j], _mm512_set1_epi32(ht_load32(x + 4 * j)));
  }
  return sum;
}

/// The dots of a group with all planes of a token, the first halves' and the second's, the first added to `start`.
typedef struct {
  __m512i low, high;
} ht_avx512_halves_of;
HT_INLINE ht_avx512_halves_of ht_avx512_dots(const __m512i *w, const uint8_t *x, size_t apart, __m512i start,
                                             __m512i start_high) {
  const __m512i zero = _mm512_setzero_si512();
  if (apart) {
    start = _mm512_add_epi32(start, _mm512_slli_epi32(ht_avx512_dot(zero, w, x - apart, 0, 4), 7));
    start_high = _mm512_add_epi32(start_high, _mm512_slli_epi32(ht_avx512_dot(zero, w, x - apart, 4, 8), 7));
  }
  return (ht_avx512_halves_of){ht_avx512_dot(start, w, x, 0, 4), ht_avx512_dot(start_high, w, x, 4, 8)};
}

/// One group of one panel with one token: acc of specs/numerics.md §4. `corrections`: what the zero point takes from
/// the dots, one number, or with q6_k two, four places apart; or what half_sums left for q2_k and q3_k.
HT_INLINE __m512 ht_avx512_step(ht_format format, ht_format which, __m512 acc, const __m512i *w,
                                const ht_avx512_scales *scales, const uint8_t *row, size_t apart, size_t group,
                                ht_q8_parts parts, const int32_t *corrections) {
  const uint8_t *x = row + 32 * group;
  const __m512i zero = _mm512_setzero_si512();
  const __m512 scale = _mm512_set1_ps(ht_load_float(row + parts.scales + 4 * group));
  __m512 d = _mm512_mul_ps(scales->d, scale);
  __m512 dot;
  if (ht_kind(format) == HT_KIND_PAIRS) {  // the dots of halves fit in 16 bits: 16 · 7 · 127
    __m512i sum = zero, rest = zero;
    for (const uint8_t *plane = x - apart;; plane = x) {
      const __m512i high = _mm512_slli_epi32(ht_avx512_dot(zero, w, plane, 4, 8), 16);
      const __m512i halves = _mm512_mask_blend_epi16(0xaaaaaaaa, ht_avx512_dot(zero, w, plane, 0, 4), high);
      sum = _mm512_dpwssd_epi32(sum, scales->s0, halves);
      rest = _mm512_dpwssd_epi32(rest, scales->s1, _mm512_set1_epi32(*corrections));
      if (plane == x) break;
      corrections += 4;
      sum = _mm512_slli_epi32(sum, 7);
      rest = _mm512_slli_epi32(rest, 7);
    }
    if (which == HT_Q3_K) return _mm512_fmadd_ps(_mm512_cvtepi32_ps(_mm512_add_epi32(sum, rest)), d, acc);
    acc = _mm512_fmadd_ps(_mm512_cvtepi32_ps(sum), d, acc);
    return _mm512_fmadd_ps(_mm512_cvtepi32_ps(rest), _mm512_mul_ps(scales->m, scale), acc);
  }
  const bool is_split = ht_kind(format) == HT_KIND_K6, has_start = is_split || ht_kind(format) == HT_KIND_D;
  ht_avx512_halves_of dots = ht_avx512_dots(w, x, apart, has_start ? _mm512_set1_epi32(corrections[0]) : zero,
                                            is_split ? _mm512_set1_epi32(corrections[4]) : zero);
  if (is_split) {
    dots.low = _mm512_mullo_epi32(dots.low, scales->s0);
    dots.high = _mm512_mullo_epi32(dots.high, scales->s1);
  }
  dot = _mm512_cvtepi32_ps(_mm512_add_epi32(dots.low, dots.high));
  if (ht_kind(format) == HT_KIND_K) dot = _mm512_mul_ps(dot, scales->s);  // both are integers below 2^24
  acc = _mm512_fmadd_ps(dot, d, acc);
  if (ht_kind(format) == HT_KIND_D || ht_kind(format) == HT_KIND_K6) return acc;
  return _mm512_fmadd_ps(scales->m, _mm512_set1_ps(ht_load_float(row + parts.scaled_sums + 4 * group)), acc);
}

/// y = acc (+ bias) (+ residual) for the rows of a panel that exist.
HT_INLINE void ht_avx512_finish(const ht_matmul *job, size_t panel, size_t token, __m512 acc) {
  size_t row = 16 * panel, count = job->rows - row;
  if (count >= 16) {
    if (job->bias) acc = _mm512_add_ps(acc, _mm512_loadu_ps(job->bias + row));
    if (job->residual) acc = _mm512_add_ps(acc, _mm512_loadu_ps(job->residual + token * job->residual_stride + row));
    _mm512_storeu_ps(job->y + token * job->y_stride + row, acc);
    return;
  }
  __mmask16 mask = (__mmask16)((1u << count) - 1);
  if (job->bias) acc = _mm512_add_ps(acc, _mm512_maskz_loadu_ps(mask, job->bias + row));
  if (job->residual) {
    acc = _mm512_add_ps(acc, _mm512_maskz_loadu_ps(mask, job->residual + token * job->residual_stride + row));
  }
  _mm512_mask_storeu_ps(job->y + token * job->y_stride + row, mask, acc);
}

/// `panels` panels with `tokens` tokens. Each group is unpacked once; the sums wait on the stack, which costs less than
/// a copy of this code for each count of tokens.
HT_INLINE void ht_avx512_tile(ht_format format, ht_format which, const ht_matmul *job, size_t panel, size_t panels,
                              size_t token, size_t tokens) {
  const ht_q8_parts parts = ht_q8_parts_of(job->k);
  const size_t shift = ht_unit_shift(which), group_bytes = 64 * ht_group_lines(which);
  const size_t head_bytes = 64 * ht_unit_head_lines(which), unit_bytes = head_bytes + (group_bytes << shift);
  const size_t panel_bytes = ht_panel_byte_count(which, parts.groups);
  const bool by_halves = format == HT_Q6_K || ht_kind(format) == HT_KIND_PAIRS;
  const __m512i codebook = _mm512_xor_si512(
      _mm512_broadcast_i32x4(_mm_load_si128((const void *)ht_codebook(which))), _mm512_set1_epi8((char)0x80));
  const size_t stride = job->x_stride, apart = ht_planes_apart(job);
  const uint8_t *base = job->w + panel * panel_bytes, *rows = job->x + token * stride + apart;
  int32_t corrections[HT_TOKENS][16] __attribute__((aligned(64)));
  __m512 acc[HT_PANELS * HT_TOKENS];
  for (size_t group = 0; group < parts.groups; group++) {
    const size_t within = group & (((size_t)1 << shift) - 1);
    const uint8_t *unit = base + (group >> shift) * unit_bytes, *body = unit + head_bytes + within * group_bytes;
    if (by_halves && within == 0) {
      const int8_t factor = which == HT_Q6_K ? 32 : which == HT_Q3_K ? 4 : 1;
      for (size_t t = 0; t < tokens; t++) {
        ht_avx512_half_sums(format, rows + t * stride + 32 * group, apart, factor, corrections[t]);
      }
    } else if (ht_kind(format) == HT_KIND_D && group % 16 == 0) {
      const size_t at = parts.sums + 4 * group, left = parts.groups - group;
      for (size_t t = 0; t < tokens; t++) ht_avx512_sums(format, rows + t * stride + at, left, corrections[t]);
    }
    const __mmask16 is_later = group == 0 ? 0 : (__mmask16)0xffff;  // sums start from nothing
    const size_t place = by_halves ? 8 * (within % 2) + within / 2 : group % 16;
    __m512 *sum = acc;
    for (size_t p = 0; p < panels; p++) {
      const ht_avx512_scales scales = ht_avx512_load_scales(format, which, unit + p * panel_bytes, within);
      HT_IN_ORDER;
      __m512i w[8];
      ht_avx512_load_group(format, which, body + p * panel_bytes, codebook, w);
      for (size_t t = 0; t < tokens; t++, sum++) {
        const __m512 before = _mm512_maskz_load_ps(is_later, sum);
        *sum = ht_avx512_step(format, which, before, w, &scales, rows + t * stride, apart, group, parts,
                              &corrections[t][place]);
      }
    }
  }
  for (size_t i = 0, at = 0; i < panels; i++) {
    for (size_t t = 0; t < tokens; t++) ht_avx512_finish(job, panel + i, token + t, acc[at++]);
  }
}

/// Whether one token has a copy of the tile of its own, with the sums in registers, for 1 KB: with two planes the
/// arithmetic of these is near what memory gives. The others gain nothing there.
HT_INLINE bool ht_avx512_has_copy(ht_format format) {
  return format == HT_Q4_0 || format == HT_Q4_K;
}

/// Several panels at once, which stay in the cache while all tokens pass.
HT_INLINE void ht_avx512_matmul(ht_format format, ht_format which, const ht_matmul *job, size_t panel_begin,
                                size_t panel_end) {
  const size_t panels_max = ht_tile_panels(job);
  if (ht_avx512_has_copy(format) && panels_max * job->tokens == 1) {
    for (size_t panel = panel_begin; panel < panel_end; panel++) ht_avx512_tile(format, which, job, panel, 1, 0, 1);
    return;
  }
  for (size_t panel = panel_begin; panel < panel_end; panel += panels_max) {
    const size_t panels = panel_end - panel < panels_max ? panel_end - panel : panels_max;
    for (size_t token = 0; token < job->tokens; token += HT_TOKENS) {
      const size_t tokens = job->tokens - token < HT_TOKENS ? job->tokens - token : HT_TOKENS;
      ht_avx512_tile(format, which, job, panel, panels, token, tokens);
    }
  }
}

#pragma clang attribute pop

/// Defines the kernel of one format.
#define HT_MATMUL_AVX512VNNI(name, format)                                                                     \
  HT_TARGET void ht_matmul_##name##__avx512vnni(const ht_matmul *job, size_t panel_begin, size_t panel_end) {  \
    ht_avx512_matmul(format, format, job, panel_begin, panel_end);                                             \
  }

/// Defines the kernel that several formats share, as a function `name` with one more parameter; then one format's.
#define HT_MATMUL_AVX512VNNI_FAMILY(name, format)                                                              \
  HT_TARGET static __attribute__((noinline)) void name(ht_format which, const ht_matmul *job,                  \
                                                       size_t panel_begin, size_t panel_end) {                 \
    ht_avx512_matmul(format, which, job, panel_begin, panel_end);                                              \
  }
#define HT_MATMUL_AVX512VNNI_MEMBER(name, family, format)                                                      \
  HT_TARGET void ht_matmul_##name##__avx512vnni(const ht_matmul *job, size_t panel_begin, size_t panel_end) {  \
    family(format, job, panel_begin, panel_end);                                                               \
  }
#else
#define HT_MATMUL_AVX512VNNI(name, format)
#define HT_MATMUL_AVX512VNNI_FAMILY(name, format)
#define HT_MATMUL_AVX512VNNI_MEMBER(name, family, format)
#endif
