// SPDX-License-Identifier: Apache-2.0
// Matmul of q2_k and q3_k with ARMv8.2 dot products: one kernel, since they differ in little.
#define HT_SDOT 1
#include "neon.h"

HT_MATMUL_ARM_FAMILY(pairs, HT_Q3_K)
HT_MATMUL_ARM_MEMBER(q2_k, dotprod, pairs, HT_Q2_K)
HT_MATMUL_ARM_MEMBER(q3_k, dotprod, pairs, HT_Q3_K)
