// SPDX-License-Identifier: Apache-2.0
// The error of exp and tanh in units of the last place, and of gelu in units of its bound, against the C library in
// double, for every STEP-th of all 2^32 numbers (1: all of them, minutes; 4099 if not given). Exit 1 over the bounds.
// Usage: functions [STEP]
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "../../Sources/CKernels/one_lane.h"
#include "../../Sources/CKernels/lanes_math.h"

typedef struct {
  const char *name;
  double bound, worst;
  float at;
} Function;
static Function functions[] = {{"exp", 1.0, 0, 0}, {"tanh", 2.0, 0, 0}, {"gelu", 1.0, 0, 0}};

/// Distance in units of the last place of the f32 nearest to the true value.
static double ulps(float ours, double exact) {
  float nearest = (float)exact;
  if (isinf(ours) || isinf(nearest)) return ours == nearest ? 0 : HUGE_VAL;
  int exponent;
  frexp(exact, &exponent);
  double unit = ldexp(1, (exponent < -125 ? -125 : exponent) - 24);
  return fabs((double)ours - exact) / unit;
}

/// Of specs/numerics.md §8.
static double gelu_bound(double x) {
  int exponent;
  frexp(x, &exponent);
  return fmax(fmin(0x1p-21, 0x1p-18 * fabs(x)), ldexp(0.5, exponent - 24) + 0x1p-22);
}

static double gelu_error(float ours, double x) {
  double exact = x / 2 * erfc(-x / sqrt(2));
  if (isinf(x)) return x > 0 ? (ours == exact ? 0 : HUGE_VAL) : fabs((double)ours) / 0x1p-21;
  return fabs((double)ours - exact) / gelu_bound(x);
}

int main(int count, char **arguments) {
  uint64_t step = count > 1 ? strtoull(arguments[1], NULL, 10) : 4099;
  int failed = 0;
  for (uint64_t bits = 0; bits <= UINT32_MAX; bits += step) {
    float x = num_of_bits((uint32_t)bits);
    float ours[3] = {num_exp(x), num_tanh(x), num_gelu_erf(x)};
    if (x != x) {
      for (int i = 0; i < 3; i++) failed |= ours[i] == ours[i];
      continue;
    }
    double exact[2] = {exp(x), tanh(x)};
    if (x < EXP_ZERO_BELOW) exact[0] = 0;  // what would be subnormal is zero
    for (int i = 0; i < 3; i++) {
      double error = i < 2 ? ulps(ours[i], exact[i]) : gelu_error(ours[2], x);
      if (error > functions[i].worst) functions[i].worst = error, functions[i].at = x;
      if (i == 1) failed |= signbit(ours[i]) != signbit(x);
    }
  }
  for (int i = 0; i < 3; i++) {
    Function f = functions[i];
    printf("%s: at most %.3f, at %a (bound %.1f)\n", f.name, f.worst, f.at, f.bound);
    failed |= f.worst > f.bound;
  }
  return failed;
}
