// SPDX-License-Identifier: Apache-2.0
// Matmul of q6_0 and q6_k with ARMv8.0 Advanced SIMD.
#define HT_SDOT 0
#include "neon.h"

HT_MATMUL_ARM(q6_0, neon, HT_Q6_0)
HT_MATMUL_ARM(q6_k, neon, HT_Q6_K)
