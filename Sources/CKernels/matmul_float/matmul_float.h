// SPDX-License-Identifier: Apache-2.0
// Matmuls with float weights: four panels of 16 rows by four tokens a step. Layout: specs/weights.md; order of
// operations: specs/numerics.md §4.
#pragma once
#include "../tile/tile.h"

enum { MATMUL_PANELS = 4 };

/// Adds bias and residual to `sums`, the results of one token for rows `row` ..< `row + count`, and writes them.
LANES_INLINE void matmul_finish(const ht_matmul *job, size_t token, size_t row, size_t count, const float *sums) {
  float *y = job->y + token * job->y_stride;
  const float *residual = job->residual ? job->residual + token * job->residual_stride : NULL;
  for (size_t i = 0; i < count; i += 16, row += 16) {
    size_t lanes = count - i < 16 ? count - i : 16;
    num sum = lanes_load(sums + i);
    if (job->bias) sum = sum + lanes_load_up_to(job->bias + row, lanes);
    if (residual) sum = sum + lanes_load_up_to(residual + row, lanes);
    lanes_store_up_to(y + row, sum, lanes);
  }
}

/// The three formats differ in the tile and in the bytes of 16 weights.
static LANES_DRIVER void matmul_panels(tile_function *tile, size_t step, const ht_matmul *job, size_t panel_begin,
                                       size_t panel_end) {
  size_t panel_byte_count = (job->k + 31) / 32 * 32 * step;
  float sums[TILE_ROWS_MAX][16 * MATMUL_PANELS] __attribute__((aligned(64)));
  for (size_t panel = panel_begin; panel < panel_end; panel += MATMUL_PANELS) {
    size_t panels = panel_end - panel < MATMUL_PANELS ? panel_end - panel : MATMUL_PANELS;
    if (16 * panel >= job->rows) return;
    size_t rows = job->rows - 16 * panel < 16 * panels ? job->rows - 16 * panel : 16 * panels;
    for (size_t token = 0; token < job->tokens; token += TILE_ROWS_MAX) {
      size_t tokens = job->tokens - token < TILE_ROWS_MAX ? job->tokens - token : TILE_ROWS_MAX;
      tile_job work = {.b = job->w + panel * panel_byte_count, .count = job->k, .step = step,
                       .column_step = panel_byte_count};
      for (size_t t = 0; t < tokens; t++) {
        work.a[t] = (const float *)(job->x + (token + t) * job->x_stride);
        work.out[t] = sums[t];
      }
      tile(&work, tokens, (rows + 15) / 16);
      for (size_t t = 0; t < tokens; t++) matmul_finish(job, token + t, 16 * panel, rows, sums[t]);
    }
  }
}

void KERNEL(matmul_f32)(const ht_matmul *job, size_t panel_begin, size_t panel_end) {
  matmul_panels(KERNEL(tile_f32), 64, job, panel_begin, panel_end);
}

void KERNEL(matmul_f16)(const ht_matmul *job, size_t panel_begin, size_t panel_end) {
  matmul_panels(KERNEL(tile_f16), 32, job, panel_begin, panel_end);
}

void KERNEL(matmul_bf16)(const ht_matmul *job, size_t panel_begin, size_t panel_end) {
  matmul_panels(KERNEL(tile_bf16), 32, job, panel_begin, panel_end);
}
