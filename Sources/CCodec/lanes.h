// SPDX-License-Identifier: Apache-2.0
// BLAKE2b's compression (RFC 7693 §3.2) of LANES messages side by side, one to a vector lane. Included once for each
// vector width, with LANES, VECTOR (LANES × u64), TARGET (an attribute, or nothing) and NAME defined.

#define ROTATE(x, n) (((x) >> (n)) | ((x) << (64 - (n))))
#define MIX(a, b, c, d, x, y)                    \
  a += b + (x), d = ROTATE(d ^ a, 32), c += d, b = ROTATE(b ^ c, 24), \
  a += b + (y), d = ROTATE(d ^ a, 16), c += d, b = ROTATE(b ^ c, 63)

// Takes the next 128 bytes of each message into its state; those of message i are at `bytes + i * stride`. `end` is the
// count of bytes up to here.
TARGET static void NAME(VECTOR h[8], const uint8_t *bytes, size_t stride, uint64_t end, int is_last) {
  VECTOR m[16], v[16];
  // Rolled: its time is nothing beside that of the rounds.
#pragma clang loop unroll(disable)
  for (size_t lane = 0; lane < LANES; lane++, bytes += stride)
#pragma clang loop unroll(disable) vectorize(disable)
    for (size_t i = 0; i < 16; i++) memcpy((uint8_t *)&m[i] + 8 * lane, bytes + 8 * i, 8);
  for (int i = 0; i < 8; i++) v[i] = h[i], v[8 + i] = (VECTOR){0} + initial[i];
  v[12] ^= end;
  if (is_last) v[14] = ~v[14];
#pragma clang loop unroll(disable)
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

#undef ROTATE
#undef MIX
#undef LANES
#undef VECTOR
#undef TARGET
#undef NAME
