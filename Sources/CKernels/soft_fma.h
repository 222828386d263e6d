// SPDX-License-Identifier: Apache-2.0
// a·b + c rounded once, for processors without the instruction and without libm. ht_fmaf is what scalar code calls.
#pragma once
#include <stdint.h>
#include <string.h>

#pragma STDC FP_CONTRACT OFF

/// fmaf for all inputs, subnormals, infinities and NaN included (the NaN's sign and payload are unspecified).
///
/// The product of two floats is exact in a double. Its sum with c is rounded to odd: the double nearest to it, or, if
/// the sum is no double and that one is even, its odd neighbour on the other side of the sum. A double rounded to odd
/// has more than two bits beyond a float, normal or subnormal, so it rounds to the float that the exact sum rounds to.
static inline __attribute__((always_inline)) float ht_soft_fmaf(float a, float b, float c) {
  double product = (double)a * (double)b, addend = (double)c;
  double sum = product + addend;
  double shared = sum - product;
  double lost = (product - (sum - shared)) + (addend - shared);  // exactly sum's rounding error; NaN beside infinities
  uint64_t bits;
  memcpy(&bits, &sum, sizeof bits);
  if ((lost < 0 || lost > 0) && !(bits & 1)) {
    bits += (lost > 0) == !(bits >> 63) ? 1 : UINT64_MAX;
    memcpy(&sum, &bits, sizeof sum);
  }
  return (float)sum;
}

/// fmaf by the instruction where the baseline has it, else in software: the same bits.
static inline __attribute__((always_inline)) float ht_fmaf(float a, float b, float c) {
#if defined(__aarch64__) || defined(__FMA__)
  return __builtin_fmaf(a, b, c);
#else
  return ht_soft_fmaf(a, b, c);
#endif
}
