// SPDX-License-Identifier: Apache-2.0
// The byte transforms forwards, for the workstation: the counterpart of join.c, in the same order of functions.
#include "CCodec.h"

#if defined(__GLIBC__) || !defined(__linux__)
#include <stdlib.h>
#include <string.h>

#include "numbers.h"
#include "panels.h"

struct cuts {
  size_t *at;
  size_t room;
  size_t count;
  const uint8_t *start;
};

static void cut(struct cuts *cuts, const uint8_t *at) {
  if (cuts->count < cuts->room) cuts->at[cuts->count++] = (size_t)(at - cuts->start);
}

void codec_split_planes(const uint8_t *in, size_t count, int width, uint8_t *out) {
  for (size_t i = 0; i < count; i++)
    for (size_t plane = 0; plane < (size_t)width; plane++) out[plane * count + i] = in[i * (size_t)width + plane];
}

static int by_value(const void *a, const void *b) {
  uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
  return x < y ? -1 : x > y;
}

// The palette of one row of 32 numbers and its nibbles; 0 when it has more than 16 values.
static int split_number_row(const uint8_t *from, int width, uint8_t *steps, size_t count, uint8_t *nibbles) {
  uint32_t all[32], sorted[32];
  for (int k = 0; k < 32; k++) {
    uint32_t bits = 0;
    memcpy(&bits, from + (size_t)k * 16 * (size_t)width, (size_t)width);
    all[k] = sorted[k] = number_of_bits(bits, width);
  }
  qsort(sorted, 32, sizeof *sorted, by_value);
  uint32_t palette[16];
  int n = 0;
  for (int k = 0; k < 32; k++) {
    if (n > 0 && sorted[k] == palette[n - 1]) continue;
    if (n == 16) return 0;
    palette[n++] = sorted[k];
  }
  for (int i = 0; i < 16; i++) {
    uint32_t step = i >= n ? 0 : i == 0 ? palette[0] : palette[i] - palette[i - 1];
    for (int plane = 0; plane < width; plane++)
      steps[(size_t)(i * width + plane) * count] = (uint8_t)(step >> 8 * plane);
  }
  for (int k = 0; k < 32; k++) {
    int index = 0;
    while (palette[index] != all[k]) index++;
    if (k % 2 == 0) nibbles[k / 2 * 16] = (uint8_t)index;
    else nibbles[k / 2 * 16] |= (uint8_t)(index << 4);
  }
  return 1;
}

int codec_split_few_numbers(const uint8_t *in, size_t group_count, int width, uint8_t *out) {
  size_t count = group_count * 16;
  uint8_t *nibbles = out + 16 * (size_t)width * count;
  for (size_t row = 0; row < count; row++) {
    const uint8_t *from = in + (row / 16 * 512 + row % 16) * (size_t)width;
    if (!split_number_row(from, width, out + row, count, nibbles + row / 16 * 256 + row % 16)) return 0;
  }
  return 1;
}

// For each of the 65,536 numbers of 16 bits its rank by frequency, then by value; `table` gets the numbers by rank.
struct rank {
  uint32_t frequency;
  uint16_t number;
};

static int by_frequency(const void *a, const void *b) {
  const struct rank *x = a, *y = b;
  if (x->frequency != y->frequency) return x->frequency > y->frequency ? -1 : 1;
  return x->number < y->number ? -1 : x->number > y->number;
}

static uint32_t rank_scales(const uint8_t *in, const struct codec_panels *p, struct rank *all, uint16_t *rank_of) {
  for (uint32_t i = 0; i < 65536; i++) all[i] = (struct rank){0, (uint16_t)i};
  for (uint32_t panel = 0; panel < p->panel_count; panel++) {
    const uint8_t *unit = in + (size_t)panel * p->panel_byte_count;
    for (uint32_t u = 0; u < p->unit_count; u++, unit += p->unit_byte_count)
      for (uint32_t i = 0; i < p->scale_vector_count * 16; i++) all[unit[2 * i] | unit[2 * i + 1] << 8].frequency++;
  }
  qsort(all, 65536, sizeof *all, by_frequency);
  uint32_t count = 0;
  while (count < 65535 && all[count].frequency > 0) rank_of[all[count].number] = (uint16_t)count, count++;
  return count;
}

static uint8_t *split_scales(const uint8_t *in, const struct codec_panels *p, const uint16_t *rank_of, uint8_t *out,
                             struct cuts *cuts) {
  size_t count = (size_t)p->panel_count * p->unit_count * 16;
  for (uint32_t vector = 0; vector < p->scale_vector_count; vector++, out += 2 * count) {
    uint8_t *low = out, *high = out + count;
    for (uint32_t panel = 0; panel < p->panel_count; panel++) {
      const uint8_t *from = in + (size_t)panel * p->panel_byte_count + vector * 32;
      for (uint32_t unit = 0; unit < p->unit_count; unit++, from += p->unit_byte_count) {
        for (int r = 0; r < 16; r++) {
          uint32_t number = from[2 * r] | (uint32_t)from[2 * r + 1] << 8;
          if (p->rank_count > 0) number = rank_of[number];
          *low++ = (uint8_t)number, *high++ = (uint8_t)(number >> 8);
        }
      }
    }
    cut(cuts, out + count);
    cut(cuts, out + 2 * count);
  }
  return out;
}

static uint8_t *split_parts(const uint8_t *in, const struct codec_panels *p, uint8_t *out, size_t offset,
                            size_t byte_count) {
  for (uint32_t panel = 0; panel < p->panel_count; panel++) {
    const uint8_t *from = in + (size_t)panel * p->panel_byte_count;
    for (size_t at = offset; at < p->panel_byte_count; at += p->unit_byte_count) {
      size_t n = p->panel_byte_count - at < byte_count ? p->panel_byte_count - at : byte_count;
      memcpy(out, from + at, n);
      out += n;
    }
  }
  return out;
}

struct column {
  uint64_t spread;
  uint32_t index;
};

static int by_spread(const void *a, const void *b) {
  const struct column *x = a, *y = b;
  if (x->spread != y->spread) return x->spread < y->spread ? -1 : 1;
  return x->index < y->index ? -1 : x->index > y->index;
}

// How far from the middle a byte is: as a signed number, or as two nibbles around 7.5.
static unsigned distance(uint8_t byte, int is_nibbles) {
  if (!is_nibbles) return (unsigned)abs((int8_t)byte);
  return (unsigned)(abs(2 * (byte & 15) - 15) + abs(2 * (byte >> 4) - 15));
}

static size_t column_offset(const struct codec_panels *p, uint32_t column) {
  uint32_t line = column / 4, lines = panels_full_body_line_count(p);
  return (size_t)(line / lines) * p->unit_byte_count + panels_body_offset(p) + line % lines * 64 + column % 4;
}

static uint8_t *split_columns(const uint8_t *in, const struct codec_panels *p, uint8_t *out, struct cuts *cuts) {
  uint32_t column_count = panels_body_line_count(p) * 4;
  int is_nibbles = panels_rows(p).line_count < 8;
  struct column *columns = malloc(column_count * sizeof *columns);
  if (!columns) return NULL;
  for (uint32_t i = 0; i < column_count; i++) {
    size_t offset = column_offset(p, i);
    columns[i] = (struct column){0, i};
    for (uint32_t panel = 0; panel < p->panel_count; panel++)
      for (int r = 0; r < 16; r++)
        columns[i].spread += distance(in[(size_t)panel * p->panel_byte_count + offset + 4 * (size_t)r], is_nibbles);
  }
  qsort(columns, column_count, sizeof *columns, by_spread);
  for (uint32_t i = 0; i < column_count; i++) {
    out[i] = (uint8_t)columns[i].index;
    out[column_count + i] = (uint8_t)(columns[i].index >> 8);
  }
  out += 2 * (size_t)column_count;
  cut(cuts, out);
  for (uint32_t i = 0; i < column_count; i++) {
    const uint8_t *from = in + column_offset(p, columns[i].index);
    for (uint32_t panel = 0; panel < p->panel_count; panel++, from += p->panel_byte_count)
      for (int r = 0; r < 16; r++) *out++ = from[4 * r];
  }
  free(columns);
  return out;
}

static uint8_t *split_by_scale(const uint8_t *in, const struct codec_panels *p, uint8_t *out) {
  struct panels_rows rows = panels_rows(p);
  uint32_t *order = malloc(3 * (size_t)rows.count * sizeof *order);
  if (!order) return NULL;
  panels_sort_by_scale(p, &rows, in, order, order + rows.count);
  for (uint32_t i = 0; i < rows.count; i++) {
    const uint8_t *from = in + panels_row_offset(p, &rows, order[i]);
    for (uint32_t line = 0; line < rows.line_count; line++, out += 4) memcpy(out, from + 64 * line, 4);
  }
  free(order);
  return out;
}

// The palette of one row of a group and its nibbles; 0 when it has more than 16 values.
static int split_few_row(const uint8_t *from, uint8_t *steps, size_t count, uint8_t *nibbles) {
  uint8_t seen[256] = {0}, rank[256];
  for (int line = 0; line < 8; line++)
    for (int c = 0; c < 4; c++) seen[from[64 * line + c] ^ 128] = 1;  // rising as signed numbers
  int n = 0, before = 0;
  for (int value = 0; value < 256; value++) {
    if (!seen[value]) continue;
    if (n == 16) return 0;
    steps[(size_t)n * count] = (uint8_t)(n == 0 ? value ^ 128 : value - before);
    rank[value] = (uint8_t)n++;
    before = value;
  }
  while (n < 16) steps[(size_t)n++ * count] = 0;
  for (int line = 0; line < 4; line++)
    for (int c = 0; c < 4; c++)
      nibbles[64 * line + c] =
        (uint8_t)(rank[from[128 * line + c] ^ 128] | rank[from[128 * line + 64 + c] ^ 128] << 4);
  return 1;
}

static uint8_t *split_few(const uint8_t *in, const struct codec_panels *p, uint8_t *out, struct cuts *cuts) {
  struct panels_rows rows = panels_rows(p);
  if (rows.line_count != 8) return NULL;
  uint8_t *nibbles = out + 16 * (size_t)rows.count;
  for (uint32_t row = 0; row < rows.count; row++) {
    const uint8_t *from = in + panels_row_offset(p, &rows, row);
    if (!split_few_row(from, out + row, rows.count, nibbles + row / 16 * 256 + row % 16 * 4)) return NULL;
  }
  for (int i = 1; i <= 16; i++) cut(cuts, out + i * (size_t)rows.count);
  return nibbles + 16 * (size_t)rows.count;
}

// The table of ranks at `*out`, planes apart. Without one when there are too many different numbers.
static int split_table(const uint8_t *in, struct codec_panels *p, uint16_t *rank_of, uint8_t **out, struct cuts *cuts) {
  struct rank *all = malloc(65536 * sizeof *all);
  if (!all) return 0;
  p->rank_count = rank_scales(in, p, all, rank_of);
  int fits = p->rank_count <= CODEC_RANK_COUNT_MAX;
  for (uint32_t i = 0; fits && i < p->rank_count; i++) {
    (*out)[i] = (uint8_t)all[i].number;
    (*out)[p->rank_count + i] = (uint8_t)(all[i].number >> 8);
  }
  free(all);
  *out += 2 * (size_t)p->rank_count;
  if (fits) cut(cuts, *out);
  return fits;
}

intptr_t codec_split_panels(const uint8_t *in, struct codec_panels *p, int ranks, uint8_t *out, size_t *cut_offsets,
                            size_t cut_room, size_t *cut_count) {
  struct cuts cuts = {cut_offsets, cut_room, 0, out};
  uint16_t rank_of[65536];
  uint8_t *end = out;
  p->rank_count = 0;
  if (ranks && !split_table(in, p, rank_of, &end, &cuts)) return -1;
  end = split_scales(in, p, rank_of, end, &cuts);
  if (p->byte_line_count > 0) {
    end = split_parts(in, p, end, p->scale_vector_count * 32, p->byte_line_count * 64);
    cut(&cuts, end);
  }
  switch (p->order) {
    case CODEC_ORDER_COLUMNS: end = split_columns(in, p, end, &cuts); break;
    case CODEC_ORDER_SCALES: end = split_by_scale(in, p, end); break;
    case CODEC_ORDER_FEW: end = split_few(in, p, end, &cuts); break;
    default: end = split_parts(in, p, end, panels_body_offset(p), p->unit_byte_count - panels_body_offset(p)); break;
  }
  *cut_count = cuts.count;
  return end ? end - out : -1;
}
#endif
