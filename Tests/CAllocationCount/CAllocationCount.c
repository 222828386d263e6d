// SPDX-License-Identifier: Apache-2.0
// malloc and its family, defined in the test program: the dynamic linker prefers these to glibc's, which they call.
#include "CAllocationCount.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define HT_SANITIZER_OWNS_MALLOC 1
#endif
#endif

static __thread int is_counting;
static __thread ht_allocation_figures figures;

void ht_allocation_count_begin(void) {
  figures = (ht_allocation_figures){0, 0, 0};
  is_counting = 1;
}

ht_allocation_figures ht_allocation_count_end(void) {
  is_counting = 0;
  return figures;
}

#if defined(__GLIBC__) && !defined(HT_SANITIZER_OWNS_MALLOC)
#include <malloc.h>

int ht_allocation_count_works(void) { return 1; }

extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);
extern void __libc_free(void *);

static void *gained(void *block) {
  if (is_counting && block) {
    figures.held_byte_count += (int64_t)malloc_usable_size(block);
    figures.allocation_count += 1;
    if (figures.held_byte_count > figures.peak_byte_count) figures.peak_byte_count = figures.held_byte_count;
  }
  return block;
}

static void lost(void *block) {
  if (is_counting && block) figures.held_byte_count -= (int64_t)malloc_usable_size(block);
}

void *malloc(size_t byte_count) { return gained(__libc_malloc(byte_count)); }
void *calloc(size_t count, size_t byte_count) { return gained(__libc_calloc(count, byte_count)); }
void *memalign(size_t alignment, size_t byte_count) { return gained(__libc_memalign(alignment, byte_count)); }
void *aligned_alloc(size_t alignment, size_t byte_count) { return gained(__libc_memalign(alignment, byte_count)); }

void *realloc(void *block, size_t byte_count) {
  // While it moves, the old and the new block are both held; it may also grow in place, so this is an upper bound.
  if (!is_counting) return __libc_realloc(block, byte_count);
  int64_t old_byte_count = block ? (int64_t)malloc_usable_size(block) : 0;
  void *moved = __libc_realloc(block, byte_count);
  if (moved || byte_count == 0) {
    gained(moved);
    figures.held_byte_count -= old_byte_count;
  }
  return moved;
}

int posix_memalign(void **result, size_t alignment, size_t byte_count) {
  void *block = gained(__libc_memalign(alignment, byte_count));
  if (!block) return ENOMEM;
  *result = block;
  return 0;
}

void free(void *block) {
  lost(block);
  __libc_free(block);
}
#else
int ht_allocation_count_works(void) { return 0; }
#endif
