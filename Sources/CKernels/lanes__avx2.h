// SPDX-License-Identifier: Apache-2.0
// Sixteen lanes in AVX2 registers (two of eight; sixteen registers in all). The including file pops the attribute.
#pragma once
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define KERNEL(name) ht_##name##__avx2
#define TILE_COLUMNS_1 4
#define TILE_COLUMNS_2 2
#define TILE_COLUMNS_4 1
#define TILE_BROADCAST_COLUMNS 1

#pragma clang attribute push(__attribute__((target("avx2,fma,f16c"))), apply_to = function)
#include "lanes.h"
#include "lanes_math.h"
