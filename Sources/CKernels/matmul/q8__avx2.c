// SPDX-License-Identifier: Apache-2.0
// Matmul of q8_0 with AVX2.
#include "avx2.h"

HT_MATMUL_AVX2(q8_0, HT_Q8_0)
