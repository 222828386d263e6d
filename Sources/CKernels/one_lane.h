// SPDX-License-Identifier: Apache-2.0
// The scalar reference's side of lanes.h: one number, no libm, nothing beyond the baseline of the architecture.
#pragma once
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "f16.h"
#include "soft_fma.h"

#pragma STDC FP_CONTRACT OFF

#if defined(HT_BOARD)  // a call each: small
#define NUM_FUNCTION static __attribute__((noinline, unused))
#endif

typedef float num;
typedef uint32_t num_bits;

#if defined(__aarch64__) || defined(__FMA__)
static inline num num_fma(num a, num b, num c) { return ht_fmaf(a, b, c); }
#else  // a call each: in line, the polynomials would take 30 KiB
static __attribute__((noinline, unused)) num num_fma(num a, num b, num c) { return ht_fmaf(a, b, c); }
#endif
static inline num_bits num_as_bits(num x) {
  uint32_t bits;
  memcpy(&bits, &x, 4);
  return bits;
}
static inline num num_of_bits(num_bits bits) {
  float x;
  memcpy(&x, &bits, 4);
  return x;
}
static inline num num_sqrt(num x) { return __builtin_elementwise_sqrt(x); }

/// The f16 nearest to x, ties to even.
static inline uint16_t f16_of_f32(float x) {
  uint32_t bits = num_as_bits(x), sign = bits >> 16 & 0x8000, magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000) return (uint16_t)(sign | 0x7e00 | (magnitude >> 13 & 0x3ff));  // NaN
  if (magnitude >= 0x477ff000) return (uint16_t)(sign | 0x7c00);                             // 65520 and above
  if (magnitude < 0x38800000) {  // below 2⁻¹⁴: adding 1/2 rounds to multiples of 2⁻²⁴, the subnormals' step
    return (uint16_t)(sign | (num_as_bits(num_of_bits(magnitude) + 0.5f) - 0x3f000000));
  }
  uint32_t odd = magnitude >> 13 & 1;
  return (uint16_t)(sign | (magnitude - (112u << 23) + 0xfff + odd) >> 13);
}

/// The sum of 16 lanes by the tree of specs/numerics.md §2.
static inline float one_lane_tree(float lanes[16]) {
  for (size_t half = 8; half > 0; half /= 2) {
    for (size_t i = 0; i < half; i++) lanes[i] = lanes[i] + lanes[i + half];
  }
  return lanes[0];
}
