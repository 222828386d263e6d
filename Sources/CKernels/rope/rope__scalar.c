// SPDX-License-Identifier: Apache-2.0
// Rotary positions, the reference.
#include "../kernels_float.h"
#include "../one_lane.h"
#include "../small.h"

HT_SMALL_BEGIN

void ht_rope__scalar(float *x, size_t heads, size_t head_dim, size_t pairs, const float *high, const float *low,
                     bool adjacent) {
  for (size_t i = 0; i < pairs; i++) {
    float ch = high[i], sh = high[pairs + i], cl = low[i], sl = low[pairs + i];
    float cosine = num_fma(ch, cl, -(sh * sl)), sine = num_fma(sh, cl, ch * sl);
    for (size_t h = 0; h < heads; h++) {
      float *at_a = x + h * head_dim + (adjacent ? 2 * i : i), *at_b = at_a + (adjacent ? 1 : pairs);
      float a = *at_a, b = *at_b;
      *at_a = num_fma(a, cosine, -(b * sine));
      *at_b = num_fma(a, sine, b * cosine);
    }
  }
}

HT_SMALL_END
