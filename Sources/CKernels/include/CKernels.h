// SPDX-License-Identifier: Apache-2.0
// Leaf functions with SIMD, one table of them per instruction set. Layouts: specs/weights.md. Order of every
// floating-point operation: specs/numerics.md. All tables give the same bits. Nothing here allocates or checks: the
// caller has proven every size. No libc beyond memcpy and memset.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// An instruction set that has a table. Higher is better within one architecture.
typedef enum : uint32_t {
  HT_ISA_SCALAR = 0,
  HT_ISA_AVX2 = 1,        ///< x86-64-v3: AVX2, FMA, F16C
  HT_ISA_AVX512VNNI = 2,  ///< AVX-512 F, BW, VL, DQ, VNNI
  HT_ISA_NEON = 3,        ///< ARMv8.0 Advanced SIMD
  HT_ISA_DOTPROD = 4,     ///< ARMv8.2 sdot
  HT_ISA_COUNT = 5,
} ht_isa;

/// How a weight tensor is stored: the numbers are those of specs/weights.md.
typedef enum : uint32_t {
  HT_F32 = 0, HT_F16 = 1, HT_BF16 = 2,
  HT_Q8_0 = 3, HT_Q4_0 = 4, HT_Q4_1 = 5, HT_Q5_0 = 6, HT_Q5_1 = 7, HT_Q6_0 = 8,
  HT_Q4_K = 9, HT_Q5_K = 10, HT_Q6_K = 11, HT_Q2_K = 12, HT_Q3_K = 13,
  HT_IQ4_NL = 14, HT_IQ4_XS = 15, HT_MXFP4 = 16,
  HT_FORMAT_COUNT = 17,
} ht_format;

/// One tensor times `tokens` activation rows: y[t][r] = ((Σ_k w[r][k]·x[t][k]) + bias[r]) + residual[t][r].
typedef struct {
  const uint8_t *_Nonnull w;          ///< panels, 64-byte aligned
  size_t rows, k;                     ///< logical; panels hold ceil(rows/16)·16 rows and ceil(k/32)·32 columns
  const uint8_t *_Nonnull x;          ///< integer formats: q8 rows; float ones: f32 rows, padded to 32 with zeros
  size_t x_stride;                    ///< bytes between rows, a multiple of 64
  float *_Nonnull y;                  ///< f32 (tokens, y_stride)
  size_t y_stride;                    ///< floats between rows
  const float *_Nullable bias;        ///< f32 (rows)
  const float *_Nullable residual;    ///< f32 (tokens, residual_stride); may be y itself
  size_t residual_stride;
  size_t tokens;                      ///< rows of x
  size_t split;                       ///< 1: q16 rows, two planes; 0: q8 rows
} ht_matmul;

/// Bytes of one q8 activation row of `k` columns: i8 (kp), f32 scale (g), i32 sum (g), f32 scale·sum (g), then zero to
/// a multiple of 64; g = ceil(k/32), kp = 32·g.
static inline size_t ht_q8_row_byte_count(size_t k) {
  size_t g = (k + 31) / 32;
  return (g * (32 + 12) + 63) / 64 * 64;
}

/// A function of one number: the numbers are those of specs/program.md §3.
typedef enum : uint32_t {
  HT_GELU_ERF = 0, HT_GELU_TANH = 1, HT_RELU = 2, HT_TANH = 3, HT_SILU = 4,
  HT_FUNCTION_COUNT = 5,
} ht_function;

/// How a KV cache holds its numbers.
typedef enum : uint32_t { HT_KV_F16 = 0, HT_KV_Q8 = 1, HT_KV_F32 = 2, HT_KV_COUNT = 3 } ht_kv;

/// At most this many queries in one call of `attention`.
#define HT_ATTENTION_QUERIES_MAX 8

/// Bytes of one position panel (16 positions of one head's keys).
static inline size_t ht_k_panel_byte_count(ht_kv kv, size_t head_dim) {
  if (kv == HT_KV_F32) return head_dim * 64;
  return kv == HT_KV_F16 ? head_dim * 32 : (head_dim * 16 + (head_dim + 31) / 32 * 32 + 63) / 64 * 64;
}
/// Bytes of one position of one head's values.
static inline size_t ht_v_row_byte_count(ht_kv kv, size_t head_dim) {
  size_t padded = (head_dim + 15) / 16 * 16;
  if (kv == HT_KV_F32) return padded * 4;
  return kv == HT_KV_F16 ? padded * 2 : (padded + (head_dim + 31) / 32 * 2 + 15) / 16 * 16;
}

/// Several queries against the keys and values of one KV head. Query i sees positions begin[i] ..< end[i], never empty.
typedef struct {
  const uint8_t *_Nullable k;  ///< position panels of this head: position p lies at p mod capacity
  const uint8_t *_Nullable v;  ///< value rows of this head, likewise
  size_t capacity;             ///< positions of both, a multiple of 16, at least last end − first begin
  size_t origin;               ///< the position of scratch[0]: a multiple of 16, at most the first begin
  size_t head_dim;
  size_t queries;             ///< 1 ... HT_ATTENTION_QUERIES_MAX
  const float *_Nullable q[HT_ATTENTION_QUERIES_MAX];  ///< f32 (head_dim) each
  float *_Nullable out[HT_ATTENTION_QUERIES_MAX];      ///< f32 (head_dim) each
  uint32_t begin[HT_ATTENTION_QUERIES_MAX], end[HT_ATTENTION_QUERIES_MAX];
  const float *_Nullable bias[HT_ATTENTION_QUERIES_MAX];  ///< null, or f32: of position origin + i at [i], to the end
                                                          ///< of the last panel
  float scale;                ///< multiplies a score
  float softcap;              ///< 0: none; else score = softcap·tanh(score/softcap)
  float *_Nonnull scratch;    ///< f32 (queries, scratch_stride), 64-byte aligned
  size_t scratch_stride;      ///< floats, a multiple of 16, ≥ the largest end − origin, rounded up to 16
} ht_attention;

/// A job without queries yet.
static inline ht_attention ht_attention_job(size_t head_dim, float scale, float softcap, size_t capacity,
                                            float *_Nonnull scratch, size_t scratch_stride) {
  return (ht_attention){.head_dim = head_dim, .scale = scale, .softcap = softcap, .capacity = capacity,
                        .scratch = scratch, .scratch_stride = scratch_stride};
}
/// Query `i` of a job; the first comes first.
static inline void ht_attention_set(ht_attention *_Nonnull job, size_t i, const float *_Nonnull q, float *_Nonnull out,
                                    uint32_t begin, uint32_t end) {
  job->q[i] = q, job->out[i] = out, job->begin[i] = begin, job->end[i] = end, job->bias[i] = NULL;
  if (i == 0 || begin / 16 * 16 < job->origin) job->origin = begin / 16 * 16;
}
/// The bias of query `i`.
static inline void ht_attention_set_bias(ht_attention *_Nonnull job, size_t i, const float *_Nonnull bias) {
  job->bias[i] = bias;
}

/// All kernels of one instruction set.
typedef struct {
  ht_isa isa;
  /// Computes output rows 16·panel_begin ..< min(rows, 16·panel_end) for all tokens.
  void (*_Nonnull matmul[HT_FORMAT_COUNT])(const ht_matmul *_Nonnull job, size_t panel_begin, size_t panel_end);
  /// f32 (k) → one q8 row. `begin`, `end`: the groups to do (threads split one row by groups).
  void (*_Nonnull quantize)(const float *_Nonnull x, size_t k, uint8_t *_Nonnull row, size_t begin, size_t end);
  /// f32 (k) → a q16 row, x = s·(128·hi + lo): room for a q8 row, of which hi fills the quants, then a q8 row of lo
  /// with the scales s and the sums of 128·hi + lo.
  void (*_Nonnull quantize16)(const float *_Nonnull x, size_t k, uint8_t *_Nonnull row, size_t begin, size_t end);
  /// y[i] = (x[i]·(1/√(mean(x²)+ε)))·w[i]; y may be x.
  void (*_Nonnull rms_norm)(const float *_Nonnull x, const float *_Nonnull w, float epsilon, size_t n,
                            float *_Nonnull y);
  /// y[i] = fma((x[i] − mean)·(1/√(variance+ε)), w[i], b[i]); y may be x.
  void (*_Nonnull layer_norm)(const float *_Nonnull x, const float *_Nonnull w, const float *_Nonnull b, float epsilon,
                              size_t n, float *_Nonnull y);
  /// y[i] = fma(x[i], w[i], b[i]); y may be x.
  void (*_Nonnull affine)(const float *_Nonnull x, const float *_Nonnull w, const float *_Nonnull b, size_t n,
                          float *_Nonnull y);
  /// y[i] = f(x[i]); y may be x.
  void (*_Nonnull apply[HT_FUNCTION_COUNT])(const float *_Nonnull x, size_t n, float *_Nonnull y);
  /// y[i] = (gate[i]/(1+exp(-gate[i])))·up[i]; y may be gate or up.
  void (*_Nonnull silu_mul)(const float *_Nonnull gate, const float *_Nonnull up, size_t n, float *_Nonnull y);
  /// y[i] = gelu(gate[i])·up[i], gelu by tanh; y may be gate or up.
  void (*_Nonnull gelu_tanh_mul)(const float *_Nonnull gate, const float *_Nonnull up, size_t n, float *_Nonnull y);
  /// y[i] = cap·tanh(x[i]/cap); y may be x.
  void (*_Nonnull softcap)(const float *_Nonnull x, float cap, size_t n, float *_Nonnull y);
  /// y[i] = a[i] + b[i].
  void (*_Nonnull add)(const float *_Nonnull a, const float *_Nonnull b, size_t n, float *_Nonnull y);
  /// Rotates `heads` heads of head_dim in place, the first 2·pairs of each; high, low: f32 (pairs cosines, pairs sines)
  /// of the two parts of the position; adjacent: pairs (2i, 2i+1), else (i, i+pairs).
  void (*_Nonnull rope)(float *_Nonnull x, size_t heads, size_t head_dim, size_t pairs, const float *_Nonnull high,
                        const float *_Nonnull low, bool adjacent);
  /// Writes one head's key and value of one position into the cache.
  void (*_Nonnull kv_append[HT_KV_COUNT])(const float *_Nonnull key, const float *_Nonnull value, size_t head_dim,
                                          size_t position, uint8_t *_Nonnull k, uint8_t *_Nonnull v);
  void (*_Nonnull attention[HT_KV_COUNT])(const ht_attention *_Nonnull job);
  /// y[i] = exp(x[i] − shift), y may be x; returns their sum by 16 lanes and the tree. The sampler's.
  float (*_Nonnull exp_sum)(const float *_Nonnull x, float shift, size_t n, float *_Nonnull y);
  /// scores[v] = (float)(Σ_i vectors[v][i]·query[i])·scales[v] for 16·panels vectors. vectors: i8 panels of 16,
  /// (panels, k/4, 16, 4), 64-byte aligned; query: i8 (k), never −128; k: a multiple of 32, at most 65,536.
  void (*_Nonnull search)(const int8_t *_Nonnull vectors, const float *_Nonnull scales, const int8_t *_Nonnull query,
                          size_t k, size_t panels, float *_Nonnull scores);
} ht_kernels;

/// Calls kv_append of a kind of cache.
static inline void ht_kv_append_run(const ht_kernels *_Nonnull kernels, ht_kv kv, const float *_Nonnull key,
                                    const float *_Nonnull value, size_t head_dim, size_t position,
                                    uint8_t *_Nonnull k, uint8_t *_Nonnull v) {
  kernels->kv_append[kv](key, value, head_dim, position, k, v);
}
/// Calls attention over a kind of cache.
static inline void ht_attention_run(const ht_kernels *_Nonnull kernels, ht_kv kv, const ht_attention *_Nonnull job) {
  kernels->attention[kv](job);
}
/// Calls a function of one number on a row.
static inline void ht_apply_run(const ht_kernels *_Nonnull kernels, ht_function function, const float *_Nonnull x,
                                size_t n, float *_Nonnull y) {
  kernels->apply[function](x, n, y);
}
/// Calls the matmul of a format.
static inline void ht_matmul_run(const ht_kernels *_Nonnull kernels, ht_format format, const ht_matmul *_Nonnull job,
                                 size_t panel_begin, size_t panel_end) {
  kernels->matmul[format](job, panel_begin, panel_end);
}

/// One row of a weight tensor as f32 (k): what the format means, rounded once a step as specs/weights.md says.
void ht_dequantize_row(ht_format format, const uint8_t *_Nonnull w, size_t row, size_t k, float *_Nonnull out);
/// A row of f32 (k), k a multiple of 32, with columns exchanged: for i = 0 … 31, column k − 32 + i and places[i].
/// places: f32 (32); what is no column is column 0.
void ht_move_outliers(const float *_Nonnull x, size_t k, const float *_Nonnull places, float *_Nonnull row);
/// Columns k ..< k + 32 of `row`: what its last 32 columns before them lost in a q8 row of k + 32 columns.
void ht_rest_of_outliers(const uint8_t *_Nonnull quantized, size_t k, float *_Nonnull row);
/// Bytes of a whole tensor in panels.
size_t ht_tensor_byte_count(ht_format format, size_t rows, size_t k);
/// exp and tanh of specs/numerics.md, one number at a time.
float ht_exp(float x);
float ht_tanh(float x);

/// Whether this processor runs `isa`. `hwcap` is AT_HWCAP (read on ARM only).
bool ht_isa_available(ht_isa isa, uint64_t hwcap);
/// The table of `isa`, or NULL where this build has none (another architecture).
const ht_kernels *_Nullable ht_kernels_of(ht_isa isa);
/// "scalar", "avx2", "avx512vnni", "neon", "dotprod".
const char *_Nonnull ht_isa_name(ht_isa isa);
