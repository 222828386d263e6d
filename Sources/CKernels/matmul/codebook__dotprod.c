// SPDX-License-Identifier: Apache-2.0
// Matmul of iq4_nl, iq4_xs and mxfp4 with ARMv8.2 dot products: one kernel, since they differ in their scales alone.
#define HT_SDOT 1
#include "neon.h"

HT_MATMUL_ARM_FAMILY(codebook, HT_IQ4_NL)
HT_MATMUL_ARM_MEMBER(iq4_nl, dotprod, codebook, HT_IQ4_NL)
HT_MATMUL_ARM_MEMBER(iq4_xs, dotprod, codebook, HT_IQ4_XS)
HT_MATMUL_ARM_MEMBER(mxfp4, dotprod, codebook, HT_MXFP4)
