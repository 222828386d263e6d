// SPDX-License-Identifier: Apache-2.0
// Activations to 15 bits, for the baseline of either architecture.
#include "../small.h"
#include "quantize16.h"

#if defined(__x86_64__)  // there only the reference: AVX2 has its own
HT_SMALL_BEGIN
#endif

void ht_quantize16__scalar(const float *x, size_t k, uint8_t *row, size_t begin, size_t end) {
  quantize16(x, k, row, begin, end);
}

#if defined(__x86_64__)
HT_SMALL_END
#endif
