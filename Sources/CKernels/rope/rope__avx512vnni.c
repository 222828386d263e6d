// SPDX-License-Identifier: Apache-2.0
// Rotary positions, AVX-512.
#include "../kernels_float.h"
#if defined(__x86_64__) && !defined(HT_BOARD)
#include "../lanes__avx512vnni.h"
#include "rope.h"
#pragma clang attribute pop
#endif
