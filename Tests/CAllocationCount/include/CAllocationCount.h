// SPDX-License-Identifier: Apache-2.0
// Counts heap memory for tests, by standing in front of glibc's malloc in the test program.
#ifndef HARDTACK_ALLOCATION_COUNT_H
#define HARDTACK_ALLOCATION_COUNT_H

#include <stdint.h>

/// What one thread allocated between begin and end.
typedef struct {
  /// Largest number of bytes held at one time, as malloc rounds them up.
  int64_t peak_byte_count;
  /// Bytes still held at the end.
  int64_t held_byte_count;
  /// Calls that gave memory.
  int64_t allocation_count;
} ht_allocation_figures;

/// Whether counting works here: not without glibc, and not under a sanitizer that brings its own malloc.
int ht_allocation_count_works(void);

/// Starts counting what the calling thread allocates, from zero.
void ht_allocation_count_begin(void);

/// Stops counting for the calling thread.
ht_allocation_figures ht_allocation_count_end(void);

#endif
