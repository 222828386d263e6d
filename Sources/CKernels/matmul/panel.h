// SPDX-License-Identifier: Apache-2.0
// Where things lie in a weight panel and in a q8 activation row: specs/weights.md §2, specs/numerics.md §3.
// Everything is constant once `format` is, so each kernel keeps only the arithmetic that its own format needs.
#pragma once
#include "../f16.h"
#include "../include/CKernels.h"

#define HT_INLINE static inline __attribute__((always_inline))

/// How the numbers of a format combine (specs/numerics.md §4).
enum { HT_KIND_D, HT_KIND_DM, HT_KIND_K, HT_KIND_K6, HT_KIND_PAIRS };

/// Lines of 64 bytes in a unit before its first group; the groups of a unit are two to the power of the shift.
HT_INLINE size_t ht_unit_head_lines(ht_format format) {
  switch (format) {
    case HT_Q4_K: case HT_Q5_K: case HT_Q6_K: case HT_Q2_K: return 5;
    case HT_Q3_K: return 4;
    case HT_IQ4_XS: return 2;
    default: return 1;
  }
}
HT_INLINE size_t ht_unit_shift(ht_format format) {
  switch (format) {
    case HT_Q4_K: case HT_Q5_K: case HT_Q6_K: case HT_Q2_K: case HT_Q3_K: case HT_IQ4_XS: return 3;
    case HT_MXFP4: return 2;
    case HT_Q4_1: case HT_Q5_1: return 0;
    default: return 1;
  }
}
HT_INLINE size_t ht_unit_groups(ht_format format) { return (size_t)1 << ht_unit_shift(format); }
/// Bits of an element.
HT_INLINE int ht_bits(ht_format format) {
  switch (format) {
    case HT_Q8_0: return 8;
    case HT_Q6_0: case HT_Q6_K: return 6;
    case HT_Q5_0: case HT_Q5_1: case HT_Q5_K: return 5;
    case HT_Q3_K: return 3;
    case HT_Q2_K: return 2;
    default: return 4;
  }
}
/// Lines of a group: the byte, nibble or pair lines, then the high lines.
HT_INLINE size_t ht_group_lines(ht_format format) { return (size_t)ht_bits(format); }
HT_INLINE int ht_kind(ht_format format) {
  switch (format) {
    case HT_Q6_K: return HT_KIND_K6;
    case HT_Q4_K: case HT_Q5_K: return HT_KIND_K;
    case HT_Q2_K: case HT_Q3_K: return HT_KIND_PAIRS;
    case HT_Q4_1: case HT_Q5_1: return HT_KIND_DM;
    default: return HT_KIND_D;
  }
}
/// What is subtracted from a stored element of the d formats, of q6_k and of q3_k. q8_0 is signed and needs nothing.
HT_INLINE int ht_zero_point(ht_format format) {
  switch (format) {
    case HT_Q3_K: return 4;
    case HT_Q4_0: return 8;
    case HT_Q5_0: return 16;
    case HT_Q6_0: case HT_Q6_K: return 32;
    default: return 0;
  }
}

/// Whether a stored element is an index of a table of 16 signed numbers; that table.
HT_INLINE bool ht_has_codebook(ht_format format) {
  return format == HT_IQ4_NL || format == HT_IQ4_XS || format == HT_MXFP4;
}
static const int8_t ht_codebooks[2][16] __attribute__((aligned(16))) = {
    {-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113},
    {0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12},
};
HT_INLINE const int8_t *ht_codebook(ht_format format) { return ht_codebooks[format == HT_MXFP4]; }

/// Whether one kernel serves several formats, of which this one stands for all.
HT_INLINE bool ht_is_family(ht_format format) { return format == HT_IQ4_NL || format == HT_Q3_K; }

/// Where the 6-bit scales of a unit lie: `width` bytes a group, their nibbles and their upper pairs (weights.md §2).
typedef struct {
  size_t pairs, nibbles, width;
} ht_six_parts;
HT_INLINE ht_six_parts ht_six_parts_of(ht_format format) {
  return format == HT_Q3_K ? (ht_six_parts){64, 128, 32} : (ht_six_parts){32, 64, 16};
}
/// Scale `index` of a group: a row in iq4_xs, 2 · row + half in q3_k.
HT_INLINE int ht_six(ht_format format, const uint8_t *unit, size_t group, size_t index) {
  const ht_six_parts parts = ht_six_parts_of(format);
  const int nibble = unit[parts.nibbles + parts.width * (group % 4) + index] >> 4 * (group / 4) & 15;
  return (nibble | (unit[parts.pairs + parts.width * (group % 2) + index] >> 2 * (group / 2) & 3) << 4) - 32;
}

/// 2^(e − 128), which is half of what E8M0 says: the codebook of mxfp4 holds the doubles of its numbers.
HT_INLINE float ht_e8m0_half(uint8_t e) {
  const uint32_t bits = e < 2 ? 0x200000u << e : (uint32_t)(e - 1) << 23;
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

/// Bytes of a panel whose rows hold `groups` groups.
HT_INLINE size_t ht_panel_byte_count(ht_format format, size_t groups) {
  switch (format) {
    case HT_F32: return groups * 2048;
    case HT_F16: case HT_BF16: return groups * 1024;
    default: {
      size_t shift = ht_unit_shift(format), units = (groups + ((size_t)1 << shift) - 1) >> shift;
      return 64 * (units * ht_unit_head_lines(format) + groups * ht_group_lines(format));
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

/// How far before a row's low plane, which has the scales and sums, its high plane lies; 0: there is only one.
HT_INLINE size_t ht_planes_apart(const ht_matmul *job) { return job->split ? ht_q8_row_byte_count(job->k) : 0; }

/// The stored number of an element: `body` is a group's first line, `column` 0 … 31, `row` 0 … 15. q8_0's are signed,
/// those of a codebook looked up.
HT_INLINE int ht_element(ht_format format, const uint8_t *body, size_t column, size_t row) {
  const size_t quad = column / 4, byte = 4 * row + column % 4;
  const int bits = ht_bits(format);
  if (bits == 8) return (int8_t)body[64 * quad + byte];
  if (bits < 4) {
    const int pair = body[64 * (quad / 4) + byte] >> 2 * (quad % 4) & 3;
    return bits == 2 ? pair : pair | (body[64 * 2 + byte] >> quad & 1) << 2;
  }
  const int low = body[64 * (quad / 2) + byte] >> 4 * (quad % 2) & 15;
  if (ht_has_codebook(format)) return ht_codebook(format)[low];
  switch (bits) {
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
