// SPDX-License-Identifier: Apache-2.0
// What the kernel tests and the kernel bench share: seeded numbers, buffers that end at an unreadable page, weights and
// activations of several kinds (ordinary, extreme, zero, infinite and NaN, subnormal, any bytes at all).
#pragma once
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>

#include "CKernels.h"

static const char *const formatNames[HT_FORMAT_COUNT] = {"f32",  "f16",  "bf16", "q8_0", "q4_0",   "q4_1",
                                                         "q5_0", "q5_1", "q6_0", "q4_k", "q5_k",   "q6_k",
                                                         "q2_k", "q3_k", "iq4_nl", "iq4_xs", "mxfp4"};
/// What a unit of an integer format is, specs/weights.md §2: lines of its head, of a group, and how many groups; how
/// many f16 scales its head starts with.
typedef struct {
  uint8_t headLines, groupLines, groups, halves;
} Unit;
static const Unit units[HT_FORMAT_COUNT] = {
    [HT_Q8_0] = {1, 8, 2, 32}, [HT_Q4_0] = {1, 4, 2, 32}, [HT_Q4_1] = {1, 4, 1, 32},  [HT_Q5_0] = {1, 5, 2, 32},
    [HT_Q5_1] = {1, 5, 1, 32}, [HT_Q6_0] = {1, 6, 2, 32}, [HT_Q4_K] = {5, 4, 8, 32},  [HT_Q5_K] = {5, 5, 8, 32},
    [HT_Q6_K] = {5, 6, 8, 16}, [HT_Q2_K] = {5, 2, 8, 32}, [HT_Q3_K] = {4, 3, 8, 16},  [HT_IQ4_NL] = {1, 4, 2, 32},
    [HT_IQ4_XS] = {2, 4, 8, 16}, [HT_MXFP4] = {1, 4, 4, 0}};
/// Columns of a row come in multiples of this.
static size_t __attribute__((unused)) columnMultiple(ht_format format) { return units[format].groups == 8 ? 256 : 1; }

static uint64_t seedState = 1;
static void __attribute__((unused)) seed(uint64_t value) { seedState = value * 0x9E3779B97F4A7C15u + 0x7F4A7C15u; }
static uint32_t nextRandom(void) {
  seedState ^= seedState << 13;
  seedState ^= seedState >> 7;
  seedState ^= seedState << 17;
  return (uint32_t)(seedState * 0x2545F4914F6CDD1Du >> 32);
}
/// Uniform in −1 … 1, a multiple of 2^-23, so the same on every machine.
static float nextUnit(void) { return ((float)(nextRandom() >> 8) - 8388608.0f) * 0x1p-23f; }

/// Bytes that end where the readable memory ends: one byte too far is a fault. `at` is aligned as `byteCount` is.
typedef struct {
  uint8_t *at;
  void *map;
  size_t mapByteCount;
} Guarded;
static Guarded guarded(size_t byteCount) {
  size_t page = 65536, body = (byteCount + page - 1) / page * page;
  uint8_t *map = mmap(NULL, body + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (map == MAP_FAILED || mprotect(map + body, page, PROT_NONE) != 0) {
    perror("kernel-test: memory");
    exit(5);
  }
  return (Guarded){map + body - byteCount, map, body + page};
}
static void release(Guarded buffer) { munmap(buffer.map, buffer.mapByteCount); }

/// A quarter of the numbers of a kind are the extremes that it is named for.
typedef enum { ORDINARY, EXTREME, ZERO_SCALES, INFINITE, SUBNORMAL, ANY_BYTES, KIND_COUNT } Kind;

static uint16_t nextHalfScale(Kind kind) {
  uint16_t sign = (uint16_t)(nextRandom() & 0x8000), mantissa = (uint16_t)(nextRandom() & 0x3ff);
  uint16_t ordinary = (uint16_t)(sign | (5 + nextRandom() % 6) << 10 | mantissa);
  if (nextRandom() % 4) return ordinary;
  switch (kind) {
    case EXTREME: return sign | 0x7bff;
    case ZERO_SCALES: return sign;
    case INFINITE: return sign | 0x7c00 | (nextRandom() % 2 ? mantissa : 0);
    case SUBNORMAL: return sign | mantissa;
    default: return ordinary;
  }
}

/// Overwrites the f16 scales at the head of every unit of every panel, and makes other scales plausible.
static void fillScales(ht_format format, uint8_t *w, size_t byteCount, size_t groups, Kind kind) {
  const Unit unit = units[format];
  size_t panel = ht_tensor_byte_count(format, 16, groups * 32);
  for (size_t base = 0; base < byteCount; base += panel)
    for (size_t group = 0, at = base; group < groups; group += unit.groups) {
      for (size_t i = 0; i < unit.halves; i++) {
        uint16_t scale = nextHalfScale(kind);
        memcpy(w + at + 2 * i, &scale, 2);
      }
      if (format == HT_Q6_K || format == HT_Q3_K) memset(w + at + 32, 0, 32);
      if (format == HT_MXFP4)  // powers of two around 1; a quarter of the others is what the kind is named for
        for (size_t i = 0; i < 64; i++) {
          uint32_t pick = nextRandom();
          bool nasty = pick % 4 == 0 && kind != ORDINARY;
          w[at + i] = !nasty ? 118 + (pick >> 8) % 16 : kind == SUBNORMAL ? pick >> 8 & 3 : kind == INFINITE ? 255 : 0;
        }
      if ((format == HT_Q4_K || format == HT_Q5_K) && kind != EXTREME)
        for (size_t i = 0; i < 256; i++) w[at + 64 + i] &= 63;
      at += 64 * (size_t)(unit.headLines + unit.groupLines * unit.groups);
    }
}

/// Fills a tensor of an integer format.
static void __attribute__((unused)) fillWeights(ht_format format, uint8_t *w, size_t rows, size_t k, Kind kind) {
  size_t byteCount = ht_tensor_byte_count(format, rows, k);
  static const uint8_t extremes[4] = {0xff, 0x7f, 0x80, 0x81};
  for (size_t i = 0; i < byteCount; i++) {
    w[i] = (uint8_t)nextRandom();
    if (kind == EXTREME) w[i] = format == HT_Q8_0 ? extremes[nextRandom() % 4] : nextRandom() % 8 ? 0xff : 0;
  }
  if (kind != ANY_BYTES) fillScales(format, w, byteCount, (k + 31) / 32, kind);
}

/// Fills floats whose quantization is of a kind.
static void fillFloats(float *x, size_t count, Kind kind) {
  for (size_t i = 0; i < count; i++) {
    uint32_t pick = nextRandom();
    x[i] = nextUnit() * 4;
    if (pick % 4) continue;
    uint32_t bits = nextRandom();
    switch (kind) {
      case EXTREME: x[i] = pick & 16 ? 127 : pick & 32 ? -127 : (float)(pick >> 8 & 255) / 2 - 64; break;
      case ZERO_SCALES: x[i] = 0; break;
      case INFINITE:
        bits = 0x7f800000u | (bits & (bits & 4 ? 0x807fffffu : 0x80000000u));
        memcpy(x + i, &bits, 4);
        break;
      case SUBNORMAL: bits &= 0x807fffffu; memcpy(x + i, &bits, 4); break;
      case ANY_BYTES: memcpy(x + i, &bits, 4); break;
      default: break;
    }
  }
  // Whole groups of a kind: all zero, all subnormal, all one sign at full scale.
  for (size_t group = 0; group + 32 <= count; group += 32) {
    if (nextRandom() % 8) continue;
    for (size_t i = 0; i < 32; i++) {
      uint32_t bits = nextRandom() & 0x807fffffu;
      if (kind == ZERO_SCALES) x[group + i] = 0;
      if (kind == SUBNORMAL) memcpy(x + group + i, &bits, 4);
      if (kind == EXTREME) x[group + i] = group & 32 ? -3e38f : 127;
    }
  }
}

/// Folds bits into a digest (FNV-1a over 32-bit words). All NaN count as one: sign and payload are unspecified.
static uint64_t fold(uint64_t digest, uint32_t bits) {
  if ((bits & 0x7fffffffu) > 0x7f800000u) bits = 0x7fc00000u;
  return (digest ^ bits) * 0x100000001B3u;
}
static uint64_t __attribute__((unused)) foldFloats(uint64_t digest, const float *values, size_t count) {
  for (size_t i = 0; i < count; i++) {
    uint32_t bits;
    memcpy(&bits, values + i, 4);
    digest = fold(digest, bits);
  }
  return digest;
}

static uint64_t processorCapabilities(void) { return getauxval(AT_HWCAP); }
