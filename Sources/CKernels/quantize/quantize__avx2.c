// SPDX-License-Identifier: Apache-2.0
// Activations to 8 bits with AVX2: a whole group at once. Spec: specs/numerics.md §3. Serves AVX-512 too on the board,
// for its size.
#include "../kernels.h"
#include "../matmul/panel.h"
#if defined(__x86_64__)
#include <immintrin.h>

#pragma STDC FP_CONTRACT OFF
#pragma clang attribute push(__attribute__((target("avx2,fma,f16c"))), apply_to = function)

/// The largest of eight numbers, none of them NaN.
static float largest_of(__m256 x) {
  __m128 four = _mm_max_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps(x, 1));
  four = _mm_max_ps(four, _mm_movehl_ps(four, four));
  return _mm_cvtss_f32(_mm_max_ss(four, _mm_movehdup_ps(four)));
}

void ht_quantize__avx2(const float *x, size_t k, uint8_t *row, size_t begin, size_t end) {
  ht_q8_parts parts = ht_q8_parts_of(k);
  const size_t whole = k / 32 < end ? k / 32 : end;
  size_t group = begin;
  for (; group < whole; group++) {
    const float *in = x + 32 * group;
    __m256 value[4], largest8 = _mm256_setzero_ps();
    for (int i = 0; i < 4; i++) {
      value[i] = _mm256_loadu_ps(in + 8 * i);
      largest8 = _mm256_max_ps(_mm256_andnot_ps(_mm256_set1_ps(-0.0f), value[i]), largest8);  // never a NaN
    }
    float largest = largest_of(largest8);
    float scale = largest / 127, inverse = largest > 0 ? 127 / largest : 0;
    __m256i quant[4];
    for (int i = 0; i < 4; i++) {
      __m256 clamped = _mm256_max_ps(_mm256_mul_ps(value[i], _mm256_set1_ps(inverse)), _mm256_set1_ps(-127));
      quant[i] = _mm256_cvtps_epi32(_mm256_min_ps(clamped, _mm256_set1_ps(127)));
    }
    __m256i low = _mm256_packs_epi32(quant[0], quant[1]), high = _mm256_packs_epi32(quant[2], quant[3]);
    __m256i bytes = _mm256_packs_epi16(low, high);  // fours of columns, in the order 0 2 4 6 1 3 5 7
    bytes = _mm256_permutevar8x32_epi32(bytes, _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7));
    _mm256_storeu_si256((void *)(row + 32 * group), bytes);
    __m256i pairs = _mm256_madd_epi16(_mm256_add_epi16(low, high), _mm256_set1_epi16(1));
    __m128i fours = _mm_add_epi32(_mm256_castsi256_si128(pairs), _mm256_extracti128_si256(pairs, 1));
    fours = _mm_add_epi32(fours, _mm_shuffle_epi32(fours, 0x4e));
    int32_t sum = _mm_cvtsi128_si32(_mm_add_epi32(fours, _mm_shuffle_epi32(fours, 0xb1)));
    float scaled = scale * (float)sum;
    memcpy(row + parts.scales + 4 * group, &scale, 4);
    memcpy(row + parts.sums + 4 * group, &sum, 4);
    memcpy(row + parts.scaled_sums + 4 * group, &scaled, 4);
  }
  ht_quantize__scalar(x, k, row, group, end);  // the group that is not full; and the zeros at the end
}

#pragma clang attribute pop
#endif
