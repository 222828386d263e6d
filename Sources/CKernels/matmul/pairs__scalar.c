// SPDX-License-Identifier: Apache-2.0
// Matmul of q2_k and q3_k in plain C.
#include "scalar.h"

HT_MATMUL_SCALAR(q2_k, HT_Q2_K)
HT_MATMUL_SCALAR(q3_k, HT_Q3_K)
