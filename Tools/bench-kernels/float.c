// SPDX-License-Identifier: Apache-2.0
// Speed of the float kernels on one thread: attention as a decoder of SmolLM2's shape asks for it (9 heads of 64, 3 KV
// heads), norms, pointwise kernels, and matmuls with float weights. The best of several passes.
// Usage: float [ISA|all] [SECONDS]
#include <time.h>

#include "../kernel-test/cases.h"

static double seconds = 0.3;

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

#define BEST(statement)                            \
  ({                                               \
    double best = 1e9, stop = now() + seconds;     \
    do {                                           \
      double begin = now();                        \
      statement;                                   \
      double spent = now() - begin;                \
      best = spent < best ? spent : best;          \
    } while (now() < stop);                        \
    best;                                          \
  })

enum { HEADS = 9, KV_HEADS = 3, HEAD_DIM = 64, DEPTH = 1024, CHUNK = 512, TOKENS_AT_ONCE = 2 };

typedef struct {
  Guarded k[KV_HEADS], v[KV_HEADS];
} Cache;

static Cache makeCache(const ht_kernels *table, ht_kv kv) {
  Cache cache;
  float key[HEAD_DIM], value[HEAD_DIM];
  for (int head = 0; head < KV_HEADS; head++) {
    cache.k[head] = guarded(DEPTH / 16 * ht_k_panel_byte_count(kv, HEAD_DIM));
    cache.v[head] = guarded(DEPTH * ht_v_row_byte_count(kv, HEAD_DIM));
    for (size_t position = 0; position < DEPTH; position++) {
      fillFloats(key, HEAD_DIM, ORDINARY);
      fillFloats(value, HEAD_DIM, ORDINARY);
      table->kv_append[kv](key, value, HEAD_DIM, position, cache.k[head].at, cache.v[head].at);
    }
  }
  return cache;
}

/// The heads of the first `kvHeads` KV heads for `tokens` tokens, the last of which sees `depth` positions.
static void attend(const ht_kernels *table, ht_kv kv, const Cache *cache, size_t kvHeads, size_t tokens, size_t depth) {
  static float q[CHUNK * HEADS * HEAD_DIM], out[CHUNK * HEADS * HEAD_DIM];
  static float scratch[HT_ATTENTION_QUERIES_MAX * DEPTH] __attribute__((aligned(64)));
  static bool filled;
  if (!filled) fillFloats(q, sizeof q / 4, ORDINARY);
  filled = true;
  for (size_t head = 0; head < kvHeads; head++) {
    for (size_t token = 0; token < tokens; token += TOKENS_AT_ONCE) {
      ht_attention job = {.k = cache->k[head].at, .v = cache->v[head].at, .head_dim = HEAD_DIM, .scale = 0.125f,
                          .capacity = DEPTH, .scratch = scratch, .scratch_stride = DEPTH};
      for (size_t t = token; t < tokens && t < token + TOKENS_AT_ONCE; t++)
        for (size_t h = head * 3; h < head * 3 + 3; h++) {
          job.q[job.queries] = q + (t * HEADS + h) * HEAD_DIM;
          job.out[job.queries] = out + (t * HEADS + h) * HEAD_DIM;
          job.end[job.queries++] = (uint32_t)(depth - tokens + t + 1);
        }
      table->attention[kv](&job);
    }
  }
}

static void benchAttention(const ht_kernels *table, ht_kv kv) {
  Cache cache = makeCache(table, kv);
  double decode = BEST(attend(table, kv, &cache, KV_HEADS, 1, DEPTH));
  double prefill = KV_HEADS * BEST(attend(table, kv, &cache, 1, CHUNK, CHUNK));  // short: less often interrupted
  size_t bytes = KV_HEADS * DEPTH * (ht_k_panel_byte_count(kv, HEAD_DIM) / 16 + ht_v_row_byte_count(kv, HEAD_DIM));
  float key[HEAD_DIM] = {1}, value[HEAD_DIM] = {1};
  double append = BEST(for (size_t i = 0; i < DEPTH; i++)
                           table->kv_append[kv](key, value, HEAD_DIM, i, cache.k[0].at, cache.v[0].at));
  printf("  attention %s: decode at %d %.1f us (%.1f GB/s of cache), prefill of %d %.2f ms (%.0f GFLOPS), "
         "append %.0f ns\n",
         kv == HT_KV_F32 ? "f32" : kv == HT_KV_F16 ? "f16" : "q8 ", DEPTH, decode * 1e6,
         (double)bytes / decode / 1e9, CHUNK, prefill * 1e3,
         HEADS * (double)CHUNK * (CHUNK + 1) / 2 * HEAD_DIM * 4 / prefill / 1e9, append / DEPTH * 1e9);
  for (int head = 0; head < KV_HEADS; head++) release(cache.k[head]), release(cache.v[head]);
}

static void benchRows(const ht_kernels *table) {
  static float x[1536 * 16], w[1536 * 16], y[1536 * 16];
  fillFloats(x, 1536 * 16, ORDINARY);
  fillFloats(w, 1536 * 16, ORDINARY);
  double norm = BEST(for (int i = 0; i < 100; i++) table->rms_norm(x, w, 1e-5f, 576, y)) / 100;
  double silu = BEST(table->silu_mul(x, w, 1536 * 16, y)) / 1536 / 16;
  double add = BEST(table->add(x, w, 1536 * 16, y)) / 1536 / 16;
  double rope[2];
  for (int i = 0; i < 2; i++) {
    rope[i] = BEST(for (int n = 0; n < 100; n++)
                       table->rope(x, HEADS, HEAD_DIM, HEAD_DIM / 2, w, w + HEAD_DIM, i)) / 100;
  }
  printf("  rms_norm of 576 %.0f ns; silu_mul %.2f ns, add %.2f ns a number; rope of 9 x 64 %.0f ns, "
         "adjacent %.0f ns\n",
         norm * 1e9, silu * 1e9, add * 1e9, rope[0] * 1e9, rope[1] * 1e9);
}

static void benchMatmul(const ht_kernels *table, ht_format format, size_t rows, size_t k, size_t tokens) {
  static float x[64 * 2048], y[64 * 65536];
  static Guarded w;
  if (!w.at) {
    w = guarded(ht_tensor_byte_count(HT_F32, 49152, 576));
    memset(w.at, 0x33, ht_tensor_byte_count(HT_F32, 49152, 576));
  }
  ht_matmul job = {.w = w.at, .rows = rows, .k = k, .x = (uint8_t *)x, .x_stride = (k + 31) / 32 * 128,
                   .y = y, .y_stride = rows, .tokens = tokens};
  double spent = BEST(table->matmul[format](&job, 0, rows / 16));
  printf("  matmul %-4s %zu x %zu, %zu tokens: %.1f GB/s, %.1f GFLOPS\n", formatNames[format], rows, k, tokens,
         (double)ht_tensor_byte_count(format, rows, k) / spent / 1e9, 2.0 * (double)(rows * k * tokens) / spent / 1e9);
}

int main(int argc, char **argv) {
  if (argc > 2) seconds = atof(argv[2]);
  for (ht_isa isa = 0; isa < HT_ISA_COUNT; isa++) {
    const ht_kernels *table = ht_kernels_of(isa);
    if (!table || !ht_isa_available(isa, processorCapabilities())) continue;
    if (argc > 1 ? strcmp(argv[1], "all") && strcmp(argv[1], ht_isa_name(isa)) : isa == HT_ISA_SCALAR) continue;
    printf("%s\n", ht_isa_name(isa));
    benchAttention(table, HT_KV_F32);
    benchAttention(table, HT_KV_F16);
    benchAttention(table, HT_KV_Q8);
    benchRows(table);
    for (ht_format format = HT_F32; format <= HT_BF16; format++) {
      benchMatmul(table, format, 49152, 576, 1);
      benchMatmul(table, format, 1536, 576, 1);
      benchMatmul(table, format, 1536, 576, 64);
    }
  }
}
