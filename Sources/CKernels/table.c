// SPDX-License-Identifier: Apache-2.0
// The table of kernels of each instruction set. A table for another architecture does not exist.
#include "kernels.h"

#pragma STDC FP_CONTRACT OFF

#define HT_ENTRY(slot, symbol) .slot = symbol,
#define HT_NO_ENTRY(slot, symbol)

#define HT_SCALAR HT_ENTRY
#define HT_AVX2 HT_NO_ENTRY
#define HT_AVX512VNNI HT_NO_ENTRY
#define HT_NEON HT_NO_ENTRY
#define HT_DOTPROD HT_NO_ENTRY
static const ht_kernels table_scalar = {
    .isa = HT_ISA_SCALAR,
#include "kernels.inc"
};
#undef HT_SCALAR
#define HT_SCALAR HT_NO_ENTRY

#if defined(__x86_64__)

#undef HT_AVX2
#define HT_AVX2 HT_ENTRY
static const ht_kernels table_avx2 = {
    .isa = HT_ISA_AVX2,
#include "kernels.inc"
};
#undef HT_AVX2
#define HT_AVX2 HT_NO_ENTRY

#undef HT_AVX512VNNI
#define HT_AVX512VNNI HT_ENTRY
static const ht_kernels table_avx512vnni = {
    .isa = HT_ISA_AVX512VNNI,
#include "kernels.inc"
};

#elif defined(__aarch64__)

#undef HT_NEON
#define HT_NEON HT_ENTRY
static const ht_kernels table_neon = {
    .isa = HT_ISA_NEON,
#include "kernels.inc"
};
#undef HT_NEON
#define HT_NEON HT_NO_ENTRY

#undef HT_DOTPROD
#define HT_DOTPROD HT_ENTRY
static const ht_kernels table_dotprod = {
    .isa = HT_ISA_DOTPROD,
#include "kernels.inc"
};

#endif

const ht_kernels *ht_kernels_of(ht_isa isa) {
  switch (isa) {
    case HT_ISA_SCALAR: return &table_scalar;
#if defined(__x86_64__)
    case HT_ISA_AVX2: return &table_avx2;
    case HT_ISA_AVX512VNNI: return &table_avx512vnni;
#elif defined(__aarch64__)
    case HT_ISA_NEON: return &table_neon;
    case HT_ISA_DOTPROD: return &table_dotprod;
#endif
    default: return NULL;
  }
}
