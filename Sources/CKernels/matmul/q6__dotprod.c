// SPDX-License-Identifier: Apache-2.0
// Matmul of q6_0 and q6_k with ARMv8.2 dot products.
#define HT_SDOT 1
#include "neon.h"

HT_MATMUL_ARM(q6_0, dotprod, HT_Q6_0)
HT_MATMUL_ARM(q6_k, dotprod, HT_Q6_K)
