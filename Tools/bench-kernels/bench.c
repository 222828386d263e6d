// SPDX-License-Identifier: Apache-2.0
// Speed of the integer matmul kernels on one thread. Decode (one token) from memory that no cache holds, in GB/s of
// weight bytes, and from the cache; prefill in GOPS (a multiply and an add are two). The best of many calls: a limit.
// Usage: bench [ISA|all] [FORMAT|all] [SECONDS]
#include <time.h>

#include "../kernel-test/cases.h"

static double seconds = 0.2;

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static int ascending(const void *a, const void *b) {
  double left = *(const double *)a, right = *(const double *)b;
  return (left > right) - (left < right);
}

/// Seconds of one call of the whole job: of all calls that fit in the time, the best, or, with several `tensors` (which
/// lie one after the other and take turns), the median, since some calls may find a tensor still in a cache.
static double measure(const ht_kernels *table, ht_format format, ht_matmul job, size_t tensors) {
  enum { SAMPLES = 4096 };
  static double spent[SAMPLES];
  size_t byteCount = ht_tensor_byte_count(format, job.rows, job.k), count = 0;
  const uint8_t *first = job.w;
  double end = now() + seconds;
  do {
    job.w = first + byteCount * (count % tensors);
    double start = now();
    table->matmul[format](&job, 0, (job.rows + 15) / 16);
    spent[count++] = now() - start;
  } while (count < 2 * tensors || (count < SAMPLES && now() < end));
  qsort(spent, count, sizeof *spent, ascending);
  return spent[tensors > 1 ? count / 2 : 0];
}

typedef struct {
  size_t rows, k, tokens, tensors, split;
} Point;
/// Short calls, so that some of them meet no other process. The first two: one tensor after the other, 40 MB or more;
/// the second and the last with 16-bit activations, two planes.
static const Point points[] = {{8192, 2048, 1, 9, 0}, {8192, 2048, 1, 9, 1}, {1536, 576, 1, 1, 0},
                               {576, 1536, 1, 1, 0},  {1536, 576, 1, 1, 1},  {576, 576, 7, 1, 0},
                               {576, 576, 128, 1, 0}, {192, 1536, 128, 1, 0}, {192, 1536, 128, 1, 1}};
enum { POINTS = sizeof points / sizeof *points };

static void benchPoint(const ht_kernels *table, ht_format format, Point point, const uint8_t *w, const uint8_t *x) {
  static float y[512 * 2048];
  size_t xStride = ht_q8_row_byte_count(point.k) << point.split;
  ht_matmul job = {.w = w, .rows = point.rows, .k = point.k, .x = x, .x_stride = xStride, .y = y,
                   .y_stride = point.rows, .tokens = point.tokens, .split = point.split};
  double spent = measure(table, format, job, point.tensors);
  double bytes = (double)ht_tensor_byte_count(format, point.rows, point.k);
  double ops = 2.0 * (double)point.rows * (double)point.k * (double)point.tokens;
  if (point.tokens == 1 || point.tensors > 1)
    printf(" %13.1f", bytes / spent / 1e9);
  else
    printf(" %13.0f", ops / spent / 1e9);
  fflush(stdout);
}

int main(int argc, char **argv) {
  const char *isaName = argc > 1 ? argv[1] : "all", *formatName = argc > 2 ? argv[2] : "all";
  if (argc > 3) seconds = atof(argv[3]);
  size_t wByteCount = 9 * ht_tensor_byte_count(HT_Q8_0, 8192, 2048), xByteCount = 512 * ht_q8_row_byte_count(2048);
  Guarded w = guarded(wByteCount), x = guarded(xByteCount);
  printf("%-10s %-6s", "isa", "format");
  for (int i = 0; i < POINTS; i++) {
    const Point point = points[i];
    printf(" %4zux%-4zu%3zu%c", point.rows, point.k, point.tokens, point.split ? '*' : ' ');
  }
  printf("  * 16 bits. 1 token: GB/s (the first two from memory), else GOPS\n");
  for (ht_format format = HT_Q8_0; format < HT_FORMAT_COUNT; format++) {
    if (strcmp(formatName, "all") && strcmp(formatName, formatNames[format])) continue;
    memset(w.at, 0x11, wByteCount);
    for (ht_isa isa = 0; isa < HT_ISA_COUNT; isa++) {
      const ht_kernels *table = ht_kernels_of(isa);
      if (!table || !ht_isa_available(isa, processorCapabilities())) continue;
      if (strcmp(isaName, "all") && strcmp(isaName, ht_isa_name(isa))) continue;
      printf("%-10s %-6s", ht_isa_name(isa), formatNames[format]);
      for (int i = 0; i < POINTS; i++) {
        Point point = points[i];
        point.k = point.k / columnMultiple(format) * columnMultiple(format);
        benchPoint(table, format, point, w.at, x.at);
      }
      printf("\n");
    }
  }
  release(w);
  release(x);
  return 0;
}
