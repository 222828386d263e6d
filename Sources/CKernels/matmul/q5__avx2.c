// SPDX-License-Identifier: Apache-2.0
// Matmul of q5_0, q5_1 and q5_k with AVX2.
#include "avx2.h"

HT_MATMUL_AVX2(q5_k, HT_Q5_K)
#if !defined(HT_BOARD)  // rare__avx2.c has them
HT_MATMUL_AVX2(q5_0, HT_Q5_0)
HT_MATMUL_AVX2(q5_1, HT_Q5_1)
#endif
