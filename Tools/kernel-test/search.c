// SPDX-License-Identifier: Apache-2.0
// Runs the search kernel of every instruction set of this processor on the same seeded vectors, which end where the
// readable memory does. Each must give the bits of the scalar kernel; the digests are the same on every machine.
#include "cases.h"

static const ht_kernels *tables[HT_ISA_COUNT];
static int tableCount, failures;

/// Stored bytes and the query are extremes in a quarter of the cases: all sums at their largest.
static int8_t nextByte(Kind kind, bool isQuery) {
  static const int8_t extremes[4] = {-128, 127, -127, 127};
  int8_t byte = kind == EXTREME ? extremes[nextRandom() % 4] : kind == ZERO_SCALES ? -128 : (int8_t)nextRandom();
  return isQuery && byte == -128 ? 127 : byte;
}

static uint64_t testSearch(size_t k, size_t panels, Kind kind) {
  seed(k << 20 | panels << 8 | (uint64_t)kind);
  const size_t rows = 16 * panels;
  Guarded vectors = guarded(rows * k), scales = guarded(rows * 4), query = guarded(k), scores = guarded(rows * 4);
  for (size_t i = 0; i < rows * k; i++) vectors.at[i] = (uint8_t)nextByte(kind, false);
  for (size_t i = 0; i < k; i++) query.at[i] = (uint8_t)nextByte(kind, true);
  fillFloats((float *)scales.at, rows, kind);
  uint64_t expected = 0;
  for (int i = 0; i < tableCount; i++) {
    memset(scores.at, 0xff, rows * 4);
    tables[i]->search((int8_t *)vectors.at, (float *)scales.at, (int8_t *)query.at, k, panels, (float *)scores.at);
    uint64_t digest = foldFloats(0xCBF29CE484222325u, (float *)scores.at, rows);
    if (i == 0) expected = digest;
    if (digest != expected && failures++ < 20) {
      fprintf(stderr, "kernel-test: search differs: %s k %zu panels %zu kind %d\n", ht_isa_name(tables[i]->isa), k,
              panels, (int)kind);
    }
  }
  release(vectors), release(scales), release(query), release(scores);
  return expected;
}

int main(void) {
  fprintf(stderr, "kernel-test:");
  for (ht_isa isa = 0; isa < HT_ISA_COUNT; isa++)
    if (ht_isa_available(isa, processorCapabilities()) && ht_kernels_of(isa)) {
      tables[tableCount++] = ht_kernels_of(isa);
      fprintf(stderr, " %s", ht_isa_name(isa));
    }
  fprintf(stderr, "\n");
  static const size_t widths[] = {32, 64, 96, 384, 768, 1056, 4096, 65536};
  for (size_t i = 0; i < sizeof widths / sizeof *widths; i++)
    for (size_t panels = 0; panels <= 5; panels++) {
      uint64_t digest = 0;
      for (Kind kind = 0; kind < KIND_COUNT; kind++)
        digest = (digest ^ testSearch(widths[i], panels, kind)) * 0x100000001B3u;
      printf("search k %zu panels %zu %016llx\n", widths[i], panels, (unsigned long long)digest);
    }
  return failures != 0;
}
