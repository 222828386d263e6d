// SPDX-License-Identifier: Apache-2.0
// Matmul of q2_k and q3_k with AVX-512 VNNI: one kernel, since they differ in little.
#include "avx512vnni.h"

HT_MATMUL_AVX512VNNI_FAMILY(pairs, HT_Q3_K)
HT_MATMUL_AVX512VNNI_MEMBER(q2_k, pairs, HT_Q2_K)
HT_MATMUL_AVX512VNNI_MEMBER(q3_k, pairs, HT_Q3_K)
