// SPDX-License-Identifier: Apache-2.0
// Matmul of q4_0, q4_1 and q4_k with ARMv8.2 dot products.
#define HT_SDOT 1
#include "neon.h"

HT_MATMUL_ARM(q4_0, dotprod, HT_Q4_0)
HT_MATMUL_ARM(q4_1, dotprod, HT_Q4_1)
HT_MATMUL_ARM(q4_k, dotprod, HT_Q4_K)
