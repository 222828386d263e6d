// SPDX-License-Identifier: Apache-2.0
// Matmul of q5_0, q5_1 and q5_k with ARMv8.2 dot products.
#define HT_SDOT 1
#include "neon.h"

HT_MATMUL_ARM(q5_0, dotprod, HT_Q5_0)
HT_MATMUL_ARM(q5_1, dotprod, HT_Q5_1)
HT_MATMUL_ARM(q5_k, dotprod, HT_Q5_K)
