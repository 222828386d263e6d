// SPDX-License-Identifier: Apache-2.0
// Normalisation, NEON.
#include "../kernels_float.h"
#if defined(__aarch64__)
#include "../lanes__neon.h"
#include "norm.h"
#pragma clang attribute pop
#endif
