// SPDX-License-Identifier: Apache-2.0
// Activations to 15 bits, AVX2. Serves AVX-512 too.
#include "../kernels.h"
#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2,fma,f16c"))), apply_to = function)
#include "quantize16.h"

void ht_quantize16__avx2(const float *x, size_t k, uint8_t *row, size_t begin, size_t end) {
  quantize16(x, k, row, begin, end);
}
#pragma clang attribute pop
#endif
