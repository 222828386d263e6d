// SPDX-License-Identifier: Apache-2.0
// Matmul of iq4_nl, iq4_xs and mxfp4 with ARMv8.0 Advanced SIMD: one kernel, since they differ in their scales alone.
#define HT_SDOT 0
#include "neon.h"

HT_MATMUL_ARM_FAMILY(codebook, HT_IQ4_NL)
HT_MATMUL_ARM_MEMBER(iq4_nl, neon, codebook, HT_IQ4_NL)
HT_MATMUL_ARM_MEMBER(iq4_xs, neon, codebook, HT_IQ4_XS)
HT_MATMUL_ARM_MEMBER(mxfp4, neon, codebook, HT_MXFP4)
