// SPDX-License-Identifier: Apache-2.0
// BLAKE2b-256 (RFC 7693) for the board: a sixth of the bytes that libsodium's unrolled code takes. On the workstation
// it is there for tests, which compare it with libsodium's at every length.
#include "blake2b.h"

#define LANES 1
#define VECTOR uint64_t
#define TARGET
#define NAME compress
#include "lanes.h"

struct state {
  uint64_t h[8];
  uint64_t byte_count;  // taken into `h`
  uint64_t fill;        // bytes of `block`, the next to take
  uint8_t block[128];
};

_Static_assert(sizeof(struct state) <= CODEC_BLAKE2B_BYTE_COUNT, "the caller's memory suffices");
_Static_assert(_Alignof(struct state) <= CODEC_BLAKE2B_ALIGNMENT, "and is aligned");

void codec_small_blake2b256_start(void *state) {
  struct state *s = state;
  memcpy(s->h, initial, sizeof s->h);
  s->h[0] ^= PARAMETERS;
  s->byte_count = s->fill = 0;
}

void codec_small_blake2b256_start_keyed(void *state, const void *key) {
  struct state *s = state;
  codec_small_blake2b256_start(s);
  s->h[0] ^= 32 << 8;
  memset(s->block, 0, s->fill = sizeof s->block);
  memcpy(s->block, key, 32);
}

void codec_small_blake2b256_update(void *state, const void *bytes, intptr_t byte_count) {
  struct state *s = state;
  const uint8_t *from = bytes;
  size_t left = (size_t)byte_count;
  // A full block waits until it is known whether it is the last.
  while (left > 0) {
    const uint8_t *block = s->fill == 128 ? s->block : s->fill == 0 && left > 128 ? from : NULL;
    if (block) {
      compress(s->h, block, 0, s->byte_count += 128, 0);
      s->fill = 0;
      if (block == from) from += 128, left -= 128;
      continue;
    }
    size_t n = 128 - s->fill < left ? 128 - s->fill : left;
    memcpy(s->block + s->fill, from, n);
    s->fill += n, from += n, left -= n;
  }
}

void codec_small_blake2b256_finish(void *state, void *out) {
  struct state *s = state;
  memset(s->block + s->fill, 0, 128 - s->fill);
  compress(s->h, s->block, 0, s->byte_count + s->fill, 1);
  memcpy(out, s->h, 32);
}
