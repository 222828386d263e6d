// SPDX-License-Identifier: Apache-2.0
// Stored vectors against a query, element by element: the reference. Layout: specs/index.md §5.
#include "../kernels.h"
#include "../small.h"

#pragma STDC FP_CONTRACT OFF

HT_SMALL_BEGIN

void ht_search__scalar(const int8_t *vectors, const float *scales, const int8_t *query, size_t k, size_t panels,
                       float *scores) {
  for (size_t row = 0; row < 16 * panels; row++) {
    const int8_t *vector = vectors + row / 16 * 16 * k + row % 16 * 4;
    int32_t sum = 0;
    for (size_t i = 0; i < k; i++) sum += vector[i / 4 * 64 + i % 4] * query[i];
    scores[row] = (float)sum * scales[row];
  }
}

HT_SMALL_END
