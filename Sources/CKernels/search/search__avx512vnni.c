// SPDX-License-Identifier: Apache-2.0
// Stored vectors against a query with AVX-512 VNNI: one line is one operand, a lane is a vector. Stored numbers become
// unsigned by adding 128, which the sum takes back at its start. Layout: specs/index.md §5.
#include "../kernels.h"
#if defined(__x86_64__)
#include <immintrin.h>
#include <string.h>

#pragma STDC FP_CONTRACT OFF
#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni"))), \
                             apply_to = function)

enum { AHEAD = 4096 };  // bytes: further than the processor's own prefetcher, which stops at a page

void ht_search__avx512vnni(const int8_t *vectors, const float *scales, const int8_t *query, size_t k, size_t panels,
                           float *scores) {
  const __m512i flip = _mm512_set1_epi8((char)0x80);
  int32_t sum = 0;
  for (size_t i = 0; i < k; i++) sum += query[i];
  for (size_t panel = 0; panel < panels; panel++) {
    __m512i acc[4] = {_mm512_set1_epi32(-128 * sum)};
    for (size_t i = 0; i < k; i += 16) {
      for (int j = 0; j < 4; j++, vectors += 64) {
        int32_t quad;
        memcpy(&quad, query + i + 4 * j, 4);
        _mm_prefetch((const char *)vectors + AHEAD, _MM_HINT_T0);
        const __m512i line = _mm512_xor_si512(_mm512_load_si512(vectors), flip);
        acc[j] = _mm512_dpbusd_epi32(acc[j], line, _mm512_set1_epi32(quad));
      }
    }
    const __m512i dot = _mm512_add_epi32(_mm512_add_epi32(acc[0], acc[1]), _mm512_add_epi32(acc[2], acc[3]));
    const size_t row = 16 * panel;
    _mm512_storeu_ps(scores + row, _mm512_mul_ps(_mm512_cvtepi32_ps(dot), _mm512_loadu_ps(scales + row)));
  }
}

#pragma clang attribute pop
#endif
