// SPDX-License-Identifier: Apache-2.0
// Tiles, AVX-512.
#if defined(__x86_64__) && !defined(HT_BOARD)
#include "../lanes__avx512vnni.h"
#include "tile_body.h"
#pragma clang attribute pop
#endif
