// SPDX-License-Identifier: Apache-2.0
// Float matmuls, NEON.
#include "../kernels_float.h"
#if defined(__aarch64__)
#include "../lanes__neon.h"
#include "matmul_float.h"
#pragma clang attribute pop
#endif
