// SPDX-License-Identifier: Apache-2.0
// Where things lie in a weight panel and in a q8 activation row: specs/weights.md §2, specs/numerics.md §3.
// Everything is constant once `format` is, so each kernel keeps only the arithmetic that its own format needs.
#pragma once
#include "../f16.h"
#include "../include/CKernels.h"

#define HT_INLINE static inline __attribute__((always_inline))

/// How the numbers of a format combine (specs/numerics.md §4).
enum { HT_KIND_D, HT_KIND_DM, HT_KIND_K, HT_KIND_K6 };

/// Lines of 64 bytes in a unit before its first group, and groups in a unit.
HT_INLINE size_t ht_unit_head_lines(ht_format format) {
  return format == HT_Q4_K || format == HT_Q5_K || format == HT_Q6_K ? 5 : 1;
}
HT_INLINE size_t ht_unit_groups(ht_format format) {
  if (format == HT_Q4_K || format == HT_Q5_K || format == HT_Q6_K) return 8;
  return format == HT_Q4_1 || format == HT_Q5_1 ? 1 : 2;
}
/// Bits of an element.
HT_INLINE int ht_bits(ht_format format) {
  if (format == HT_Q8_0) return 8;
  if (format == HT_Q6_0 || format == HT_Q6_K) return 6;
  return format == HT_Q5_0 || format == HT_Q5_1 || format == HT_Q5_K ? 5 : 4;
}
/// Lines of a group: the nibble lines (or the byte lines of q8_0), then the high lines.
HT_INLINE size_t ht_group_lines(ht_format format) {
  int bits = ht_bits(format);
  return bits == 8 ? 8 : (size_t)bits;
}
HT_INLINE int ht_kind(ht_format format) {
  if (format == HT_Q6_K) return HT_KIND_K6;
  if (format == HT_Q4_K || format == HT_Q5_K) return HT_KIND_K;
  return format == HT_Q4_1 || format == HT_Q5_1 ? HT_KIND_DM : HT_KIND_D;
}
/// What is subtracted from a stored element of the d formats and of q6_k. q8_0 is signed and needs nothing.
HT_INLINE int ht_zero_point(ht_format format) {
  switch (format) {
    case HT_Q4_0: return 8;
    case HT_Q5_0: return 16;
    case HT_Q6_0: case HT_Q6_K: return 32;
    default: return 0;
  }
}
/// Bytes of a panel whose rows hold `groups` groups.
HT_INLINE size_t ht_panel_byte_count(ht_format format, size_t groups) {
  switch (format) {
    case HT_F32: return groups * 2048;
    case HT_F16: case HT_BF16: return groups * 1024;
    default: {
      size_t unit = ht_unit_groups(format);
      return 64 * ((groups + unit - 1) / unit * ht_unit_head_lines(format) + groups * ht_group_lines(format));
    }
  }
}

/// The byte offsets of a q8 row's parts: quants from 0, then scales, sums, scaled sums.
typedef struct {
  size_t groups, scales, sums, scaled_sums;
} ht_q8_parts;
HT_INLINE ht_q8_parts ht_q8_parts_of(size_t k) {
  size_t groups = (k + 31) / 32;
  return (ht_q8_parts){groups, groups * 32, groups * 36, groups * 40};
}

/// The stored number of an element: `body` is a group's first line, `column` 0 … 31, `row` 0 … 15. q8_0's are signed.
HT_INLINE int ht_element(ht_format format, const uint8_t *body, size_t column, size_t row) {
  size_t quad = column / 4, byte = 4 * row + column % 4;
  if (format == HT_Q8_0) return (int8_t)body[64 * quad + byte];
  int low = body[64 * (quad / 2) + byte] >> 4 * (quad % 2) & 15;
  switch (ht_bits(format)) {
    case 5: return low | (body[64 * 4 + byte] >> quad & 1) << 4;
    case 6: return low | (body[64 * (4 + quad / 4) + byte] >> 2 * (quad % 4) & 3) << 4;
    default: return low;
  }
}

/// Numbers at any address.
HT_INLINE int32_t ht_load32(const uint8_t *at) {
  int32_t value;
  memcpy(&value, at, sizeof value);
  return value;
}
HT_INLINE float ht_load_float(const uint8_t *at) {
  float value;
  memcpy(&value, at, sizeof value);
  return value;
}
