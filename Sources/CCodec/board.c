// SPDX-License-Identifier: Apache-2.0
// What the static board image needs of libsodium's core, without that core: linking it would bring every algorithm of
// the library, malloc and 140 to 220 KB. Empty in the ordinary build.
#define _GNU_SOURCE
#include "CCodec.h"

#if defined(__linux__) && !defined(__GLIBC__)
#include <stdlib.h>
#include <string.h>

void sodium_memzero(void *bytes, size_t byte_count);
void sodium_memzero(void *bytes, size_t byte_count) { explicit_bzero(bytes, byte_count); }

// Called for arguments that break the library's contract: never by ours.
void sodium_misuse(void);
void sodium_misuse(void) { abort(); }

// musl's prints with fprintf: 20 KB for messages that nobody reads.
_Noreturn void __assert_fail(const char *text, const char *file, int line, const char *function);
_Noreturn void __assert_fail(const char *text, const char *file, int line, const char *function) {
  (void)text, (void)file, (void)line, (void)function;
  abort();
}

#if defined(__x86_64__)
// BLAKE2b by SSE and AVX2, between which sodium_init chooses: 18 KB that never run, since lanes.c is faster.
#define NEVER_CHOSEN(name)              \
  int name(void *state, const void *block); \
  int name(void *state, const void *block) { (void)state, (void)block, abort(); }
NEVER_CHOSEN(blake2b_compress_ssse3)
NEVER_CHOSEN(blake2b_compress_sse41)
NEVER_CHOSEN(blake2b_compress_avx2)
#endif
#endif
