// SPDX-License-Identifier: Apache-2.0
// Matmul of q6_0 and q6_k in plain C.
#include "scalar.h"

HT_MATMUL_SCALAR(q6_0, HT_Q6_0)
HT_MATMUL_SCALAR(q6_k, HT_Q6_K)
