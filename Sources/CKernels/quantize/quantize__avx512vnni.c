// SPDX-License-Identifier: Apache-2.0
// Activations to 8 bits with AVX-512: four groups at once share their divisions and the ends of their sums. Spec:
// specs/numerics.md §3.
#include "../kernels.h"
#include "../matmul/panel.h"
#if defined(__x86_64__) && !defined(HT_BOARD)
#include <immintrin.h>

#pragma STDC FP_CONTRACT OFF
#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512vl,avx512dq"))), apply_to = function)

/// Lane g of 4: the largest of the 16 numbers of `x[g]`, none of them NaN.
HT_INLINE __m128 largest_of_four(const __m512 *x) {
  const __m512 ab = _mm512_max_ps(_mm512_unpacklo_ps(x[0], x[1]), _mm512_unpackhi_ps(x[0], x[1]));
  const __m512 cd = _mm512_max_ps(_mm512_unpacklo_ps(x[2], x[3]), _mm512_unpackhi_ps(x[2], x[3]));
  const __m512 all = _mm512_max_ps(_mm512_shuffle_ps(ab, cd, 0x44), _mm512_shuffle_ps(ab, cd, 0xee));
  const __m256 eight = _mm256_max_ps(_mm512_castps512_ps256(all), _mm512_extractf32x8_ps(all, 1));
  return _mm_max_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
}

/// Lane g of 4: the sum of the 16 numbers of `x[g]`.
HT_INLINE __m128i sum_of_four(const __m512i *x) {
  const __m512i ab = _mm512_add_epi32(_mm512_unpacklo_epi32(x[0], x[1]), _mm512_unpackhi_epi32(x[0], x[1]));
  const __m512i cd = _mm512_add_epi32(_mm512_unpacklo_epi32(x[2], x[3]), _mm512_unpackhi_epi32(x[2], x[3]));
  const __m512i all = _mm512_add_epi32(_mm512_unpacklo_epi64(ab, cd), _mm512_unpackhi_epi64(ab, cd));
  const __m256i eight = _mm256_add_epi32(_mm512_castsi512_si256(all), _mm512_extracti32x8_epi32(all, 1));
  return _mm_add_epi32(_mm256_castsi256_si128(eight), _mm256_extracti128_si256(eight, 1));
}

/// Groups `group` ..< `group` + `count`, at most four, all of them whole.
HT_INLINE void quantize_groups(const float *x, uint8_t *row, ht_q8_parts parts, size_t group, int count) {
  const float *in = x + 32 * group;
  __m512 value[8], largest[4];
  for (int g = 0; g < 4; g++) {
    largest[g] = _mm512_setzero_ps();
    for (int i = 2 * g; i < 2 * g + 2 && g < count; i++) {
      value[i] = _mm512_loadu_ps(in + 16 * i);
      largest[g] = _mm512_max_ps(_mm512_abs_ps(value[i]), largest[g]);  // never a NaN
    }
  }
  const __m128 most = largest_of_four(largest), limit = _mm_set1_ps(127);
  const __mmask8 live = (__mmask8)((1 << count) - 1), some = _mm_cmp_ps_mask(most, _mm_setzero_ps(), _CMP_GT_OQ);
  const __m128 scale = _mm_div_ps(most, limit), inverse = _mm_maskz_div_ps(some, limit, most);
  __m512i sums[4];
  for (int g = 0; g < 4; g++) {
    sums[g] = _mm512_setzero_si512();
    for (int i = 2 * g; i < 2 * g + 2 && g < count; i++) {
      const __m512 factor = _mm512_permutexvar_ps(_mm512_set1_epi32(g), _mm512_castps128_ps512(inverse));
      const __m512 clamped = _mm512_max_ps(_mm512_mul_ps(value[i], factor), _mm512_set1_ps(-127));
      const __m512i quants = _mm512_cvtps_epi32(_mm512_min_ps(clamped, _mm512_set1_ps(127)));
      _mm_storeu_si128((void *)(row + 32 * group + 16 * i), _mm512_cvtepi32_epi8(quants));
      sums[g] = _mm512_add_epi32(sums[g], quants);
    }
  }
  const __m128i sum = sum_of_four(sums);
  _mm_mask_storeu_ps(row + parts.scales + 4 * group, live, scale);
  _mm_mask_storeu_epi32(row + parts.sums + 4 * group, live, sum);
  _mm_mask_storeu_ps(row + parts.scaled_sums + 4 * group, live, _mm_mul_ps(scale, _mm_cvtepi32_ps(sum)));
}

void ht_quantize__avx512vnni(const float *x, size_t k, uint8_t *row, size_t begin, size_t end) {
  const ht_q8_parts parts = ht_q8_parts_of(k);
  const size_t whole = k / 32 < end ? k / 32 : end;
  size_t group = begin;
  for (; group + 4 <= whole; group += 4) quantize_groups(x, row, parts, group, 4);
  for (; group < whole; group++) quantize_groups(x, row, parts, group, 1);
  ht_quantize__scalar(x, k, row, group, end);  // the group that is not full; and the zeros at the end
}

#pragma clang attribute pop
#endif
