// SPDX-License-Identifier: Apache-2.0
// Matmul of iq4_nl, iq4_xs and mxfp4 with AVX2: one kernel, since they differ in their scales alone.
#include "avx2.h"

HT_MATMUL_AVX2_FAMILY(codebook, HT_IQ4_NL)
HT_MATMUL_AVX2_MEMBER(iq4_nl, codebook, HT_IQ4_NL)
HT_MATMUL_AVX2_MEMBER(iq4_xs, codebook, HT_IQ4_XS)
HT_MATMUL_AVX2_MEMBER(mxfp4, codebook, HT_MXFP4)
