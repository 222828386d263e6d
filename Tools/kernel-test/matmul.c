// SPDX-License-Identifier: Apache-2.0
// Runs the integer matmul kernels and the quantizers of every instruction set of this processor on the same seeded
// cases. Each must give the bits of the scalar kernel; the digests on standard output are the same on every machine.
#include "cases.h"

typedef struct {
  size_t rows, k;
} Shape;
/// Rows and columns that fill panels, groups and units or not; more panels than are worked on at once, more groups than
/// share a load of their sums, one unit of 256 columns and several.
static const Shape shapes[] = {{1, 1},    {15, 31},  {17, 33}, {33, 100}, {16, 32}, {70, 96},
                               {49, 160}, {3, 1000}, {7, 256}, {70, 256}, {33, 512}, {5, 768}};
static const size_t tokenCounts[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 17};
enum {
  SHAPES = sizeof shapes / sizeof *shapes,
  TOKEN_COUNTS = sizeof tokenCounts / sizeof *tokenCounts,
  TOKEN_COUNTS_A_KIND = 2,  // of the six kinds of a shape: so every count comes with every shape, at least once
};

static const ht_kernels *tables[HT_ISA_COUNT];
static int tableCount, failures;

static void fail(const char *what, ht_isa isa, const char *format, size_t rows, size_t k, size_t tokens, int kind) {
  if (failures++ < 20)
    fprintf(stderr, "kernel-test: %s differs: %s %s rows %zu k %zu tokens %zu kind %d\n", what, ht_isa_name(isa),
            format, rows, k, tokens, kind);
}

/// One job on one table, its panels in two parts, into a fresh y full of sentinels: the digest of all of y.
static uint64_t runMatmul(const ht_kernels *table, ht_format format, ht_matmul job, size_t yCount, bool alias,
                          const float *residual) {
  Guarded y = guarded(yCount * 4);
  job.y = (float *)y.at;
  for (size_t i = 0; i < yCount; i++) job.y[i] = 12345;
  if (alias) {
    memcpy(job.y, residual, yCount * 4);
    job.residual = job.y;
  }
  size_t panels = (job.rows + 15) / 16, middle = panels / 3;
  table->matmul[format](&job, 0, middle);
  table->matmul[format](&job, middle, panels);
  uint64_t digest = foldFloats(0xCBF29CE484222325u, job.y, yCount);
  release(y);
  return digest;
}

static uint64_t testMatmul(ht_format format, Shape shape, Kind kind) {
  size_t rows = shape.rows, k = shape.k;
  seed((uint64_t)format << 40 | (uint64_t)kind << 32 | rows << 16 | k);
  size_t wByteCount = ht_tensor_byte_count(format, rows, k);
  uint64_t digest = 0;
  Guarded w = guarded(wByteCount);
  fillWeights(format, w.at, rows, k, kind);
  for (size_t c = 0; c < TOKEN_COUNTS_A_KIND; c++) {
    size_t tokens = tokenCounts[(kind * TOKEN_COUNTS_A_KIND + c) % TOKEN_COUNTS];
    size_t variant = nextRandom() % 4, split = nextRandom() % 2, yStride = rows + nextRandom() % 3 * 8;
    size_t yCount = (tokens - 1) * yStride + rows;
    size_t xStride = (ht_q8_row_byte_count(k) << split) + (variant & 1 ? 64 : 0);
    Guarded x = guarded(tokens * xStride), bias = guarded(rows * 4), residual = guarded(yCount * 4);
    float *values = malloc(k * 4);
    for (size_t t = 0; t < tokens; t++) {
      fillFloats(values, k, kind);
      (split ? tables[0]->quantize16 : tables[0]->quantize)(values, k, x.at + t * xStride, 0, (k + 31) / 32);
    }
    free(values);
    fillFloats((float *)bias.at, rows, kind);
    fillFloats((float *)residual.at, yCount, kind);
    ht_matmul job = {.w = w.at, .rows = rows, .k = k, .x = x.at, .x_stride = xStride, .y_stride = yStride,
                     .bias = variant & 1 ? (float *)bias.at : NULL,
                     .residual = variant & 2 ? (float *)residual.at : NULL, .residual_stride = yStride,
                     .tokens = tokens, .split = split};
    bool alias = variant & 2 && nextRandom() % 2;
    uint64_t expected = runMatmul(tables[0], format, job, yCount, alias, (float *)residual.at);
    for (int i = 1; i < tableCount; i++)
      if (runMatmul(tables[i], format, job, yCount, alias, (float *)residual.at) != expected)
        fail("matmul", tables[i]->isa, formatNames[format], rows, k, tokens, (int)kind);
    digest = (digest ^ expected) * 0x100000001B3u;
    release(x);
    release(bias);
    release(residual);
  }
  release(w);
  return digest;
}

static uint64_t testQuantize(size_t k, Kind kind) {
  seed((uint64_t)kind << 32 | k);
  size_t groups = (k + 31) / 32, byteCount = ht_q8_row_byte_count(k);
  Guarded x = guarded(k * 4), expected = guarded(byteCount), row = guarded(byteCount);
  fillFloats((float *)x.at, k, kind);
  memset(expected.at, 0x55, byteCount);
  tables[0]->quantize((float *)x.at, k, expected.at, 0, groups);
  uint64_t wanted = 0;
  for (int i = 0; i < tableCount; i++) {
    memset(row.at, 0xaa, byteCount);
    tables[i]->quantize((float *)x.at, k, row.at, groups / 2, groups);
    tables[i]->quantize((float *)x.at, k, row.at, 0, groups / 2);
    uint64_t digest = 0;
    for (size_t at = 0; at < byteCount; at += 4) {
      uint32_t bits;
      memcpy(&bits, row.at + at, 4);
      digest = at < groups * 32 ? (digest ^ bits) * 0x100000001B3u : fold(digest, bits);
    }
    if (i == 0) wanted = digest;
    if (digest != wanted) fail("quantize", tables[i]->isa, "q8", 1, k, 1, (int)kind);
  }
  release(x);
  release(expected);
  release(row);
  return wanted;
}

int main(void) {
  fprintf(stderr, "kernel-test:");
  for (ht_isa isa = 0; isa < HT_ISA_COUNT; isa++)
    if (ht_isa_available(isa, processorCapabilities()) && ht_kernels_of(isa)) {
      tables[tableCount++] = ht_kernels_of(isa);
      fprintf(stderr, " %s", ht_isa_name(isa));
    }
  fprintf(stderr, "\n");
  static const size_t widths[] = {1, 15, 31, 32, 33, 63, 64, 100, 160, 576, 1000};
  for (size_t i = 0; i < sizeof widths / sizeof *widths; i++)
    for (Kind kind = 0; kind < KIND_COUNT; kind++)
      printf("quantize k %zu kind %d %016llx\n", widths[i], (int)kind,
             (unsigned long long)testQuantize(widths[i], kind));
  for (ht_format format = HT_Q8_0; format < HT_FORMAT_COUNT; format++)
    for (size_t s = 0; s < SHAPES; s++) {
      if (shapes[s].k % columnMultiple(format)) continue;
      uint64_t digest = 0;
      for (Kind kind = 0; kind < KIND_COUNT; kind++)
        digest = (digest ^ testMatmul(format, shapes[s], kind)) * 0x100000001B3u;
      printf("matmul %s rows %zu k %zu %016llx\n", formatNames[format], shapes[s].rows, shapes[s].k,
             (unsigned long long)digest);
    }
  return failures != 0;
}
