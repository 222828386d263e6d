// SPDX-License-Identifier: Apache-2.0
// Matmul of q5_0, q5_1 and q5_k with AVX-512 VNNI.
#include "avx512vnni.h"

HT_MATMUL_AVX512VNNI(q5_0, HT_Q5_0)
HT_MATMUL_AVX512VNNI(q5_1, HT_Q5_1)
HT_MATMUL_AVX512VNNI(q5_k, HT_Q5_K)
