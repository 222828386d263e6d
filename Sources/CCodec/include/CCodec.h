// SPDX-License-Identifier: Apache-2.0
// BLAKE2b (libsodium or our own), zstd (libzstd) and the byte transforms of specs/shipping.md, behind freestanding
// types, in memory of the caller's. Nothing here checks what it is given beyond what is said: Storage has proven it.
#pragma once
#include <stddef.h>
#include <stdint.h>

// ---- BLAKE2b-256, no key (digest.c)

// The digest of `byte_count` bytes into the 32 bytes at `out`.
void codec_blake2b256(const void *bytes, intptr_t byte_count, void *out);

// The digests of `page_count` pages that lie one after the other, 32 bytes each, into `out`: several at a time where
// the machine can.
void codec_blake2b256_pages(const void *bytes, intptr_t page_byte_count, intptr_t page_count, void *out);

enum { CODEC_BLAKE2B_BYTE_COUNT = 384, CODEC_BLAKE2B_ALIGNMENT = 64 };
// The same over bytes that come in parts; `state` has that many bytes, so aligned.
void codec_blake2b256_start(void *state);
// The same with a key of 32 bytes: a digest that only those who have it can make.
void codec_blake2b256_start_keyed(void *state, const void *key);
void codec_blake2b256_update(void *state, const void *bytes, intptr_t byte_count);
// Ends the state.
void codec_blake2b256_finish(void *state, void *out);

// What the four are on the board (blake2b.c).
void codec_small_blake2b256_start(void *state);
void codec_small_blake2b256_start_keyed(void *state, const void *key);
void codec_small_blake2b256_update(void *state, const void *bytes, intptr_t byte_count);
void codec_small_blake2b256_finish(void *state, void *out);

// ---- zstd, decoding (decode.c)

enum { CODEC_DECODER_BYTE_COUNT = 192 * 1024 };
// Makes a decoder in `memory`, CODEC_DECODER_BYTE_COUNT bytes aligned to 8. NULL if this libzstd needs more.
void *codec_decoder_start(void *memory);
// Decodes one or more whole frames. The count of bytes written to `out`, or -1: damaged, or more than `room`.
intptr_t codec_decode(void *decoder, const void *bytes, intptr_t byte_count, void *out, intptr_t room);

// ---- byte transforms, backwards (join.c): from transformed bytes to what lies in the file. specs/shipping.md §4

// `width` planes of `count` bytes to `count` numbers of `width` (2 or 4) bytes.
void codec_join_planes(const uint8_t *in, size_t count, int width, uint8_t *out);

// `group_count` groups of 16 rows × 32 numbers of `width` (2 or 4) bytes, from the palettes and nibbles of their rows.
void codec_join_few_numbers(const uint8_t *in, size_t group_count, int width, uint8_t *out);

// How the bodies of the units of a panel are arranged.
enum codec_order {
  CODEC_ORDER_LINES = 0,    // as they lie
  CODEC_ORDER_COLUMNS = 1,  // byte columns, in the order of a table
  CODEC_ORDER_SCALES = 2,   // groups of rows by rising scale
  CODEC_ORDER_FEW = 3,      // 8-bit groups of at most 16 values, as a palette and nibbles
};
// `panel_count` panels, each of `unit_count` units: `scale_vector_count` × 16 numbers of 16 bits, `byte_line_count`
// lines of 8-bit scales, then body lines; the last unit of a panel may have fewer body lines.
struct codec_panels {
  uint32_t panel_count;
  uint32_t panel_byte_count;
  uint32_t unit_byte_count;
  uint32_t unit_count;
  uint32_t scale_vector_count;
  uint32_t byte_line_count;
  uint32_t group_count;  // groups of 32 columns in a full unit
  uint32_t rank_count;  // entries of the table of 16-bit numbers; 0: two planes instead
  uint32_t order;       // enum codec_order
};
enum { CODEC_RANK_COUNT_MAX = 4096 };
// Bytes of scratch that codec_join_panels may need for up to 1 MiB of panels.
enum { CODEC_JOIN_SCRATCH_BYTE_COUNT = 1024 * 1024 };
// 0, or -1 when a table of ranks or columns points outside itself; then `out` holds anything.
int codec_join_panels(const uint8_t *in, const struct codec_panels *panels, uint8_t *out, void *scratch);

// ---- for the workstation only (split.c, encode.c); not in the board's image

// The counterparts. `codec_split_panels` sets `rank_count` when `ranks` is asked for; returns the bytes written to
// `out`, or -1 when that arrangement cannot hold these panels. `cuts` gets the offsets in `out` where a new kind of
// bytes begins, at most `cut_room`; `*cut_count` says how many.
void codec_split_planes(const uint8_t *in, size_t count, int width, uint8_t *out);
// Whether no row of a group has more than 16 values; else `out` holds anything.
int codec_split_few_numbers(const uint8_t *in, size_t group_count, int width, uint8_t *out);
intptr_t codec_split_panels(const uint8_t *in, struct codec_panels *panels, int ranks, uint8_t *out, size_t *cuts,
                            size_t cut_room, size_t *cut_count);

void *codec_encoder_create(void);
void codec_encoder_destroy(void *encoder);
// One frame whose blocks also end at each of the rising offsets `cuts`. With `entropy_only` little search for matches.
// The count of bytes written, or -1: more than `room`, or no memory.
intptr_t codec_encode(void *encoder, int level, int entropy_only, const void *bytes, size_t byte_count,
                      const size_t *cuts, size_t cut_count, void *out, size_t room);
