// SPDX-License-Identifier: Apache-2.0
// Matmul of q4_0, q4_1 and q4_k with AVX2.
#include "avx2.h"

HT_MATMUL_AVX2(q4_0, HT_Q4_0)
HT_MATMUL_AVX2(q4_1, HT_Q4_1)
HT_MATMUL_AVX2(q4_k, HT_Q4_K)
