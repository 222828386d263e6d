// SPDX-License-Identifier: Apache-2.0
// BLAKE2b-256, with a key or without: by libsodium on the workstation, by blake2b.c on the board.
#include "CCodec.h"

#if defined(__GLIBC__) || !defined(__linux__)
// Without sodium_init its portable code runs, 13 % slower than the AVX2 code that the library would choose; the choice
// costs a start-up, /dev/urandom and state, so it is left out.
#include <sodium/crypto_generichash_blake2b.h>

_Static_assert(sizeof(crypto_generichash_blake2b_state) <= CODEC_BLAKE2B_BYTE_COUNT, "the caller's memory suffices");
_Static_assert(_Alignof(crypto_generichash_blake2b_state) <= CODEC_BLAKE2B_ALIGNMENT, "and is aligned");

void codec_blake2b256_start(void *state) { (void)crypto_generichash_blake2b_init(state, NULL, 0, 32); }

void codec_blake2b256_start_keyed(void *state, const void *key) {
  (void)crypto_generichash_blake2b_init(state, key, 32, 32);
}

void codec_blake2b256_update(void *state, const void *bytes, intptr_t byte_count) {
  (void)crypto_generichash_blake2b_update(state, bytes, (unsigned long long)byte_count);
}

void codec_blake2b256_finish(void *state, void *out) { (void)crypto_generichash_blake2b_final(state, out, 32); }
#else
void codec_blake2b256_start(void *state) { codec_small_blake2b256_start(state); }

void codec_blake2b256_start_keyed(void *state, const void *key) { codec_small_blake2b256_start_keyed(state, key); }

void codec_blake2b256_update(void *state, const void *bytes, intptr_t byte_count) {
  codec_small_blake2b256_update(state, bytes, byte_count);
}

void codec_blake2b256_finish(void *state, void *out) { codec_small_blake2b256_finish(state, out); }
#endif

void codec_blake2b256(const void *bytes, intptr_t byte_count, void *out) {
  _Alignas(CODEC_BLAKE2B_ALIGNMENT) uint8_t state[CODEC_BLAKE2B_BYTE_COUNT];
  codec_blake2b256_start(state);
  codec_blake2b256_update(state, bytes, byte_count);
  codec_blake2b256_finish(state, out);
}
