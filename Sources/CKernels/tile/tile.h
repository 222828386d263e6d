// SPDX-License-Identifier: Apache-2.0
// The inner loop of attention and of the float matmuls: a few rows times a few columns of sixteen lanes,
// out[r][c] = Σ_i a[r][i]·b[i][c], one fma after the other with i upward. Rows share each load of b; rows × columns
// chains run at once and hide the latency of fma. How many: TILE_COLUMNS_1, 2, 4 of lanes__ISA.h, for so many rows.
#pragma once

#define TILE_ROWS_MAX 4

typedef struct {
  const float *a[TILE_ROWS_MAX];  ///< f32 (count) for each row
  float *out[TILE_ROWS_MAX];      ///< f32 (16·columns) for each row
  const uint8_t *b;
  size_t count;                   ///< i
  size_t step;                    ///< bytes from b[i] to b[i+1]
  size_t column_step;             ///< bytes from one column of lanes to the next
  const float *scales;            ///< i8_scaled: f32 (count, TILE_SCALES), one for two columns
  size_t resume;                  ///< 1: go on from what `out` holds; 0: start from +0
} tile_job;

#define TILE_SCALES 4  // of one i in tile_job: eight columns

/// 1 … 4 rows, any number of columns (i8_scaled: up to eight).
typedef void tile_function(const tile_job *job, size_t rows, size_t columns);

/// What b holds: the weights of f32, f16 and bf16 panels, keys and values of f16 and of i8, i8 to be scaled first.
tile_function KERNEL(tile_f32), KERNEL(tile_f16), KERNEL(tile_bf16), KERNEL(tile_i8), KERNEL(tile_i8_scaled);
