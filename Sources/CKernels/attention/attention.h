// SPDX-License-Identifier: Apache-2.0
// Attention over the KV cache, sixteen positions (scores) or sixteen columns (values) at a time, up to four queries
// sharing each load; positions lie in a ring. Order of operations: specs/numerics.md §7.
#pragma once
#include "../tile/tile.h"

enum {
  ATTENTION_PANELS = 8,                 // of keys, before the next queries: they stay in the first-level cache
  ATTENTION_COLUMNS = 2 * TILE_SCALES,  // times 16 columns of values at once
  ATTENTION_POSITIONS = 128,            // whose scales are widened at once
};

/// How many of the `left` queries to take together.
LANES_INLINE size_t attention_share(size_t left) { return left < TILE_ROWS_MAX ? left : TILE_ROWS_MAX; }

/// q · k of `queries` queries, from `first`, with `panels` panels, into their scratch.
static LANES_DRIVER void attention_dots(ht_kv kv, const ht_attention *job, size_t first, size_t queries,
                                                     size_t panel, size_t panels) {
  size_t panel_byte_count = ht_k_panel_byte_count(kv, job->head_dim);
  const uint8_t *k = job->k + panel % (job->capacity / 16) * panel_byte_count;
  tile_job work = {.b = k, .count = job->head_dim, .step = 32, .column_step = panel_byte_count};
  float *scores = job->scratch + first * job->scratch_stride + (16 * panel - job->origin);
  if (kv != HT_KV_Q8) {
    for (size_t q = 0; q < queries; q++) {
      work.a[q] = job->q[first + q];
      work.out[q] = scores + q * job->scratch_stride;
    }
    if (kv == HT_KV_F16) return KERNEL(tile_f16)(&work, queries, panels);
    work.step = 64;
    return KERNEL(tile_f32)(&work, queries, panels);
  }
  float groups[TILE_ROWS_MAX][16 * ATTENTION_PANELS] __attribute__((aligned(64)));
  work.step = 16;
  for (size_t d = 0; d < job->head_dim; d += 32) {
    work.b = k + 16 * d;
    work.count = job->head_dim - d < 32 ? job->head_dim - d : 32;
    for (size_t q = 0; q < queries; q++) {
      work.a[q] = job->q[first + q] + d;
      work.out[q] = groups[q];
    }
    KERNEL(tile_i8)(&work, queries, panels);
    for (size_t p = 0; p < panels; p++) {
      num scale = lanes_load_f16(k + p * panel_byte_count + 16 * job->head_dim + d);
      for (size_t q = 0; q < queries; q++) {
        float *sum = scores + q * job->scratch_stride + 16 * p;
        lanes_store(sum, num_fma(lanes_load(groups[q] + 16 * p), scale, d == 0 ? (num)(0.0f) : lanes_load(sum)));
      }
    }
  }
}

/// Dots to scores and scores to weights exp(score − largest), in place; returns 1 / their sum. Lanes of the first and
/// the last panel that lie outside begin ..< end hold anything before; they become −∞ and then 0.
static __attribute__((noinline)) float attention_softmax(const ht_attention *job, size_t query) {
  uint32_t origin = (uint32_t)job->origin, begin = job->begin[query] - origin, end = job->end[query] - origin;
  uint32_t first = begin / 16 * 16;
  float *p = job->scratch + query * job->scratch_stride;
  const float *bias = job->bias[query];
  num scale = job->scale, largest = -__builtin_inff();
  if (job->softcap != 0) {  // few models have one: a pass of its own, after which the scores are to be left alone
    for (uint32_t t = first; t < end; t += 16) {
      num score = lanes_load(p + t) * scale;
      lanes_store(p + t, bias ? score + lanes_load(bias + t) : score);
    }
    KERNEL(softcap)(p + first, job->softcap, end - first, p + first);
    scale = 1.0f;
    bias = NULL;
  }
  for (uint32_t t = first; t < end; t += 16) {
    num score = lanes_load(p + t) * scale;
    if (bias) score = score + lanes_load(bias + t);
    if (t < begin || end - t < 16) {
      num_bits position = t + (num_bits){0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
      score = position < begin ? (num)(-__builtin_inff()) : score;
      score = position >= end ? (num)(-__builtin_inff()) : score;
    }
    largest = lanes_max(score, largest);
    lanes_store(p + t, score);
  }
  num shift = lanes_largest(largest), sum = 0.0f;
  for (uint32_t t = first; t < end; t += 16) {
    num weight = num_exp_below(lanes_load(p + t) - shift);
    lanes_store(p + t, weight);
    sum = sum + weight;
  }
  return 1.0f / lanes_sum(sum);
}

/// Adds positions begin ..< end, times their weights, to the sums of `queries` queries from `first` on.
static LANES_DRIVER void attention_range(ht_kv kv, const ht_attention *job, size_t first, size_t queries,
                                                      size_t begin, size_t end, size_t column, size_t columns,
                                                      float sums[][16 * ATTENTION_COLUMNS]) {
  size_t row_byte_count = ht_v_row_byte_count(kv, job->head_dim), padded = (job->head_dim + 15) / 16 * 16;
  size_t at_once = kv == HT_KV_Q8 ? ATTENTION_POSITIONS : SIZE_MAX;
  size_t byte_count = kv == HT_KV_F16 ? 2 : kv == HT_KV_Q8 ? 1 : 4;
  float scales[ATTENTION_POSITIONS][TILE_SCALES];
  while (begin < end) {
    size_t slot = begin % job->capacity, count = end - begin < at_once ? end - begin : at_once;
    if (job->capacity - slot < count) count = job->capacity - slot;
    const uint8_t *row = job->v + slot * row_byte_count;
    tile_job work = {.b = row + 16 * column * byte_count, .count = count, .step = row_byte_count,
                     .column_step = 16 * byte_count, .scales = scales[0], .resume = 1};
    for (size_t q = 0; q < queries; q++) {
      work.a[q] = job->scratch + (first + q) * job->scratch_stride + (begin - job->origin);
      work.out[q] = sums[q];
    }
    if (kv == HT_KV_F16) {
      KERNEL(tile_f16)(&work, queries, columns);
    } else if (kv == HT_KV_F32) {
      KERNEL(tile_f32)(&work, queries, columns);
    } else {
      for (size_t i = 0; i < count; i++, row += row_byte_count) {
        for (size_t g = 0; g < (columns + 1) / 2; g++) {
          scales[i][g] = (float)*(const _Float16 *)(row + padded + (column / 2 + g) * 2);
        }
      }
      KERNEL(tile_i8_scaled)(&work, queries, columns);
    }
    begin += count;
  }
}

/// Weighted sums of values for `queries` queries: the positions that all see are read once for all.
static LANES_DRIVER void attention_values(ht_kv kv, const ht_attention *job, size_t first, size_t queries,
                                                       const float *inverse) {
  float sums[TILE_ROWS_MAX][16 * ATTENTION_COLUMNS] __attribute__((aligned(64)));
  size_t low = 0, high = SIZE_MAX, columns_all = (job->head_dim + 15) / 16;
  for (size_t q = first; q < first + queries; q++) {
    low = job->begin[q] > low ? job->begin[q] : low;
    high = job->end[q] < high ? job->end[q] : high;
  }
  if (low > high) high = low;  // nothing in common
  for (size_t column = 0; column < columns_all; column += ATTENTION_COLUMNS) {
    size_t columns = columns_all - column < ATTENTION_COLUMNS ? columns_all - column : ATTENTION_COLUMNS;
    memset(sums, 0, sizeof sums);
    for (size_t q = 0; q < queries; q++) {
      size_t end = job->end[first + q] < low ? job->end[first + q] : low;
      attention_range(kv, job, first + q, 1, job->begin[first + q], end, column, columns, sums + q);
    }
    attention_range(kv, job, first, queries, low, high, column, columns, sums);
    for (size_t q = 0; q < queries; q++) {
      size_t begin = job->begin[first + q] > high ? job->begin[first + q] : high;
      attention_range(kv, job, first + q, 1, begin, job->end[first + q], column, columns, sums + q);
      for (size_t c = 0; c < columns; c++) {
        size_t d = 16 * (column + c), lanes = job->head_dim - d < 16 ? job->head_dim - d : 16;
        lanes_store_up_to(job->out[first + q] + d, lanes_load(sums[q] + 16 * c) * (num)(inverse[first + q]), lanes);
      }
    }
  }
}

static LANES_DRIVER void attention(ht_kv kv, const ht_attention *job) {
  size_t ring = job->capacity / 16;
  size_t panel_begin = SIZE_MAX, panel_end = 0;
  for (size_t q = 0; q < job->queries; q++) {
    size_t begin = job->begin[q] / 16, end = ((size_t)job->end[q] + 15) / 16;
    panel_begin = begin < panel_begin ? begin : panel_begin;
    panel_end = end > panel_end ? end : panel_end;
  }
  for (size_t panel = panel_begin, panels; panel < panel_end; panel += panels) {
    panels = panel_end - panel < ATTENTION_PANELS ? panel_end - panel : ATTENTION_PANELS;
    if (ring - panel % ring < panels) panels = ring - panel % ring;  // the ring ends, and goes on at its start
    for (size_t first = 0, queries; first < job->queries; first += queries) {
      queries = attention_share(job->queries - first);
      attention_dots(kv, job, first, queries, panel, panels);
    }
  }
  float inverse[HT_ATTENTION_QUERIES_MAX];
  for (size_t q = 0; q < job->queries; q++) inverse[q] = attention_softmax(job, q);
  for (size_t first = 0, queries; first < job->queries; first += queries) {
    queries = attention_share(job->queries - first);
    attention_values(kv, job, first, queries, inverse);
  }
}

void KERNEL(attention_f16)(const ht_attention *job) { attention(HT_KV_F16, job); }
void KERNEL(attention_f32)(const ht_attention *job) { attention(HT_KV_F32, job); }
void KERNEL(attention_q8)(const ht_attention *job) { attention(HT_KV_Q8, job); }
