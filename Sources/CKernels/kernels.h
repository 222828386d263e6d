// SPDX-License-Identifier: Apache-2.0
// Prototypes of every kernel, from the lists that fill the tables: a symbol's type is its slot's.
#pragma once
#include "include/CKernels.h"

#define HT_SCALAR(slot, symbol) extern __typeof__(*((ht_kernels *)0)->slot) symbol;
#if defined(__x86_64__)
#define HT_AVX2(slot, symbol) HT_SCALAR(slot, symbol)
#define HT_AVX512VNNI(slot, symbol) HT_SCALAR(slot, symbol)
#define HT_NEON(slot, symbol)
#define HT_DOTPROD(slot, symbol)
#else
#define HT_AVX2(slot, symbol)
#define HT_AVX512VNNI(slot, symbol)
#define HT_NEON(slot, symbol) HT_SCALAR(slot, symbol)
#define HT_DOTPROD(slot, symbol) HT_SCALAR(slot, symbol)
#endif
#include "kernels.inc"
#undef HT_SCALAR
#undef HT_AVX2
#undef HT_AVX512VNNI
#undef HT_NEON
#undef HT_DOTPROD
