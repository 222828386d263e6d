// SPDX-License-Identifier: Apache-2.0
// The inner loop of attention and of the float matmuls: a few rows times a few columns of sixteen lanes,
// out[r][c] = Σ_i a[r][i]·b[i][c], one fma after the other with i upward. Rows share each load of b; rows × columns chains
// run at once and hide the latency of fma. The including file sets TILE_COLUMNS_1 … 4: columns at once for 1 … 4 rows.
#pragma once
#include "lanes.h"

#define TILE_ROWS_MAX 4

/// What b holds. TILE_I8_SCALED: bytes times the f16 scale of their row and pair of columns.
typedef enum { TILE_F32, TILE_F16, TILE_BF16, TILE_I8, TILE_I8_SCALED } tile_kind;

typedef struct {
  const float *a[TILE_ROWS_MAX];  ///< f32 (count) for each row
  float *out[TILE_ROWS_MAX];      ///< f32 (16·columns) for each row
  const uint8_t *b;
  size_t count;                   ///< i
  size_t step;                    ///< bytes from b[i] to b[i+1]
  size_t column_step;             ///< bytes from one column of lanes to the next
  const uint8_t *scales;          ///< TILE_I8_SCALED: f16, at `step` bytes from i to i+1; one for two columns
  size_t resume;                  ///< 1: go on from what `out` holds; 0: start from +0
} tile_job;

LANES_INLINE num tile_load(tile_kind kind, const uint8_t *from) {
  switch (kind) {
    case TILE_F32: return lanes_load((const float *)from);
    case TILE_F16: return lanes_load_f16(from);
    case TILE_BF16: return lanes_load_bf16(from);
    case TILE_I8:
    case TILE_I8_SCALED: return lanes_load_i8(from);
  }
}

LANES_INLINE num tile_scale(const uint8_t *from) { return (num)(float)*(const _Float16 *)from; }

/// `rows` × `columns` chains, from column `first` on. Constants after inlining: the chains are registers.
LANES_INLINE void tile_chains(tile_kind kind, int rows, int columns, const tile_job *job, size_t first) {
  num sum[TILE_ROWS_MAX][4];
  const uint8_t *b = job->b + first * job->column_step, *scales = job->scales + first / 2 * 2;
  size_t count = job->count, step = job->step, column_step = job->column_step;
  const float *a[TILE_ROWS_MAX];
#pragma clang loop unroll(full)
  for (int r = 0; r < rows; r++) a[r] = job->a[r];
#pragma clang loop unroll(full)
  for (int r = 0; r < rows; r++) {
#pragma clang loop unroll(full)
    for (int c = 0; c < columns; c++) {
      sum[r][c] = (num)(0.0f);
      if (job->resume) sum[r][c] = lanes_load(job->out[r] + 16 * (first + (size_t)c));
    }
  }
  for (size_t i = 0; i < count; i++) {
    num column[4];
#pragma clang loop unroll(full)
    for (int c = 0; c < columns; c++) {
      column[c] = tile_load(kind, b + (size_t)c * column_step);
      if (kind == TILE_I8_SCALED) column[c] = column[c] * tile_scale(scales + c / 2 * 2);
    }
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++) {
      num x = (num)(a[r][i]);
#pragma clang loop unroll(full)
      for (int c = 0; c < columns; c++) sum[r][c] = num_fma(x, column[c], sum[r][c]);
    }
    b += step;
    if (kind == TILE_I8_SCALED) scales += step;
  }
#pragma clang loop unroll(full)
  for (int r = 0; r < rows; r++) {
#pragma clang loop unroll(full)
    for (int c = 0; c < columns; c++) lanes_store(job->out[r] + 16 * (first + (size_t)c), sum[r][c]);
  }
}

LANES_INLINE void tile_rows(tile_kind kind, int rows, int at_once, const tile_job *job, size_t columns) {
  size_t first = 0;
  for (; first + (size_t)at_once <= columns; first += (size_t)at_once) tile_chains(kind, rows, at_once, job, first);
  for (; first < columns; first++) tile_chains(kind, rows, 1, job, first);
}

/// The whole tile: 1 … 4 rows, any number of columns.
LANES_INLINE void tile_run(tile_kind kind, const tile_job *job, size_t rows, size_t columns) {
  switch (rows) {
    case 1: return tile_rows(kind, 1, TILE_COLUMNS_1, job, columns);
    case 2: return tile_rows(kind, 2, TILE_COLUMNS_2, job, columns);
    case 3: return tile_rows(kind, 3, TILE_COLUMNS_3, job, columns);
    default: return tile_rows(kind, 4, TILE_COLUMNS_4, job, columns);
  }
}

/// One function of code for a kind, whatever the number of calls.
#define TILE_FUNCTION(name, kind)                                                                    \
  static __attribute__((noinline)) void name(const tile_job *job, size_t rows, size_t columns) { \
    tile_run(kind, job, rows, columns);                                                              \
  }
