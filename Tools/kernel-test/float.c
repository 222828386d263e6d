// SPDX-License-Identifier: Apache-2.0
// Runs the float kernels of every instruction set of this processor on the same seeded cases. Each must give the bits
// of the scalar kernel (any NaN equals any other); the digests on standard output are the same on every machine.
#include "../../Sources/CKernels/kernels_float.h"
#include "cases.h"

static const ht_kernels *tables[HT_ISA_COUNT];
static int tableCount, failures;

static void check(const char *what, int table, uint64_t digest, uint64_t expected, size_t a, size_t b, size_t c) {
  if (digest != expected && failures++ < 30) {
    fprintf(stderr, "kernel-test: %s differs: %s at %zu %zu %zu\n", what, ht_isa_name(tables[table]->isa), a, b, c);
  }
}
static uint64_t start(void) { return 0xCBF29CE484222325u; }
static uint64_t foldBytes(uint64_t digest, const uint8_t *bytes, size_t count) {
  for (size_t i = 0; i < count; i++) digest = (digest ^ bytes[i]) * 0x100000001B3u;
  return digest;
}
static void print(const char *what, size_t a, size_t b, uint64_t digest) {
  printf("%s %zu %zu %016llx\n", what, a, b, (unsigned long long)digest);
}

// Kernels of two rows or of one: y = f(a, b).

typedef enum {
  RMS_NORM, LAYER_NORM, SILU_MUL, ADD, GELU_TANH_MUL, SOFTCAP, AFFINE, EXP_SUM, APPLY,
  ROW_KERNELS = APPLY + HT_FUNCTION_COUNT
} RowKernel;
static const char *const rowNames[] = {"rms_norm", "layer_norm", "silu_mul",  "add",  "gelu_tanh_mul", "softcap",
                                       "affine",   "exp_sum",    "gelu_erf",  "gelu_tanh", "relu",     "tanh",
                                       "silu"};

static void runRow(RowKernel kernel, const ht_kernels *table, const float *a, const float *b, size_t n, float *y) {
  switch (kernel) {
    case RMS_NORM: return table->rms_norm(a, b, 1e-5f, n, y);
    case SILU_MUL: return table->silu_mul(a, b, n, y);
    case ADD: return table->add(a, b, n, y);
    case GELU_TANH_MUL: return table->gelu_tanh_mul(a, b, n, y);
    case SOFTCAP: return table->softcap(a, 30, n, y);
    case LAYER_NORM: return table->layer_norm(a, b, b, 1e-5f, n, y);
    case AFFINE: return table->affine(a, b, a, n, y);
    case EXP_SUM: {  // the sum takes the place of the last number
      float shift = b[0] > -9 && b[0] < 9 ? b[0] : 9, sum = table->exp_sum(a, shift, n, y);
      y[n - 1] = sum;
      return;
    }
    default: return table->apply[kernel - APPLY](a, n, y);
  }
}

static void testRows(RowKernel kernel, size_t n) {
  uint64_t all = start();
  for (Kind kind = 0; kind < KIND_COUNT; kind++) {
    seed((uint64_t)kernel << 40 | (uint64_t)kind << 32 | n);
    Guarded a = guarded(n * 4), b = guarded(n * 4), y = guarded(n * 4), input = guarded(n * 4);
    fillFloats((float *)a.at, n, kind);
    fillFloats((float *)b.at, n, kind);
    uint64_t expected = 0;
    for (int i = 0; i < tableCount; i++) {
      runRow(kernel, tables[i], (float *)a.at, (float *)b.at, n, (float *)y.at);
      uint64_t digest = foldFloats(start(), (float *)y.at, n);
      if (i == 0) expected = digest;
      check(rowNames[kernel], i, digest, expected, n, kind, 0);
      memcpy(input.at, a.at, n * 4);  // y is the first input
      runRow(kernel, tables[i], (float *)input.at, (float *)b.at, n, (float *)input.at);
      check(rowNames[kernel], i, foldFloats(start(), (float *)input.at, n), expected, n, kind, 1);
      if (kernel == RMS_NORM || kernel == LAYER_NORM || kernel == EXP_SUM) continue;
      memcpy(input.at, b.at, n * 4);  // y is the second one
      runRow(kernel, tables[i], (float *)a.at, (float *)input.at, n, (float *)input.at);
      check(rowNames[kernel], i, foldFloats(start(), (float *)input.at, n), expected, n, kind, 2);
    }
    all = fold(fold(all, (uint32_t)expected), (uint32_t)(expected >> 32));
    release(a), release(b), release(y), release(input);
  }
  print(rowNames[kernel], n, 0, all);
}

/// All exponents and signs, `step` bit patterns apart.
static void testSweep(RowKernel kernel, uint32_t step) {
  enum { N = 4096 };
  static float x[N], one[N], y[N];
  uint64_t digests[HT_ISA_COUNT] = {0};
  for (size_t i = 0; i < N; i++) one[i] = 1;
  for (uint64_t bits = 0; bits <= UINT32_MAX;) {
    size_t n = 0;
    for (; n < N && bits <= UINT32_MAX; bits += step) {
      uint32_t pattern = (uint32_t)bits;
      memcpy(x + n++, &pattern, 4);
    }
    for (int i = 0; i < tableCount; i++) {
      runRow(kernel, tables[i], x, one, n, y);
      digests[i] = foldFloats(digests[i], y, n);
    }
  }
  for (int i = 1; i < tableCount; i++) check("sweep", i, digests[i], digests[0], kernel, step, 0);
  print("sweep", kernel, step, digests[0]);
}

static void testRope(size_t headDim, size_t pairs, bool adjacent) {
  uint64_t all = start();
  for (Kind kind = 0; kind < KIND_COUNT; kind++) {
    seed((uint64_t)kind << 32 | headDim << 16 | pairs << 1 | adjacent);
    size_t heads = 1 + nextRandom() % 4, n = heads * headDim;
    Guarded x = guarded(n * 4), y = guarded(n * 4), high = guarded(pairs * 8), low = guarded(pairs * 8);
    fillFloats((float *)x.at, n, kind);
    fillFloats((float *)high.at, pairs * 2, kind == ANY_BYTES ? kind : ORDINARY);
    fillFloats((float *)low.at, pairs * 2, ORDINARY);
    uint64_t expected = 0;
    for (int i = 0; i < tableCount; i++) {
      memcpy(y.at, x.at, n * 4);
      tables[i]->rope((float *)y.at, heads, headDim, pairs, (float *)high.at, (float *)low.at, adjacent);
      uint64_t digest = foldFloats(start(), (float *)y.at, n);
      if (i == 0) expected = digest;
      check("rope", i, digest, expected, headDim, pairs, (size_t)adjacent | (size_t)kind << 4);
    }
    all = fold(fold(all, (uint32_t)expected), (uint32_t)(expected >> 32));
    release(x), release(y), release(high), release(low);
  }
  print(adjacent ? "rope adjacent" : "rope halves", headDim, pairs, all);
}

// By kind of cache, in ht_kv's order.
static const char *const appendNames[HT_KV_COUNT] = {"kv_append f16", "kv_append q8", "kv_append f32"};
static const char *const attentionNames[HT_KV_COUNT] = {"attention f16", "attention q8", "attention f32"};

/// A cache filled by the table itself: all it does not write stays NaN (0xff in each byte, or in the f16 scales).
/// Positions lie modulo `capacity`, a multiple of 16; one as large as `end` is no ring.
typedef struct {
  Guarded k, v;
  size_t capacity;
} Cache;
static Cache makeCache(const ht_kernels *table, ht_kv kv, size_t headDim, size_t begin, size_t end, size_t capacity,
                       uint64_t number, Kind kind) {
  size_t kByteCount = capacity / 16 * ht_k_panel_byte_count(kv, headDim);
  size_t vByteCount = (end < capacity ? end : capacity) * ht_v_row_byte_count(kv, headDim);
  Cache cache = {guarded(kByteCount), guarded(vByteCount), capacity};
  memset(cache.k.at, 0xff, kByteCount);
  memset(cache.v.at, 0xff, vByteCount);
  Guarded key = guarded(headDim * 4), value = guarded(headDim * 4);
  seed(number);
  for (size_t position = begin; position < end; position++) {
    fillFloats((float *)key.at, headDim, kind);
    fillFloats((float *)value.at, headDim, kind);
    table->kv_append[kv]((float *)key.at, (float *)value.at, headDim, position % capacity, cache.k.at,
                         cache.v.at);
  }
  release(key), release(value);
  return cache;
}

static uint64_t runAttention(const ht_kernels *table, ht_kv kv, const Cache *cache, size_t headDim, size_t queries,
                             size_t windowBegin, size_t windowEnd, uint64_t number, Kind kind) {
  seed(number);
  size_t stride = (windowEnd - windowBegin / 16 * 16 + 15) / 16 * 16;
  Guarded q = guarded(queries * headDim * 4), out = guarded(queries * headDim * 4);
  Guarded scratch = guarded(queries * stride * 4), bias = guarded(queries * stride * 4);
  memset(scratch.at, 0xff, queries * stride * 4);
  memset(out.at, 0xff, queries * headDim * 4);
  fillFloats((float *)q.at, queries * headDim, kind);
  fillFloats((float *)bias.at, queries * stride, kind);
  bool isBiased = nextRandom() % 2;
  ht_attention job = {.k = cache->k.at, .v = cache->v.at, .head_dim = headDim, .queries = queries,
                      .capacity = cache->capacity, .origin = windowBegin / 16 * 16, .scratch = (float *)scratch.at,
                      .scratch_stride = stride,
                      .scale = kind == EXTREME ? 30.0f : 0.125f, .softcap = nextRandom() % 3 == 0 ? 20.0f : 0.0f};
  size_t spread = nextRandom() % 3, length = windowEnd - windowBegin;
  for (size_t i = 0; i < queries; i++) {  // all alike, a few apart, or anywhere
    size_t room = spread == 0 ? 1 : spread == 1 && length > 4 ? 4 : length;
    size_t begin = windowBegin + nextRandom() % room, end = windowEnd - nextRandom() % room;
    if (begin >= end) begin = windowBegin, end = windowBegin + 1;
    job.begin[i] = (uint32_t)begin, job.end[i] = (uint32_t)end;
    job.q[i] = (float *)q.at + i * headDim, job.out[i] = (float *)out.at + i * headDim;
    if (isBiased) job.bias[i] = (float *)bias.at + i * stride;
  }
  job.end[queries - 1] = (uint32_t)windowEnd;
  table->attention[kv](&job);
  uint64_t digest = foldFloats(start(), (float *)out.at, queries * headDim);
  release(q), release(out), release(scratch), release(bias);
  return digest;
}

static void testAttention(ht_kv kv, size_t headDim, size_t begin, size_t end) {
  uint64_t all = start();
  for (Kind kind = 0; kind < KIND_COUNT; kind++) {
    uint64_t number = (uint64_t)kv << 50 | (uint64_t)kind << 40 | (uint64_t)headDim << 24 | begin << 12 | end;
    uint64_t expectedCache = 0, expected[HT_ATTENTION_QUERIES_MAX] = {0};
    for (int i = 0; i < tableCount; i++) {
      size_t length = (end - begin + 15) / 16 * 16;
      Cache cache = makeCache(tables[i], kv, headDim, begin, end, (end + 15) / 16 * 16, number, kind);
      Cache ring = makeCache(tables[i], kv, headDim, begin, end, length, number, kind);
      uint64_t digest = foldBytes(start(), cache.k.at, (end + 15) / 16 * ht_k_panel_byte_count(kv, headDim));
      digest = foldBytes(digest, cache.v.at, end * ht_v_row_byte_count(kv, headDim));
      if (i == 0) expectedCache = digest;
      check(appendNames[kv], i, digest, expectedCache, headDim, end, kind);
      for (size_t queries = 1; queries <= HT_ATTENTION_QUERIES_MAX; queries++) {
        if ((queries + kind + end) % 3) continue;  // each count with other kinds and windows
        digest = runAttention(tables[i], kv, &cache, headDim, queries, begin, end, number ^ queries << 58, kind);
        if (i == 0) expected[queries - 1] = digest;
        check(attentionNames[kv], i, digest, expected[queries - 1], headDim, end, queries << 4 | kind);
      }
      size_t queries = 3 - (kind + end) % 3 + headDim / 2 % 2 * 3;  // in a ring: the same as above
      digest = runAttention(tables[i], kv, &ring, headDim, queries, begin, end, number ^ queries << 58, kind);
      check("attention in a ring", i, digest, expected[queries - 1], headDim, end, queries << 4 | kind);
      release(cache.k), release(cache.v), release(ring.k), release(ring.v);
    }
    all = fold(fold(all, (uint32_t)expectedCache), (uint32_t)(expectedCache >> 32));
    for (int q = 0; q < HT_ATTENTION_QUERIES_MAX; q++)
      all = fold(fold(all, (uint32_t)expected[q]), (uint32_t)(expected[q] >> 32));
  }
  printf("%s %zu %zu %zu %016llx\n", attentionNames[kv], headDim, begin, end, (unsigned long long)all);
}

static void testMatmul(ht_format format, size_t rows, size_t k) {
  uint64_t all = start();
  size_t wByteCount = ht_tensor_byte_count(format, rows, k), stride = (k + 31) / 32 * 128;
  for (Kind kind = 0; kind < KIND_COUNT; kind++) {
    seed((uint64_t)format << 40 | (uint64_t)kind << 32 | rows << 16 | k);
    Guarded w = guarded(wByteCount);
    for (size_t i = 0; i < wByteCount; i++) w.at[i] = (uint8_t)nextRandom();
    if (format == HT_F32) fillFloats((float *)w.at, wByteCount / 4, kind);
    if (format == HT_F16 && kind != ANY_BYTES) {
      for (size_t i = 0; i < wByteCount; i += 2) {
        uint16_t half = nextHalfScale(kind);
        memcpy(w.at + i, &half, 2);
      }
    }
    for (size_t tokens = 1 + kind % 3; tokens <= 9; tokens += 3) {
      Guarded x = guarded(tokens * stride), bias = guarded(rows * 4), residual = guarded(tokens * rows * 4);
      fillFloats((float *)x.at, tokens * stride / 4, kind);
      fillFloats((float *)bias.at, rows, kind);
      fillFloats((float *)residual.at, tokens * rows, kind);
      uint64_t expected = 0;
      for (int i = 0; i < tableCount; i++) {
        Guarded y = guarded(tokens * rows * 4);
        memcpy(y.at, residual.at, tokens * rows * 4);
        ht_matmul job = {.w = w.at, .rows = rows, .k = k, .x = x.at, .x_stride = stride, .y = (float *)y.at,
                         .y_stride = rows, .bias = tokens & 1 ? (float *)bias.at : NULL, .residual_stride = rows,
                         .tokens = tokens};
        job.residual = tokens & 2 ? (float *)residual.at : tokens & 4 ? job.y : NULL;
        size_t panels = (rows + 15) / 16;
        tables[i]->matmul[format](&job, 0, panels / 3);
        tables[i]->matmul[format](&job, panels / 3, panels);
        uint64_t digest = foldFloats(start(), job.y, tokens * rows);
        if (i == 0) expected = digest;
        check(formatNames[format], i, digest, expected, rows, k, tokens << 4 | kind);
        release(y);
      }
      all = fold(fold(all, (uint32_t)expected), (uint32_t)(expected >> 32));
      release(x), release(bias), release(residual);
    }
    release(w);
  }
  printf("matmul %s rows %zu k %zu %016llx\n", formatNames[format], rows, k, (unsigned long long)all);
}

int main(void) {
  fprintf(stderr, "kernel-test:");
  for (ht_isa isa = 0; isa < HT_ISA_COUNT; isa++)
    if (ht_isa_available(isa, processorCapabilities()) && ht_kernels_of(isa)) {
      tables[tableCount++] = ht_kernels_of(isa);
      fprintf(stderr, " %s", ht_isa_name(isa));
    }
  fprintf(stderr, "\n");
  static const size_t widths[] = {1, 2, 15, 16, 17, 31, 33, 64, 100, 576, 2053};
  for (RowKernel kernel = 0; kernel < ROW_KERNELS; kernel++) {
    for (size_t i = 0; i < sizeof widths / sizeof *widths; i++) testRows(kernel, widths[i]);
    if (kernel != RMS_NORM && kernel != LAYER_NORM) testSweep(kernel, 98317);
  }
  static const size_t headDims[] = {2, 10, 30, 64, 80, 96, 128, 136, 256};
  for (size_t i = 0; i < sizeof headDims / sizeof *headDims; i++)
    for (int adjacent = 0; adjacent < 2; adjacent++) {
      testRope(headDims[i], headDims[i] / 2, adjacent);
      if (headDims[i] >= 10) testRope(headDims[i], headDims[i] * 3 / 8, adjacent);
    }
  static const size_t windows[][2] = {{0, 1}, {0, 16}, {0, 17}, {3, 4}, {5, 40}, {17, 33}, {0, 100}, {30, 150}};
  for (ht_kv kv = 0; kv < HT_KV_COUNT; kv++)
    for (size_t i = 0; i < sizeof headDims / sizeof *headDims; i++)
      for (size_t w = (i + kv) % 3; w < sizeof windows / sizeof *windows; w += 3)  // every pair of them, of some kind
        testAttention(kv, headDims[i], windows[w][0], windows[w][1]);
  static const size_t shapes[][2] = {{1, 1}, {15, 31}, {17, 33}, {40, 100}, {129, 32}, {7, 320}};
  for (ht_format format = HT_F32; format <= HT_BF16; format++)
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) testMatmul(format, shapes[i][0], shapes[i][1]);
  return failures != 0;
}
