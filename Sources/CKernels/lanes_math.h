// SPDX-License-Identifier: Apache-2.0
// exp, tanh, erf and what is made of them, written once for one number (one_lane.h) and for sixteen (lanes.h): `num` is
// either. The same operations in the same order everywhere: specs/numerics.md §8; Tools/fit-polynomials.py found the
// coefficients. Include after one of the two.
#pragma once

#ifndef NUM_FUNCTION
#define NUM_FUNCTION static inline __attribute__((always_inline))
#endif
#define NUM(x) ((num)(x))  // a constant in every lane
#define NUM_BITS(x) ((num_bits)(x))

#define EXP_INFINITE_FROM 0x1.62e430p+6f  // 88.72284: the first number whose exp rounds beyond the largest f32
#define EXP_ZERO_BELOW (-0x1.5d589ep+6f)  // −87.33654: the last number whose exp is not subnormal

/// exp(x) where x ≤ 0 or NaN: the same bits as num_exp.
static inline __attribute__((always_inline)) num num_exp_below(num x) {
  const float magic = 0x1.8p+23f;  // adding it rounds to an integer and leaves that integer in the low bits
  num shifted = num_fma(x, NUM(0x1.715476p+0f), NUM(magic));
  num n = shifted - NUM(magic);
  num r = num_fma(n, NUM(-0x1.62e4p-1f), x);  // exact
  r = num_fma(n, NUM(-0x1.7f7d1cp-20f), r);   // x − n·ln 2
  num p = NUM(0x1.6ab8d4p-10f);
  p = num_fma(p, r, NUM(0x1.123d7p-7f));
  p = num_fma(p, r, NUM(0x1.55585ap-5f));
  p = num_fma(p, r, NUM(0x1.55548cp-3f));
  p = num_fma(p, r, NUM(0x1.fffffcp-2f));
  p = num_fma(p, r, NUM(1.0f));
  p = num_fma(p, r, NUM(1.0f));
  num y = num_of_bits(num_as_bits(p) + (num_as_bits(shifted) << 23));  // p·2ⁿ
  y = x < NUM(EXP_ZERO_BELOW) ? NUM(0.0f) : y;
  return x == x ? y : x;
}

/// e to the x: 0 below −87.33654 (never subnormal), infinity from 88.72284, NaN for NaN; else within 1 ulp.
NUM_FUNCTION num num_exp(num x) {
  num y = num_exp_below(x);
  return x >= NUM(EXP_INFINITE_FROM) ? NUM(__builtin_inff()) : y;
}

static inline __attribute__((always_inline)) num num_abs(num x) { return num_of_bits(num_as_bits(x) & 0x7fffffffu); }
static inline __attribute__((always_inline)) num num_with_sign(num magnitude, num sign) {
  return num_of_bits(num_as_bits(magnitude) | (num_as_bits(sign) & 0x80000000u));
}

/// The bits of |x|, 0 for a NaN: they compare as the numbers do. Compilers have their own views of a NaN in a
/// comparison of floats that looks like a maximum; integers leave no room for them.
static inline __attribute__((always_inline)) num_bits num_magnitude(num x) {
  num_bits magnitude = num_as_bits(x) & 0x7fffffffu;
  return magnitude > NUM_BITS(0x7f800000u) ? NUM_BITS(0) : magnitude;
}

/// x where it is above zero, else +0.
static inline __attribute__((always_inline)) num num_positive(num x) {
  num_bits bits = num_as_bits(x);
  return num_of_bits(bits > NUM_BITS(0x7f800000u) ? NUM_BITS(0) : bits);
}

/// The hyperbolic tangent, within 2 ulp; odd to the bit.
NUM_FUNCTION num num_tanh(num x) {
  num a = num_abs(x), z = a * a;
  num p = NUM(-0x1.74f016p-8f);
  p = num_fma(p, z, NUM(0x1.51f3p-6f));
  p = num_fma(p, z, NUM(-0x1.b834e4p-5f));
  p = num_fma(p, z, NUM(0x1.1106f2p-3f));
  p = num_fma(p, z, NUM(-0x1.555532p-2f));
  num near = num_fma(p * z, a, a);
  num far = NUM(1.0f) - NUM(2.0f) / (num_exp(a + a) + NUM(1.0f));
  return num_with_sign(a < NUM(0.625f) ? near : far, x);
}

/// The error function, within 2 ulp; odd to the bit.
NUM_FUNCTION num num_erf(num x) {
  num a = num_abs(x), z = a * a;
  num p = NUM(0x1.4f365ep-14f);
  p = num_fma(p, z, NUM(-0x1.a5f8e6p-11f));
  p = num_fma(p, z, NUM(0x1.544808p-8f));
  p = num_fma(p, z, NUM(-0x1.b800e4p-6f));
  p = num_fma(p, z, NUM(0x1.ce2d62p-4f));
  p = num_fma(p, z, NUM(-0x1.812740p-2f));
  p = num_fma(p, z, NUM(0x1.06eba8p-3f));
  num near = num_fma(p, a, a);
  num t = a > NUM(3.925f) ? NUM(3.925f) : a;  // beyond it, 1 − erf is below half an ulp
  num q = NUM(-0x1.6278a4p-16f);
  q = num_fma(q, t, NUM(0x1.c7e5fap-12f));
  q = num_fma(q, t, NUM(-0x1.117164p-8f));
  q = num_fma(q, t, NUM(0x1.9b9c5cp-6f));
  q = num_fma(q, t, NUM(-0x1.bb891ep-4f));
  q = num_fma(q, t, NUM(-0x1.444574p-1f));
  q = num_fma(q, t, NUM(-0x1.21280ap+0f));
  q = num_fma(q, t, NUM(0x1.6f58ccp-13f));
  num far = NUM(1.0f) - num_exp(q);
  return num_with_sign(a < NUM(0.921875f) ? near : far, x);
}

/// g / (1 + exp(−g)).
static inline __attribute__((always_inline)) num num_silu(num g) { return g / (NUM(1.0f) + num_exp(-g)); }

/// (x/2)·(1 + tanh(√(2/π)·(x + 0.044715·x³))).
static inline __attribute__((always_inline)) num num_gelu_tanh(num x) {
  num inner = num_fma(x * x, NUM(0x1.6e4e26p-5f) * x, x);
  num h = NUM(0.5f) * x;
  return num_fma(h, num_tanh(NUM(0x1.988454p-1f) * inner), h);
}

/// (x/2)·(1 + erf(x/√2)).
static inline __attribute__((always_inline)) num num_gelu_erf(num x) {
  num h = NUM(0.5f) * x;
  return num_fma(h, num_erf(x * NUM(0x1.6a09e6p-1f)), h);
}
