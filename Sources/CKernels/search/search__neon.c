// SPDX-License-Identifier: Apache-2.0
// Stored vectors against a query with Advanced SIMD: a quarter of a line (4 vectors) is one operand. Two products of
// 128 · 127 fit 16 bits (the query's numbers are never −128). Layout: specs/index.md §5.
#include "../kernels.h"
#if defined(__aarch64__)
#include <arm_neon.h>

#pragma STDC FP_CONTRACT OFF

/// A quad of the query, four times.
static inline int8x16_t four_times(const int8_t *query) {
  return vreinterpretq_s8_s32(vld1q_dup_s32((const int32_t *)(const void *)query));
}

void ht_search__neon(const int8_t *vectors, const float *scales, const int8_t *query, size_t k, size_t panels,
                     float *scores) {
  for (size_t panel = 0; panel < panels; panel++) {
    int32x4_t acc[8];
    for (int v = 0; v < 8; v++) acc[v] = vdupq_n_s32(0);
    for (size_t i = 0; i < k; i += 8, vectors += 128) {
      const int8x16_t q0 = four_times(query + i), q1 = four_times(query + i + 4);
#pragma clang loop unroll(full)
      for (int v = 0; v < 4; v++) {
        const int8x16_t w0 = vld1q_s8(vectors + 16 * v), w1 = vld1q_s8(vectors + 64 + 16 * v);
        const int16x8_t low = vmlal_s8(vmull_s8(vget_low_s8(w0), vget_low_s8(q0)), vget_low_s8(w1), vget_low_s8(q1));
        const int16x8_t high = vmlal_high_s8(vmull_high_s8(w0, q0), w1, q1);
        acc[2 * v] = vpadalq_s16(acc[2 * v], low);
        acc[2 * v + 1] = vpadalq_s16(acc[2 * v + 1], high);
      }
    }
    for (int v = 0; v < 4; v++) {
      const size_t row = 16 * panel + 4 * (size_t)v;
      const float32x4_t dot = vcvtq_f32_s32(vpaddq_s32(acc[2 * v], acc[2 * v + 1]));
      vst1q_f32(scores + row, vmulq_f32(dot, vld1q_f32(scales + row)));
    }
  }
}
#endif
