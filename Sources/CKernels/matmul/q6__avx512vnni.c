// SPDX-License-Identifier: Apache-2.0
// Matmul of q6_0 and q6_k with AVX-512 VNNI.
#include "avx512vnni.h"

HT_MATMUL_AVX512VNNI(q6_0, HT_Q6_0)
HT_MATMUL_AVX512VNNI(q6_k, HT_Q6_K)
