// SPDX-License-Identifier: Apache-2.0
// Where things lie in panels: shared by both directions of the transforms.
#pragma once
#include "CCodec.h"

// From the start of a unit.
static inline uint32_t panels_body_offset(const struct codec_panels *p) {
  return p->scale_vector_count * 32 + p->byte_line_count * 64;
}

static inline uint32_t panels_full_body_line_count(const struct codec_panels *p) {
  return (p->unit_byte_count - panels_body_offset(p)) / 64;
}

static inline uint32_t panels_body_line_count(const struct codec_panels *p) {
  return (p->panel_byte_count - p->unit_count * panels_body_offset(p)) / 64;
}

// Rows of groups: row i is row i % 16 of group i / 16, groups counted through all panels.
struct panels_rows {
  uint32_t count;
  uint32_t line_count;             // body lines of a group
  uint32_t group_count_per_panel;
};

static inline struct panels_rows panels_rows(const struct codec_panels *p) {
  struct panels_rows rows;
  rows.line_count = panels_full_body_line_count(p) / p->group_count;
  rows.group_count_per_panel = panels_body_line_count(p) / rows.line_count;
  rows.count = p->panel_count * rows.group_count_per_panel * 16;
  return rows;
}

// Where the first four bytes of a row of a group lie.
static inline size_t panels_row_offset(const struct codec_panels *p, const struct panels_rows *rows, uint32_t row) {
  uint32_t group = row / 16, panel = group / rows->group_count_per_panel;
  group -= panel * rows->group_count_per_panel;
  uint32_t unit = group / p->group_count;
  group -= unit * p->group_count;
  return (size_t)panel * p->panel_byte_count + (size_t)unit * p->unit_byte_count + panels_body_offset(p) +
         (size_t)group * rows->line_count * 64 + row % 16 * 4;
}

// Where each group of 16 rows starts, from the start of the panels.
static inline void panels_group_offsets(const struct codec_panels *p, const struct panels_rows *rows,
                                        uint32_t *offsets) {
  for (uint32_t panel = 0; panel < p->panel_count; panel++)
    for (uint32_t group = 0; group < rows->group_count_per_panel; group++)
      *offsets++ = (uint32_t)panels_row_offset(p, rows, (panel * rows->group_count_per_panel + group) * 16);
}

// The magnitude of the scale of each row, as the bits of an f16 without its sign, into `keys`.
static inline void panels_scale_keys(const struct codec_panels *p, const struct panels_rows *rows, const uint8_t *bytes,
                                     uint16_t *keys) {
  for (uint32_t panel = 0; panel < p->panel_count; panel++, bytes += p->panel_byte_count) {
    for (uint32_t group = 0; group < rows->group_count_per_panel; group++) {
      uint32_t in_unit = group % p->group_count;
      uint32_t vector = p->group_count > p->scale_vector_count ? 0 : in_unit;
      const uint8_t *scales = bytes + (size_t)(group / p->group_count) * p->unit_byte_count + vector * 32;
      for (int r = 0; r < 16; r++) *keys++ = (uint16_t)(scales[2 * r] | (scales[2 * r + 1] & 0x7f) << 8);
    }
  }
}

// The rows by rising magnitude of their scales, equal ones as they lie: `order` gets `rows->count` numbers. `scratch`
// has room for 1.5 times as many.
static inline void panels_sort_by_scale(const struct codec_panels *p, const struct panels_rows *rows,
                                        const uint8_t *bytes, uint32_t *order, uint32_t *scratch) {
  uint16_t *keys = (uint16_t *)(scratch + rows->count);
  panels_scale_keys(p, rows, bytes, keys);
  uint32_t start[2][256] = {{0}};
  for (uint32_t i = 0; i < rows->count; i++) start[0][keys[i] & 255]++, start[1][keys[i] >> 8]++;
  for (int pass = 0; pass < 2; pass++)
    for (uint32_t i = 0, sum = 0, n; i < 256; i++) n = start[pass][i], start[pass][i] = sum, sum += n;
  for (uint32_t i = 0; i < rows->count; i++) scratch[start[0][keys[i] & 255]++] = i;
  for (uint32_t i = 0; i < rows->count; i++) order[start[1][keys[scratch[i]] >> 8]++] = scratch[i];
}
