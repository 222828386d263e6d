// SPDX-License-Identifier: Apache-2.0
// BLAKE2b (libsodium) and zstd (libzstd) behind freestanding types, in memory of the caller's.
#pragma once
#include <stddef.h>
#include <stdint.h>

// ---- BLAKE2b-256, no key (digest.c)

// The digest of `byte_count` bytes into the 32 bytes at `out`.
void codec_blake2b256(const void *bytes, intptr_t byte_count, void *out);

enum { CODEC_BLAKE2B_BYTE_COUNT = 384, CODEC_BLAKE2B_ALIGNMENT = 64 };
// The same over bytes that come in parts; `state` has that many bytes, so aligned.
void codec_blake2b256_start(void *state);
void codec_blake2b256_update(void *state, const void *bytes, intptr_t byte_count);
// Ends the state.
void codec_blake2b256_finish(void *state, void *out);
