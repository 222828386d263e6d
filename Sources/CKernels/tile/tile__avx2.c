// SPDX-License-Identifier: Apache-2.0
// Tiles, AVX2.
#if defined(__x86_64__)
#include "../lanes__avx2.h"
#include "tile_body.h"
#pragma clang attribute pop
#endif
