// SPDX-License-Identifier: Apache-2.0
// The error of exp, tanh and erf in units of the last place, against the C library in double, for every STEP-th of all
// 2^32 numbers (1: all of them, minutes; 4099 if not given). Exit 1 over the bounds. Usage: functions [STEP]
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
static Function functions[] = {{"exp", 1.0, 0, 0}, {"tanh", 2.0, 0, 0}, {"erf", 2.0, 0, 0}};

/// Distance in units of the last place of the f32 nearest to the true value.
static double ulps(float ours, double exact) {
  float nearest = (float)exact;
  if (isinf(ours) || isinf(nearest)) return ours == nearest ? 0 : HUGE_VAL;
  int exponent;
  frexp(exact, &exponent);
  double unit = ldexp(1, (exponent < -125 ? -125 : exponent) - 24);
  return fabs((double)ours - exact) / unit;
}

int main(int count, char **arguments) {
  uint64_t step = count > 1 ? strtoull(arguments[1], NULL, 10) : 4099;
  int failed = 0;
  for (uint64_t bits = 0; bits <= UINT32_MAX; bits += step) {
    float x = num_of_bits((uint32_t)bits);
    float ours[3] = {num_exp(x), num_tanh(x), num_erf(x)};
    if (x != x) {
      for (int i = 0; i < 3; i++) failed |= ours[i] == ours[i];
      continue;
    }
    double exact[3] = {exp(x), tanh(x), erf(x)};
    if (x < EXP_ZERO_BELOW) exact[0] = 0;  // what would be subnormal is zero
    for (int i = 0; i < 3; i++) {
      double error = ulps(ours[i], exact[i]);
      if (error > functions[i].worst) functions[i].worst = error, functions[i].at = x;
      if (i > 0) failed |= signbit(ours[i]) != signbit(x);
    }
  }
  for (int i = 0; i < 3; i++) {
    Function f = functions[i];
    printf("%s: at most %.3f ulp, at %a (bound %.1f)\n", f.name, f.worst, f.at, f.bound);
    failed |= f.worst > f.bound;
  }
  return failed;
}
