// SPDX-License-Identifier: Apache-2.0
// Sixteen lanes in one AVX-512 register of 32. The including file pops the attribute.
#pragma once
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define KERNEL(name) ht_##name##__avx512vnni
#define TILE_COLUMNS_1 4
#define TILE_COLUMNS_2 4
#define TILE_COLUMNS_4 4
#define TILE_BROADCAST_COLUMNS 4

#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx2,fma,f16c"))), \
                             apply_to = function)
#include "lanes.h"
#include "lanes_math.h"
