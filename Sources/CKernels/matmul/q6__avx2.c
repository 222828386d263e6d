// SPDX-License-Identifier: Apache-2.0
// Matmul of q6_0 and q6_k with AVX2.
#include "avx2.h"

HT_MATMUL_AVX2(q6_k, HT_Q6_K)
#if !defined(HT_BOARD)  // rare__avx2.c has it
HT_MATMUL_AVX2(q6_0, HT_Q6_0)
#endif
