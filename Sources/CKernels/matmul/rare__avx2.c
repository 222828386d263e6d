// SPDX-License-Identifier: Apache-2.0
// Matmul of q5_0, q5_1 and q6_0, which few files have, on the board: one kernel, which looks at the format as it goes,
// for 2 KB and a third of the speed.
#include "../small.h"
#include "avx2.h"
#if defined(__x86_64__) && defined(HT_BOARD)

#pragma clang diagnostic ignored "-Wpass-failed"  // how many lines a group has is known as it runs
HT_SMALL_BEGIN
HT_TARGET static __attribute__((noinline)) void rare(ht_format which, const ht_matmul *job, size_t panel_begin,
                                                     size_t panel_end) {
  __builtin_assume(which == HT_Q5_0 || which == HT_Q5_1 || which == HT_Q6_0);
  ht_avx2_matmul(which, which, job, panel_begin, panel_end);
}
HT_MATMUL_AVX2_MEMBER(q5_0, rare, HT_Q5_0)
HT_MATMUL_AVX2_MEMBER(q5_1, rare, HT_Q5_1)
HT_MATMUL_AVX2_MEMBER(q6_0, rare, HT_Q6_0)
HT_SMALL_END
#endif
