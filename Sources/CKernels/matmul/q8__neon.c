// SPDX-License-Identifier: Apache-2.0
// Matmul of q8_0 with ARMv8.0 Advanced SIMD.
#define HT_SDOT 0
#include "neon.h"

HT_MATMUL_ARM(q8_0, neon, HT_Q8_0)
