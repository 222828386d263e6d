// SPDX-License-Identifier: Apache-2.0
// Matmul of q8_0 in plain C.
#include "scalar.h"

HT_MATMUL_SCALAR(q8_0, HT_Q8_0)
