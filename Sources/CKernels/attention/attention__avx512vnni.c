// SPDX-License-Identifier: Apache-2.0
// Attention, AVX-512.
#include "../kernels_float.h"
#if defined(__x86_64__) && !defined(HT_BOARD)
#include "../lanes__avx512vnni.h"
#include "attention.h"
#include "kv_append.h"
#pragma clang attribute pop
#endif
