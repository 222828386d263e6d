// SPDX-License-Identifier: Apache-2.0
// Matmul of q5_0, q5_1 and q5_k with ARMv8.0 Advanced SIMD.
#define HT_SDOT 0
#include "neon.h"

HT_MATMUL_ARM(q5_0, neon, HT_Q5_0)
HT_MATMUL_ARM(q5_1, neon, HT_Q5_1)
HT_MATMUL_ARM(q5_k, neon, HT_Q5_K)
