// SPDX-License-Identifier: Apache-2.0
// The byte transforms backwards: what `expand` does to every byte. Plain loops of fixed length, for compilers to
// vectorize.
#include <string.h>

#include "CCodec.h"
#include "numbers.h"
#include "panels.h"

void codec_join_planes(const uint8_t *in, size_t count, int width, uint8_t *out) {
  const uint8_t *a = in, *b = in + count, *c = in + 2 * count, *d = in + 3 * count;
  if (width == 2) {
    for (size_t i = 0; i < count; i++) out[2 * i] = a[i], out[2 * i + 1] = b[i];
  } else {
    for (size_t i = 0; i < count; i++) {
      out[4 * i] = a[i], out[4 * i + 1] = b[i], out[4 * i + 2] = c[i], out[4 * i + 3] = d[i];
    }
  }
}

// One group: `steps` holds 16 steps in `width` planes each, planes `count` bytes apart; `nibbles` 16 pairs of columns.
static inline void join_number_group(const uint8_t *steps, size_t count, const uint8_t *nibbles, int width,
                                     uint8_t *to) {
  uint32_t value[16][16], number[16] = {0};
  for (size_t i = 0; i < 16; i++) {
    const uint8_t *at = steps + i * (size_t)width * count;
    for (int r = 0; r < 16; r++) {
      for (int plane = 0; plane < width; plane++)
        number[r] += (uint32_t)at[(size_t)plane * count + (size_t)r] << 8 * plane;
      value[i][r] = bits_of_number(number[r], width);
    }
  }
  for (int pair = 0; pair < 16; pair++, nibbles += 16, to += 32 * width) {
    for (int r = 0; r < 16; r++) {
      memcpy(to + width * r, &value[nibbles[r] & 15][r], (size_t)width);
      memcpy(to + width * (16 + r), &value[nibbles[r] >> 4][r], (size_t)width);
    }
  }
}

void codec_join_few_numbers(const uint8_t *in, size_t group_count, int width, uint8_t *out) {
  size_t count = group_count * 16;
  const uint8_t *nibbles = in + 16 * (size_t)width * count;
  for (size_t group = 0; group < group_count; group++, in += 16, nibbles += 256, out += 512 * (size_t)width) {
    if (width == 2) join_number_group(in, count, nibbles, 2, out);
    else join_number_group(in, count, nibbles, 4, out);
  }
}

// Both planes of every vector of 16-bit numbers. The end of what was read, or NULL.
static const uint8_t *join_scales(const uint8_t *in, const struct codec_panels *p, uint8_t *out) {
  const uint8_t *table = in;
  in += 2 * (size_t)p->rank_count;
  size_t count = (size_t)p->panel_count * p->unit_count * 16;
  for (uint32_t vector = 0; vector < p->scale_vector_count; vector++, in += 2 * count) {
    const uint8_t *low = in, *high = in + count;
    for (uint32_t panel = 0; panel < p->panel_count; panel++) {
      uint8_t *to = out + (size_t)panel * p->panel_byte_count + vector * 32;
      for (uint32_t unit = 0; unit < p->unit_count; unit++, low += 16, high += 16, to += p->unit_byte_count) {
        if (p->rank_count == 0) {
          for (int r = 0; r < 16; r++) to[2 * r] = low[r], to[2 * r + 1] = high[r];
          continue;
        }
        for (int r = 0; r < 16; r++) {
          uint32_t rank = low[r] | (uint32_t)high[r] << 8;
          if (rank >= p->rank_count) return NULL;
          to[2 * r] = table[rank], to[2 * r + 1] = table[p->rank_count + rank];
        }
      }
    }
  }
  return in;
}

// The 8-bit scales and, with CODEC_ORDER_LINES, the bodies: parts of units, one after the other.
static const uint8_t *join_parts(const uint8_t *in, const struct codec_panels *p, uint8_t *out, size_t offset,
                                 size_t byte_count) {
  for (uint32_t panel = 0; panel < p->panel_count; panel++) {
    uint8_t *to = out + (size_t)panel * p->panel_byte_count;
    for (size_t at = offset; at < p->panel_byte_count; at += p->unit_byte_count) {
      size_t n = p->panel_byte_count - at < byte_count ? p->panel_byte_count - at : byte_count;
      memcpy(to + at, in, n);
      in += n;
    }
  }
  return in;
}

static int join_columns(const uint8_t *in, const struct codec_panels *p, uint8_t *out, uint32_t *place) {
  uint32_t column_count = panels_body_line_count(p) * 4;
  for (uint32_t i = 0; i < column_count; i++) place[i] = 0;
  for (uint32_t i = 0; i < column_count; i++) {
    uint32_t column = in[i] | (uint32_t)in[column_count + i] << 8;
    if (column >= column_count) return -1;
    place[column] = i;
  }
  in += 2 * (size_t)column_count;
  size_t stride = (size_t)p->panel_count * 16;
  uint32_t lines = panels_full_body_line_count(p);
  for (uint32_t panel = 0; panel < p->panel_count; panel++) {
    const uint8_t *from = in + (size_t)panel * 16;
    uint8_t *unit = out + (size_t)panel * p->panel_byte_count + panels_body_offset(p);
    for (uint32_t line = 0, j = 0; line * 4 < column_count; line++) {
      const uint32_t *at = place + line * 4;
      const uint8_t *a = from + at[0] * stride, *b = from + at[1] * stride;
      const uint8_t *c = from + at[2] * stride, *d = from + at[3] * stride;
      uint8_t *to = unit + j * 64;
      for (int r = 0; r < 16; r++) to[4 * r] = a[r], to[4 * r + 1] = b[r], to[4 * r + 2] = c[r], to[4 * r + 3] = d[r];
      if (++j == lines) j = 0, unit += p->unit_byte_count;
    }
  }
  return 0;
}

static void join_by_scale(const uint8_t *in, const struct codec_panels *p, uint8_t *out, void *scratch) {
  struct panels_rows rows = panels_rows(p);
  uint32_t *order = scratch, *offsets = order + rows.count;
  panels_sort_by_scale(p, &rows, out, order, offsets);
  panels_group_offsets(p, &rows, offsets);
  for (uint32_t i = 0; i < rows.count; i++) {
    uint8_t *to = out + offsets[order[i] / 16] + order[i] % 16 * 4;
    for (uint32_t line = 0; line < rows.line_count; line++, in += 4) memcpy(to + 64 * (size_t)line, in, 4);
  }
}

// One group of 16 rows × 32: `steps` holds 16 planes of palette steps, `count` apart; `nibbles` four nibble lines.
static void join_few_group(const uint8_t *steps, size_t count, const uint8_t *nibbles, uint8_t *to) {
  uint8_t value[16][16];
  memcpy(value[0], steps, 16);
  for (int i = 1; i < 16; i++)
    for (int r = 0; r < 16; r++) value[i][r] = (uint8_t)(value[i - 1][r] + steps[(size_t)i * count + r]);
  for (int line = 0; line < 4; line++, to += 128, nibbles += 64) {
    for (int r = 0; r < 16; r++) {
      for (int c = 0; c < 4; c++) {
        uint8_t both = nibbles[4 * r + c];
        to[4 * r + c] = value[both & 15][r];
        to[64 + 4 * r + c] = value[both >> 4][r];
      }
    }
  }
}

static void join_few(const uint8_t *in, const struct codec_panels *p, uint8_t *out) {
  struct panels_rows rows = panels_rows(p);
  const uint8_t *nibbles = in + 16 * (size_t)rows.count;
  for (uint32_t row = 0; row < rows.count; row += 16, in += 16, nibbles += 256)
    join_few_group(in, rows.count, nibbles, out + panels_row_offset(p, &rows, row));
}

int codec_join_panels(const uint8_t *in, const struct codec_panels *p, uint8_t *out, void *scratch) {
  in = join_scales(in, p, out);
  if (!in) return -1;
  if (p->byte_line_count > 0) in = join_parts(in, p, out, p->scale_vector_count * 32, p->byte_line_count * 64);
  switch (p->order) {
    case CODEC_ORDER_COLUMNS: return join_columns(in, p, out, scratch);
    case CODEC_ORDER_SCALES: join_by_scale(in, p, out, scratch); return 0;
    case CODEC_ORDER_FEW: join_few(in, p, out); return 0;
    default: join_parts(in, p, out, panels_body_offset(p), p->unit_byte_count - panels_body_offset(p)); return 0;
  }
}
