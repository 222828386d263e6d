// SPDX-License-Identifier: Apache-2.0
// Sixteen lanes of f32 as one compiler vector: one register of AVX-512, two of AVX2, four of NEON. Kernel bodies are
// written once over these, and compiled for an instruction set by the file that includes them after lanes__ISA.h.
#pragma once
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#pragma STDC FP_CONTRACT OFF
#pragma clang diagnostic ignored "-Wpsabi"  // sixteen lanes are passed to inlined functions only

#define LANES_INLINE static inline __attribute__((always_inline))
// What only drives the inner loops: not unrolled, not vectorised by the compiler on its own.
#define LANES_DRIVER __attribute__((noinline, minsize))

typedef float num __attribute__((ext_vector_type(16)));
typedef uint32_t num_bits __attribute__((ext_vector_type(16)));
typedef int32_t i32x16 __attribute__((ext_vector_type(16)));

// The same numbers at any address.
typedef float f32x16_anywhere __attribute__((ext_vector_type(16), aligned(4), may_alias));
typedef _Float16 f16x16_anywhere __attribute__((ext_vector_type(16), aligned(2), may_alias));
typedef uint16_t u16x16_anywhere __attribute__((ext_vector_type(16), aligned(2), may_alias));
typedef int8_t i8x16_anywhere __attribute__((ext_vector_type(16), aligned(1), may_alias));

LANES_INLINE num num_fma(num a, num b, num c) { return __builtin_elementwise_fma(a, b, c); }
LANES_INLINE num_bits num_as_bits(num x) { return __builtin_bit_cast(num_bits, x); }
LANES_INLINE num num_of_bits(num_bits bits) { return __builtin_bit_cast(num, bits); }
LANES_INLINE float one_sqrt(float x) { return __builtin_elementwise_sqrt(x); }

LANES_INLINE num lanes_load(const float *from) { return *(const f32x16_anywhere *)from; }
LANES_INLINE void lanes_store(float *to, num x) { *(f32x16_anywhere *)to = x; }
LANES_INLINE num lanes_load_f16(const uint8_t *from) {
  return __builtin_convertvector(*(const f16x16_anywhere *)from, num);
}
/// Rounds to nearest even.
LANES_INLINE void lanes_store_f16(uint8_t *to, num x) {
  *(f16x16_anywhere *)to = __builtin_convertvector(x, f16x16_anywhere);
}
LANES_INLINE num lanes_load_bf16(const uint8_t *from) {
  return num_of_bits(__builtin_convertvector(*(const u16x16_anywhere *)from, num_bits) << 16);
}
LANES_INLINE num lanes_load_i8(const uint8_t *from) {
  return __builtin_convertvector(__builtin_convertvector(*(const i8x16_anywhere *)from, i32x16), num);
}

/// How many of `left` numbers sixteen lanes take.
LANES_INLINE size_t lanes_left(size_t left) { return left < 16 ? left : 16; }
/// The first `count` (0 ... 16) numbers; the other lanes are zero.
LANES_INLINE num lanes_load_up_to(const float *from, size_t count) {
  if (count == 16) return lanes_load(from);
  num x = 0;
  memcpy(&x, from, count * sizeof(float));
  return x;
}
LANES_INLINE void lanes_store_up_to(float *to, num x, size_t count) {
  if (count == 16) return lanes_store(to, x);
  memcpy(to, &x, count * sizeof(float));
}

/// The sum by the tree of specs/numerics.md §2: i + (i+8), i + (i+4), i + (i+2), 0 + 1.
LANES_INLINE float lanes_sum(num x) {
  float __attribute__((ext_vector_type(8))) a = x.lo + x.hi;
  float __attribute__((ext_vector_type(4))) b = a.lo + a.hi;
  float __attribute__((ext_vector_type(2))) c = b.lo + b.hi;
  return c.x + c.y;
}
LANES_INLINE num lanes_max(num a, num b) { return a > b ? a : b; }
/// The largest lane; no lane is a NaN.
LANES_INLINE float lanes_largest(num x) {
  float __attribute__((ext_vector_type(8))) a = x.lo > x.hi ? x.lo : x.hi;
  float __attribute__((ext_vector_type(4))) b = a.lo > a.hi ? a.lo : a.hi;
  float __attribute__((ext_vector_type(2))) c = b.lo > b.hi ? b.lo : b.hi;
  return c.x > c.y ? c.x : c.y;
}
