// SPDX-License-Identifier: Apache-2.0
// Activations to 15 bits, for the baseline of either architecture.
#include "quantize16.h"

void ht_quantize16__scalar(const float *x, size_t k, uint8_t *row, size_t begin, size_t end) {
  quantize16(x, k, row, begin, end);
}
