// SPDX-License-Identifier: Apache-2.0
// The functions of tile.h, one for each kind of b.
#pragma once
#include "tile.h"

typedef enum { TILE_F32, TILE_F16, TILE_BF16, TILE_I8, TILE_I8_SCALED } tile_kind;

LANES_INLINE num tile_load(tile_kind kind, const uint8_t *from) {
  switch (kind) {
    case TILE_F32: return lanes_load((const float *)from);
    case TILE_F16: return lanes_load_f16(from);
    case TILE_BF16: return lanes_load_bf16(from);
    case TILE_I8:
    case TILE_I8_SCALED: return lanes_load_i8(from);
  }
}

/// Hides that two indexes are the same, so that a broadcast is loaded again instead of holding a register.
LANES_INLINE size_t tile_opaque(size_t index) {
  __asm__("" : "+r"(index));
  return index;
}

/// `rows` × `columns` chains, from column `first` on. Constants after inlining: the chains are registers.
LANES_INLINE void tile_chains(tile_kind kind, int rows, int columns, const tile_job *job, size_t first) {
  num sum[TILE_ROWS_MAX][4];
  const uint8_t *b = job->b + first * job->column_step;
  const float *a[TILE_ROWS_MAX], *scales = kind == TILE_I8_SCALED ? job->scales + first / 2 : NULL;
  size_t count = job->count, step = job->step, column_step = job->column_step;
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
#pragma clang loop unroll(disable)
  for (size_t i = 0; i < count; i++) {
    size_t index = i;
#pragma clang loop unroll(full)
    for (int c = 0; c < columns; c++) {
      num column = tile_load(kind, b + (size_t)c * column_step);
      if (kind == TILE_I8_SCALED) column = column * (num)(scales[i * TILE_SCALES + (size_t)c / 2]);
      if (c > 0 && c % TILE_BROADCAST_COLUMNS == 0) index = tile_opaque(i);
#pragma clang loop unroll(full)
      for (int r = 0; r < rows; r++) sum[r][c] = num_fma((num)(a[r][index]), column, sum[r][c]);
    }
    b += step;
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
  if (at_once == 1) return;
  for (; first < columns; first++) tile_chains(kind, rows, 1, job, first);
}

/// Three rows, and two where two have no code of their own, are four with the last one again: the same numbers twice.
static LANES_DRIVER tile_job tile_four(const tile_job *job, size_t rows) {
  tile_job four = *job;
  for (size_t r = rows; r < TILE_ROWS_MAX; r++) four.a[r] = four.a[rows - 1], four.out[r] = four.out[rows - 1];
  return four;
}

#define TILE_FUNCTION(name, kind)                                                      \
  void KERNEL(name)(const tile_job *job, size_t rows, size_t columns) {                \
    if (rows == 1) return tile_rows(kind, 1, TILE_COLUMNS_1, job, columns);            \
    if (rows == 2 && kind != TILE_F32 && kind != TILE_BF16)                            \
      return tile_rows(kind, 2, TILE_COLUMNS_2, job, columns);                         \
    tile_job four = tile_four(job, rows);                                              \
    tile_rows(kind, 4, TILE_COLUMNS_4, &four, columns);                                \
  }

TILE_FUNCTION(tile_f32, TILE_F32)
TILE_FUNCTION(tile_f16, TILE_F16)
TILE_FUNCTION(tile_bf16, TILE_BF16)
TILE_FUNCTION(tile_i8, TILE_I8)
TILE_FUNCTION(tile_i8_scaled, TILE_I8_SCALED)
