// SPDX-License-Identifier: Apache-2.0
// BLAKE2b-256 (RFC 7693) of LANES equal messages side by side, one to a vector lane. Included once for each
// vector width, with LANES, VECTOR (LANES × u64), TARGET and NAME defined.

#define ROTATE(x, n) (((x) >> (n)) | ((x) << (64 - (n))))
#define MIX(a, b, c, d, x, y)                    \
  a += b + (x), d = ROTATE(d ^ a, 32), c += d, b = ROTATE(b ^ c, 24), \
  a += b + (y), d = ROTATE(d ^ a, 16), c += d, b = ROTATE(b ^ c, 63)

// Message `byte_count` is a multiple of 128 and not 0; message i begins at `bytes + i * byte_count`, its digest goes to
// `out + 32 * i`.
__attribute__((target(TARGET))) static void NAME(const uint8_t *bytes, size_t byte_count, uint8_t *out) {
  VECTOR h[8];
  for (int i = 0; i < 8; i++) h[i] = (VECTOR){0} + initial[i];
  h[0] ^= 0x01010020;  // 32 bytes of digest, no key, one leaf
  for (size_t at = 0; at < byte_count; at += 128) {
    VECTOR m[16], v[16];
    for (int i = 0; i < 16; i++)
      for (int lane = 0; lane < LANES; lane++) {
        uint64_t word;
        memcpy(&word, bytes + (size_t)lane * byte_count + at + 8 * (size_t)i, 8);
        m[i][lane] = word;
      }
    for (int i = 0; i < 8; i++) v[i] = h[i], v[8 + i] = (VECTOR){0} + initial[i];
    v[12] ^= at + 128;
    if (at + 128 == byte_count) v[14] = ~v[14];
    for (int round = 0; round < 12; round++) {
      const uint8_t *s = order[round];
      MIX(v[0], v[4], v[8], v[12], m[s[0]], m[s[1]]);
      MIX(v[1], v[5], v[9], v[13], m[s[2]], m[s[3]]);
      MIX(v[2], v[6], v[10], v[14], m[s[4]], m[s[5]]);
      MIX(v[3], v[7], v[11], v[15], m[s[6]], m[s[7]]);
      MIX(v[0], v[5], v[10], v[15], m[s[8]], m[s[9]]);
      MIX(v[1], v[6], v[11], v[12], m[s[10]], m[s[11]]);
      MIX(v[2], v[7], v[8], v[13], m[s[12]], m[s[13]]);
      MIX(v[3], v[4], v[9], v[14], m[s[14]], m[s[15]]);
    }
    for (int i = 0; i < 8; i++) h[i] ^= v[i] ^ v[8 + i];
  }
  for (int i = 0; i < 4; i++)
    for (int lane = 0; lane < LANES; lane++) {
      uint64_t word = h[i][lane];
      memcpy(out + 32 * lane + 8 * i, &word, 8);
    }
}

#undef ROTATE
#undef MIX
