// SPDX-License-Identifier: Apache-2.0
// exp, tanh, gelu and what is made of them, written once for one number (one_lane.h) and for sixteen (lanes.h): `num`
// is either. The same operations in the same order everywhere: specs/numerics.md §8; Tools/fit-polynomials.py found the
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

/// g / (1 + exp(−g)).
static inline __attribute__((always_inline)) num num_silu(num g) { return g / (NUM(1.0f) + num_exp(-g)); }

/// (x/2)·(1 + tanh(√(2/π)·(x + 0.044715·x³))).
static inline __attribute__((always_inline)) num num_gelu_tanh(num x) {
  num inner = num_fma(x * x, NUM(0x1.6e4e26p-5f) * x, x);
  num h = NUM(0.5f) * x;
  return num_fma(h, num_tanh(NUM(0x1.988454p-1f) * inner), h);
}

/// x·Φ(x) = (x/2)·(1 + erf(x/√2)), as max(x, 0) − a·Φ(−a), a = |x|: within 2⁻²¹, and within 2⁻¹⁸·|x|, or half a unit
/// in the last place of x more where that is larger.
NUM_FUNCTION num num_gelu_erf(num x) {
  num a = num_abs(x);
  a = a > NUM(5.5f) ? NUM(5.5f) : a;  // beyond it a·Φ(−a) is below 2⁻²²
  num u = num_fma(a, NUM(0x1.745d18p-2f), NUM(-1.0f));
  num p = NUM(0x1.2cf7fp-9f);
  p = num_fma(p, u, NUM(-0x1.0773aep-7f));
  p = num_fma(p, u, NUM(-0x1.fdadecp-10f));
  p = num_fma(p, u, NUM(0x1.37da24p-5f));
  p = num_fma(p, u, NUM(-0x1.1a7d1cp-5f));
  p = num_fma(p, u, NUM(-0x1.e4eeeep-5f));
  p = num_fma(p, u, NUM(0x1.0573ecp-3f));
  p = num_fma(p, u, NUM(-0x1.d20d62p-6f));
  p = num_fma(p, u, NUM(-0x1.4a5f5cp-3f));
  p = num_fma(p, u, NUM(0x1.bae146p-3f));
  p = num_fma(p, u, NUM(-0x1.a72af4p-5f));
  p = num_fma(p, u, NUM(-0x1.6a135p-3f));
  p = num_fma(p, u, NUM(0x1.166dcp-2f));
  p = num_fma(p, u, NUM(-0x1.a7993p-3f));
  p = num_fma(p, u, NUM(0x1.834f48p-4f));
  p = num_fma(p, u, NUM(-0x1.99b91cp-6f));
  p = num_fma(p, u, NUM(0x1.86907ep-9f));
  return num_fma(-a, p, num_positive(x));
}
