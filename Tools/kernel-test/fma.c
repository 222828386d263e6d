// SPDX-License-Identifier: Apache-2.0
// Compares ht_soft_fmaf with the C library's fmaf on random and on tricky triples. Exit 1 on a difference.
#include <math.h>
#include <stdio.h>

#include "../../Sources/CKernels/soft_fma.h"

static uint64_t state = 0x9E3779B97F4A7C15u;
static uint32_t next(void) {
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return (uint32_t)(state >> 16);
}
static float from(uint32_t bits) {
  float value;
  memcpy(&value, &bits, 4);
  return value;
}
static uint32_t bitsOf(float value) {
  uint32_t bits;
  memcpy(&bits, &value, 4);
  return value != value ? 0x7fc00000u : bits;
}

static unsigned long done, wrong;
static void check(float a, float b, float c) {
  uint32_t ours = bitsOf(ht_soft_fmaf(a, b, c)), theirs = bitsOf(fmaf(a, b, c));
  done++;
  if (ours != theirs && wrong++ < 10) printf("fma(%a, %a, %a) = %08x, not %08x\n", a, b, c, ours, theirs);
}

// Sign, an exponent near `exponent`, and a mantissa of few set bits: ties and near ties are common.
static float tricky(int exponent) {
  int e = exponent + (int)(next() % 7) - 3;
  uint32_t mantissa = 0;
  for (uint32_t n = next() % 4; n; n--) mantissa ^= 1u << next() % 23;
  if (next() % 3 == 0) mantissa = ~mantissa & 0x7fffff;
  e = e < 0 ? 0 : e > 254 ? 254 : e;
  return from(next() << 31 | (uint32_t)e << 23 | mantissa);
}

int main(void) {
  const uint32_t special[] = {0,          1,          2,          3,          0x7fffff,   0x800000,   0x800001,
                              0xffffff,   0x3f7fffff, 0x3f800000, 0x3f800001, 0x33800000, 0x4b800000, 0x7f7fffff,
                              0x7f7ffffe, 0x7f800000, 0x7fc00000, 0x1f800000, 0x5f800000};
  enum { specials = sizeof special / sizeof *special };
  for (int i = 0; i < 2 * specials; i++)
    for (int j = 0; j < 2 * specials; j++)
      for (int k = 0; k < 2 * specials; k++)
        check(from(special[i / 2] | (uint32_t)(i & 1) << 31), from(special[j / 2] | (uint32_t)(j & 1) << 31),
              from(special[k / 2] | (uint32_t)(k & 1) << 31));
  for (int i = 0; i < 5000000; i++) check(from(next()), from(next()), from(next()));
  for (int i = 0; i < 20000000; i++) {
    int ea = (int)(next() % 255), eb = (int)(next() % 255);
    int far = (int)(next() % 120) - 60;  // the addend's distance from the product
    check(tricky(ea), tricky(eb), tricky(ea + eb - 127 + far));
  }
  for (int i = 0; i < 5000000; i++) {  // results around the subnormals
    int ea = (int)(next() % 130);
    check(tricky(ea), tricky(127 - ea), tricky((int)(next() % 30)));
  }
  printf("fma: %lu triples, %lu wrong\n", done, wrong);
  return wrong != 0;
}
