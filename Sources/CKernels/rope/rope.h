// SPDX-License-Identifier: Apache-2.0
// Rotary positions over sixteen pairs at a time. Formulas: specs/numerics.md §5.
#pragma once

/// The rotation of sixteen pairs (a, b); `count` of them count, 16 or fewer.
LANES_INLINE void rope_rotate(num cosine, num sine, float *at_a, float *at_b, size_t count) {
  num a = lanes_load_up_to(at_a, count), b = lanes_load_up_to(at_b, count);
  lanes_store_up_to(at_a, num_fma(a, cosine, -(b * sine)), count);
  lanes_store_up_to(at_b, num_fma(a, sine, b * cosine), count);
}

LANES_INLINE void rope_rotate_adjacent(num cosine, num sine, float *at, size_t count) {
  float pairs[32];
  float *p = at;
  if (count < 16) {
    memset(pairs, 0, sizeof pairs);
    memcpy(pairs, at, 2 * count * sizeof(float));
    p = pairs;
  }
  num low = lanes_load(p), high = lanes_load(p + 16);
  num a = __builtin_shufflevector(low, high, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
  num b = __builtin_shufflevector(low, high, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31);
  num new_a = num_fma(a, cosine, -(b * sine)), new_b = num_fma(a, sine, b * cosine);
  lanes_store(p, __builtin_shufflevector(new_a, new_b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23));
  lanes_store(p + 16,
              __builtin_shufflevector(new_a, new_b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31));
  if (count < 16) memcpy(at, pairs, 2 * count * sizeof(float));
}

/// Pairs `first` ..< `first + count` of all heads.
static LANES_DRIVER void rope_block(float *x, size_t heads, size_t head_dim, size_t pairs,
                                                 const float *high, const float *low, bool adjacent, size_t first,
                                                 size_t count) {
  num ch = lanes_load_up_to(high + first, count), sh = lanes_load_up_to(high + pairs + first, count);
  num cl = lanes_load_up_to(low + first, count), sl = lanes_load_up_to(low + pairs + first, count);
  num cosine = num_fma(ch, cl, -(sh * sl)), sine = num_fma(sh, cl, ch * sl);
  for (size_t h = 0; h < heads; h++) {
    float *head = x + h * head_dim;
    if (adjacent) rope_rotate_adjacent(cosine, sine, head + 2 * first, count);
    else rope_rotate(cosine, sine, head + first, head + pairs + first, count);
  }
}

void KERNEL(rope)(float *x, size_t heads, size_t head_dim, size_t pairs, const float *high, const float *low,
                  bool adjacent) {
  for (size_t first = 0; first < pairs; first += 16) {
    size_t count = pairs - first < 16 ? pairs - first : 16;
    rope_block(x, heads, head_dim, pairs, high, low, adjacent, first, count);
  }
}
