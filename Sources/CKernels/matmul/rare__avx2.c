// SPDX-License-Identifier: Apache-2.0
// Matmul of the formats that few files have, on the board: one kernel for all, which looks at the format as it goes.
#include "../small.h"
#include "avx2.h"
#if defined(HT_BOARD)

HT_SMALL_BEGIN
HT_MATMUL_AVX2_FAMILY(rare, which)
HT_MATMUL_AVX2_MEMBER(q5_0, rare, HT_Q5_0)
HT_MATMUL_AVX2_MEMBER(q5_1, rare, HT_Q5_1)
HT_MATMUL_AVX2_MEMBER(q6_0, rare, HT_Q6_0)
HT_MATMUL_AVX2_MEMBER(q2_k, rare, HT_Q2_K)
HT_MATMUL_AVX2_MEMBER(q3_k, rare, HT_Q3_K)
HT_MATMUL_AVX2_MEMBER(iq4_nl, rare, HT_IQ4_NL)
HT_MATMUL_AVX2_MEMBER(iq4_xs, rare, HT_IQ4_XS)
HT_MATMUL_AVX2_MEMBER(mxfp4, rare, HT_MXFP4)
HT_SMALL_END
#endif
