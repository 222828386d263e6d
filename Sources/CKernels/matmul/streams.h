// SPDX-License-Identifier: Apache-2.0
// How many panels a matmul works on at once. It changes no result: every panel's sums are its own.
#pragma once
#include "../include/CKernels.h"

/// For one token, where the weights come from memory: each panel is a stream of its own. Measured: AMD's Zen 4 reads
/// one stream nearly twice as fast as four; Intel's Sapphire Rapids wants four or more. Elsewhere one.
size_t ht_decode_panels(void);

enum {
  HT_PANELS = 4,    // with many tokens: activations are then read once for all of these panels
  HT_TOKENS = 16,   // at most in a tile
  HT_TOKENS_FEW = 3 // up to here memory is the limit
};

static inline __attribute__((always_inline)) size_t ht_tile_panels(const ht_matmul *job) {
  return job->tokens <= HT_TOKENS_FEW ? ht_decode_panels() : HT_PANELS;
}
