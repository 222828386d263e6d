// SPDX-License-Identifier: Apache-2.0
// Attention, NEON.
#include "../kernels_float.h"
#if defined(__aarch64__)
#include "../lanes__neon.h"
#include "attention.h"
#include "kv_append.h"
#pragma clang attribute pop
#endif
