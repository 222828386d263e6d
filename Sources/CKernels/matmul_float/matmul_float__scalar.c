// SPDX-License-Identifier: Apache-2.0
// Matmuls with float weights, the reference: one output after the other.
#include "../kernels_float.h"
#include "../one_lane.h"
#include "../small.h"

HT_SMALL_BEGIN

typedef float weight_reader(const uint8_t *panel, size_t index);

static float read_f32(const uint8_t *panel, size_t index) {
  float w;
  memcpy(&w, panel + 4 * index, 4);
  return w;
}
static float read_f16(const uint8_t *panel, size_t index) {
  uint16_t half;
  memcpy(&half, panel + 2 * index, 2);
  return ht_f16(half);
}
static float read_bf16(const uint8_t *panel, size_t index) {
  uint16_t upper;
  memcpy(&upper, panel + 2 * index, 2);
  return ht_bf16(upper);
}

static void matmul(weight_reader *read, size_t byte_count, const ht_matmul *job, size_t panel_begin, size_t panel_end) {
  size_t panel_byte_count = (job->k + 31) / 32 * 32 * 16 * byte_count;
  for (size_t token = 0; token < job->tokens; token++) {
    const float *x = (const float *)(job->x + token * job->x_stride);
    for (size_t row = 16 * panel_begin; row < 16 * panel_end && row < job->rows; row++) {
      const uint8_t *panel = job->w + row / 16 * panel_byte_count;
      float acc = 0;
      for (size_t k = 0; k < job->k; k++) acc = num_fma(read(panel, 16 * k + row % 16), x[k], acc);
      if (job->bias) acc = acc + job->bias[row];
      if (job->residual) acc = acc + job->residual[token * job->residual_stride + row];
      job->y[token * job->y_stride + row] = acc;
    }
  }
}

void ht_matmul_f32__scalar(const ht_matmul *job, size_t panel_begin, size_t panel_end) {
  matmul(read_f32, 4, job, panel_begin, panel_end);
}
void ht_matmul_f16__scalar(const ht_matmul *job, size_t panel_begin, size_t panel_end) {
  matmul(read_f16, 2, job, panel_begin, panel_end);
}
void ht_matmul_bf16__scalar(const ht_matmul *job, size_t panel_begin, size_t panel_end) {
  matmul(read_bf16, 2, job, panel_begin, panel_end);
}

HT_SMALL_END
