// SPDX-License-Identifier: Apache-2.0
// Pointwise, NEON.
#include "../kernels_float.h"
#if defined(__aarch64__)
#include "../lanes__neon.h"
#include "pointwise.h"
#pragma clang attribute pop
#endif
