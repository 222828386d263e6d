// SPDX-License-Identifier: Apache-2.0
// Activations to 8 bits with Advanced SIMD: a whole group at once. Spec: specs/numerics.md §3. Serves dotprod too.
#include "../kernels.h"
#include "../matmul/panel.h"
#if defined(__aarch64__)
#include <arm_neon.h>

#pragma STDC FP_CONTRACT OFF

/// a > b ? a : b, which takes b where a is NaN (fmax would not).
static inline float32x4_t larger(float32x4_t a, float32x4_t b) { return vbslq_f32(vcgtq_f32(a, b), a, b); }
static inline float32x4_t smaller(float32x4_t a, float32x4_t b) { return vbslq_f32(vcltq_f32(a, b), a, b); }

void ht_quantize__neon(const float *x, size_t k, uint8_t *row, size_t begin, size_t end) {
  ht_q8_parts parts = ht_q8_parts_of(k);
  const size_t whole = k / 32 < end ? k / 32 : end;
  size_t group = begin;
  for (; group < whole; group++) {
    float32x4_t value[8];
    uint32x4_t largest4 = vdupq_n_u32(0);
    for (int i = 0; i < 8; i++) {  // as integers, since a compiler may take a signalling NaN for the larger float
      value[i] = vld1q_f32(x + 32 * group + 4 * i);
      uint32x4_t bits = vreinterpretq_u32_f32(vabsq_f32(value[i]));
      largest4 = vmaxq_u32(largest4, vandq_u32(bits, vcleq_u32(bits, vdupq_n_u32(0x7f800000))));
    }
    uint32_t largest_bits = vmaxvq_u32(largest4);
    float largest;
    memcpy(&largest, &largest_bits, 4);
    float scale = largest / 127, inverse = largest > 0 ? 127 / largest : 0;
    int16x8_t quant[4];
    for (int i = 0; i < 4; i++) {
      int32x4_t wide[2];
      for (int j = 0; j < 2; j++) {
        float32x4_t clamped = larger(vmulq_f32(value[2 * i + j], vdupq_n_f32(inverse)), vdupq_n_f32(-127));
        wide[j] = vcvtnq_s32_f32(smaller(clamped, vdupq_n_f32(127)));
      }
      quant[i] = vcombine_s16(vmovn_s32(wide[0]), vmovn_s32(wide[1]));
    }
    int8_t *out = (int8_t *)row + 32 * group;
    vst1q_s8(out, vcombine_s8(vmovn_s16(quant[0]), vmovn_s16(quant[1])));
    vst1q_s8(out + 16, vcombine_s8(vmovn_s16(quant[2]), vmovn_s16(quant[3])));
    int32_t sum = vaddlvq_s16(vaddq_s16(vaddq_s16(quant[0], quant[1]), vaddq_s16(quant[2], quant[3])));
    float scaled = scale * (float)sum;
    memcpy(row + parts.scales + 4 * group, &scale, 4);
    memcpy(row + parts.sums + 4 * group, &sum, 4);
    memcpy(row + parts.scaled_sums + 4 * group, &scaled, 4);
  }
  ht_quantize__scalar(x, k, row, group, end);  // the group that is not full; and the zeros at the end
}
#endif
