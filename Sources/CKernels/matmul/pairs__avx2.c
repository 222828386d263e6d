// SPDX-License-Identifier: Apache-2.0
// Matmul of q2_k and q3_k with AVX2: one kernel, since they differ in little.
#include "avx2.h"

HT_MATMUL_AVX2_FAMILY(pairs, HT_Q3_K)
HT_MATMUL_AVX2_MEMBER(q2_k, pairs, HT_Q2_K)
HT_MATMUL_AVX2_MEMBER(q3_k, pairs, HT_Q3_K)
