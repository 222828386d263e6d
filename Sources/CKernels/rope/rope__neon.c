// SPDX-License-Identifier: Apache-2.0
// Rotary positions, NEON.
#include "../kernels_float.h"
#if defined(__aarch64__)
#include "../lanes__neon.h"
#include "rope.h"
#pragma clang attribute pop
#endif
