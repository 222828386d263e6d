// SPDX-License-Identifier: Apache-2.0
// Float matmuls, AVX2.
#include "../kernels_float.h"
#if defined(__x86_64__)
#include "../lanes__avx2.h"
#include "matmul_float.h"
#pragma clang attribute pop
#endif
