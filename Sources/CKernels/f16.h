// SPDX-License-Identifier: Apache-2.0
// Half-precision and bfloat16 numbers as integers, for scalar code: no instruction and no compiler library needed.
#pragma once
#include <stdint.h>
#include <string.h>

/// The value of an IEEE 754 binary16, exactly. A NaN stays a NaN.
static inline float ht_f16(uint16_t half) {
  uint32_t magnitude = half & 0x7fffu, bits = magnitude << 13;
  float value;
  memcpy(&value, &bits, sizeof value);
  value *= 0x1p112f;  // moves the exponent's bias from 15 to 127; subnormal halves become normal floats here
  memcpy(&bits, &value, sizeof bits);
  if (magnitude >= 0x7c00) bits = 0x7f800000u | magnitude << 13;
  bits |= (uint32_t)(half & 0x8000) << 16;
  memcpy(&value, &bits, sizeof value);
  return value;
}

/// The value of a bfloat16: the upper half of a float.
static inline float ht_bf16(uint16_t upper) {
  uint32_t bits = (uint32_t)upper << 16;
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

/// A little-endian 16-bit number at any address.
static inline uint16_t ht_load16(const uint8_t *at) {
  uint16_t value;
  memcpy(&value, at, sizeof value);
  return value;
}
