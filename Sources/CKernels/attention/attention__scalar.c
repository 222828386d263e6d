// SPDX-License-Identifier: Apache-2.0
// Attention over the KV cache, the reference: one query, one position, one column after the other. Order of
// operations: specs/numerics.md §7.
#include "../kernels_float.h"
#include "../one_lane.h"
#include "../small.h"

HT_SMALL_BEGIN

static float read_f16(const uint8_t *from) {
  uint16_t half;
  memcpy(&half, from, 2);
  return ht_f16(half);
}

/// q · k of one position of the ring.
static float dot_f16(const ht_attention *job, const float *q, size_t position) {
  const uint8_t *panel = job->k + position / 16 * ht_k_panel_byte_count(HT_KV_F16, job->head_dim);
  float acc = 0;
  for (size_t d = 0; d < job->head_dim; d++) acc = num_fma(q[d], read_f16(panel + 32 * d + 2 * (position % 16)), acc);
  return acc;
}

static float read_f32(const uint8_t *from) {
  float number;
  memcpy(&number, from, 4);
  return number;
}

static float dot_f32(const ht_attention *job, const float *q, size_t position) {
  const uint8_t *panel = job->k + position / 16 * ht_k_panel_byte_count(HT_KV_F32, job->head_dim);
  float acc = 0;
  for (size_t d = 0; d < job->head_dim; d++) acc = num_fma(q[d], read_f32(panel + 64 * d + 4 * (position % 16)), acc);
  return acc;
}

static float dot_q8(const ht_attention *job, const float *q, size_t position) {
  const uint8_t *panel = job->k + position / 16 * ht_k_panel_byte_count(HT_KV_Q8, job->head_dim);
  size_t lane = position % 16;
  float acc = 0;
  for (size_t begin = 0; begin < job->head_dim; begin += 32) {
    float group = 0;
    for (size_t d = begin; d < job->head_dim && d < begin + 32; d++) {
      group = num_fma(q[d], (float)(int8_t)panel[16 * d + lane], group);
    }
    acc = num_fma(group, read_f16(panel + 16 * job->head_dim + begin + 2 * lane), acc);
  }
  return acc;
}

/// Column d of the value of one position.
static float value_f16(const ht_attention *job, size_t position, size_t d) {
  return read_f16(job->v + position * ht_v_row_byte_count(HT_KV_F16, job->head_dim) + 2 * d);
}

static float value_f32(const ht_attention *job, size_t position, size_t d) {
  return read_f32(job->v + position * ht_v_row_byte_count(HT_KV_F32, job->head_dim) + 4 * d);
}

static float value_q8(const ht_attention *job, size_t position, size_t d) {
  const uint8_t *row = job->v + position * ht_v_row_byte_count(HT_KV_Q8, job->head_dim);
  return (float)(int8_t)row[d] * read_f16(row + (job->head_dim + 15) / 16 * 16 + d / 32 * 2);
}

typedef float attention_dot(const ht_attention *job, const float *q, size_t position);
typedef float attention_value(const ht_attention *job, size_t position, size_t d);

static void attend(const ht_attention *job, attention_dot *dot, attention_value *value) {
  for (size_t i = 0; i < job->queries; i++) {
    size_t begin = job->begin[i], end = job->end[i];
    float *p = job->scratch + i * job->scratch_stride;
    float largest = -__builtin_inff(), lane[16] = {0};
    for (size_t t = begin; t < end; t++) {
      float score = dot(job, job->q[i], t % job->capacity) * job->scale;
      if (job->bias[i]) score = score + job->bias[i][t - job->origin];
      if (job->softcap != 0) score = job->softcap * ht_tanh(score / job->softcap);
      largest = score > largest ? score : largest;
      p[t - job->origin] = score;
    }
    for (size_t t = begin; t < end; t++) {
      float weight = ht_exp(p[t - job->origin] - largest);
      lane[t % 16] = lane[t % 16] + weight;
      p[t - job->origin] = weight;
    }
    float inverse = 1.0f / one_lane_tree(lane);
    for (size_t d = 0; d < job->head_dim; d++) {
      float o = 0;
      for (size_t t = begin; t < end; t++) {
        o = num_fma(p[t - job->origin], value(job, t % job->capacity, d), o);
      }
      job->out[i][d] = o * inverse;
    }
  }
}

void ht_attention_f16__scalar(const ht_attention *job) { attend(job, dot_f16, value_f16); }
void ht_attention_f32__scalar(const ht_attention *job) { attend(job, dot_f32, value_f32); }
void ht_attention_q8__scalar(const ht_attention *job) { attend(job, dot_q8, value_q8); }

HT_SMALL_END
