// SPDX-License-Identifier: Apache-2.0
// Matmul of iq4_nl, iq4_xs and mxfp4 in plain C.
#include "scalar.h"

HT_MATMUL_SCALAR(iq4_nl, HT_IQ4_NL)
HT_MATMUL_SCALAR(iq4_xs, HT_IQ4_XS)
HT_MATMUL_SCALAR(mxfp4, HT_MXFP4)
