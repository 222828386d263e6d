// SPDX-License-Identifier: Apache-2.0
// Stored vectors against a query with ARMv8.2 sdot: a quarter of a line (4 vectors) is one operand, a quad of the query
// is taken from a lane. Layout: specs/index.md §5.
#include "../kernels.h"
#if defined(__aarch64__)
#include <arm_neon.h>

#pragma STDC FP_CONTRACT OFF

__attribute__((target("dotprod"))) void ht_search__dotprod(const int8_t *vectors, const float *scales,
                                                           const int8_t *query, size_t k, size_t panels,
                                                           float *scores) {
  for (size_t panel = 0; panel < panels; panel++) {
    int32x4_t acc[4];
    for (int v = 0; v < 4; v++) acc[v] = vdupq_n_s32(0);
    for (size_t i = 0; i < k; i += 16, vectors += 256) {
      const int8x16_t q = vld1q_s8(query + i);
#pragma clang loop unroll(full)
      for (int v = 0; v < 4; v++) {
        acc[v] = vdotq_laneq_s32(acc[v], vld1q_s8(vectors + 16 * v), q, 0);
        acc[v] = vdotq_laneq_s32(acc[v], vld1q_s8(vectors + 64 + 16 * v), q, 1);
        acc[v] = vdotq_laneq_s32(acc[v], vld1q_s8(vectors + 128 + 16 * v), q, 2);
        acc[v] = vdotq_laneq_s32(acc[v], vld1q_s8(vectors + 192 + 16 * v), q, 3);
      }
    }
    for (int v = 0; v < 4; v++) {
      const size_t row = 16 * panel + 4 * (size_t)v;
      vst1q_f32(scores + row, vmulq_f32(vcvtq_f32_s32(acc[v]), vld1q_f32(scales + row)));
    }
  }
}
#endif
