// SPDX-License-Identifier: Apache-2.0
// Matmul of q8_0 with ARMv8.2 dot products.
#define HT_SDOT 1
#include "neon.h"

HT_MATMUL_ARM(q8_0, dotprod, HT_Q8_0)
