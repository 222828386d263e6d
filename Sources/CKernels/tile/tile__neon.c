// SPDX-License-Identifier: Apache-2.0
// Tiles, NEON.
#if defined(__aarch64__)
#include "../lanes__neon.h"
#include "tile_body.h"
#pragma clang attribute pop
#endif
