// SPDX-License-Identifier: Apache-2.0
// Matmul of q8_0 with AVX-512 VNNI.
#include "avx512vnni.h"

HT_MATMUL_AVX512VNNI(q8_0, HT_Q8_0)
