// SPDX-License-Identifier: Apache-2.0
// Floats as numbers in rising order: shared by both directions of the transforms.
#pragma once
#include "CCodec.h"

// A float's bits so that a larger float is a larger number: negative ones complemented, others above them.
static inline uint32_t number_of_bits(uint32_t bits, int width) {
  uint32_t sign = width == 2 ? 0x8000 : 0x80000000, all = width == 2 ? 0xffff : 0xffffffff;
  return bits & sign ? ~bits & all : bits | sign;
}

static inline uint32_t bits_of_number(uint32_t number, int width) {
  uint32_t sign = width == 2 ? 0x8000 : 0x80000000, all = width == 2 ? 0xffff : 0xffffffff;
  return number & sign ? number & ~sign : ~number & all;
}
