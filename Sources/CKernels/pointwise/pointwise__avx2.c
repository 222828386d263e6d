// SPDX-License-Identifier: Apache-2.0
// Pointwise, AVX2.
#include "../kernels_float.h"
#if defined(__x86_64__)
#include "../lanes__avx2.h"
#include "pointwise.h"
#pragma clang attribute pop
#endif
