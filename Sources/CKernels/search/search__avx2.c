// SPDX-License-Identifier: Apache-2.0
// Stored vectors against a query with AVX2: half a line (8 vectors) is one operand. The sign of a stored number moves
// to the query's, whose numbers are never −128: two products of 128 · 127 fit 16 bits. Serves AVX-512 too: memory is
// the limit. Layout: specs/index.md §5.
#include "../kernels.h"
#if defined(__x86_64__)
#include <immintrin.h>
#include <string.h>

#pragma STDC FP_CONTRACT OFF
#pragma clang attribute push(__attribute__((target("avx2"))), apply_to = function)

void ht_search__avx2(const int8_t *vectors, const float *scales, const int8_t *query, size_t k, size_t panels,
                     float *scores) {
  const __m256i one = _mm256_set1_epi16(1);
  for (size_t panel = 0; panel < panels; panel++) {
    __m256i low = _mm256_setzero_si256(), high = low;
    for (size_t i = 0; i < k; i += 4, vectors += 64) {
      int32_t quad;
      memcpy(&quad, query + i, 4);
      const __m256i q = _mm256_set1_epi32(quad);
      const __m256i a = _mm256_load_si256((const void *)vectors);
      const __m256i b = _mm256_load_si256((const void *)(vectors + 32));
      low = _mm256_add_epi32(
          low, _mm256_madd_epi16(_mm256_maddubs_epi16(_mm256_abs_epi8(a), _mm256_sign_epi8(q, a)), one));
      high = _mm256_add_epi32(
          high, _mm256_madd_epi16(_mm256_maddubs_epi16(_mm256_abs_epi8(b), _mm256_sign_epi8(q, b)), one));
    }
    const size_t row = 16 * panel;
    _mm256_storeu_ps(scores + row, _mm256_mul_ps(_mm256_cvtepi32_ps(low), _mm256_loadu_ps(scales + row)));
    _mm256_storeu_ps(scores + row + 8, _mm256_mul_ps(_mm256_cvtepi32_ps(high), _mm256_loadu_ps(scales + row + 8)));
  }
}

#pragma clang attribute pop
#endif
