// SPDX-License-Identifier: Apache-2.0
// The plain C matmul of every integer format, one function for all: it is the reference and the last resort, so it is
// kept small rather than fast.
#pragma once
#include "../kernels.h"

/// specs/numerics.md §4 for any of the integer formats.
void ht_scalar_matmul(ht_format format, const ht_matmul *job, size_t panel_begin, size_t panel_end);

/// Defines the kernel of one format.
#define HT_MATMUL_SCALAR(name, format)                                                           \
  void ht_matmul_##name##__scalar(const ht_matmul *job, size_t panel_begin, size_t panel_end) {  \
    ht_scalar_matmul(format, job, panel_begin, panel_end);                                       \
  }
