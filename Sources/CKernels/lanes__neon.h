// SPDX-License-Identifier: Apache-2.0
// Sixteen lanes in four NEON registers (32 of them), the baseline of aarch64: the attribute only keeps the
// including files alike. The dotprod table takes these functions too.
#pragma once
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define KERNEL(name) ht_##name##__neon
#define TILE_COLUMNS_1 4
#define TILE_COLUMNS_2 2
#define TILE_COLUMNS_4 1
#define TILE_BROADCAST_COLUMNS 1

#pragma clang attribute push(__attribute__((target("neon"))), apply_to = function)
#include "lanes.h"
#include "lanes_math.h"
