// SPDX-License-Identifier: Apache-2.0
// What the float kernels' files share: the prototypes of the tables' kernels, and of those that no table has yet.
#pragma once
#include "kernels.h"

/// y[i] = gelu(x[i]), by erf; y[i] = x[i] > 0 ? x[i] : 0.
typedef void ht_unary_kernel(const float *_Nonnull x, size_t n, float *_Nonnull y);
ht_unary_kernel ht_gelu_erf__scalar, ht_gelu_erf__avx2, ht_gelu_erf__neon;
ht_unary_kernel ht_relu__scalar, ht_relu__avx2, ht_relu__neon;
