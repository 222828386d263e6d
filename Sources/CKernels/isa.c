// SPDX-License-Identifier: Apache-2.0
// Which instruction sets this processor runs: on x86-64 by CPUID and by what the system saves at a task switch, on
// AArch64 by the capability bits that Linux hands to each process.
#include "matmul/streams.h"

#if defined(__x86_64__)
#include <cpuid.h>

enum {
  LEAF1_ECX_FMA = 1 << 12, LEAF1_ECX_OSXSAVE = 1 << 27, LEAF1_ECX_AVX = 1 << 28, LEAF1_ECX_F16C = 1 << 29,
  LEAF7_EBX_AVX2 = 1 << 5,
  LEAF7_EBX_AVX512_FDQ = 1 << 16 | 1 << 17, LEAF7_EBX_AVX512BW = 1 << 30,
  LEAF7_ECX_AVX512VNNI = 1 << 11,
  XCR0_AVX = 1 << 1 | 1 << 2,                    // SSE and AVX registers
  XCR0_AVX512 = XCR0_AVX | 1 << 5 | 1 << 6 | 1 << 7,  // masks, upper halves, registers 16 to 31
};
static const uint32_t LEAF7_EBX_AVX512VL = 1u << 31;

static bool has(uint32_t found, uint32_t needed) { return (found & needed) == needed; }

static uint32_t saved_state(void) {
  uint32_t low, high;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return low;
}

static bool x86_available(ht_isa isa) {
  uint32_t a, b, ebx7, c1, ecx7, d;
  if (!__get_cpuid(1, &a, &b, &c1, &d)) return false;
  if (!has(c1, LEAF1_ECX_FMA | LEAF1_ECX_OSXSAVE | LEAF1_ECX_AVX | LEAF1_ECX_F16C)) return false;
  if (!__get_cpuid_count(7, 0, &a, &ebx7, &ecx7, &d)) return false;
  uint32_t state = saved_state();
  if (!has(ebx7, LEAF7_EBX_AVX2) || !has(state, XCR0_AVX)) return false;
  if (isa == HT_ISA_AVX2) return true;
  return has(ebx7, LEAF7_EBX_AVX512_FDQ | LEAF7_EBX_AVX512BW | LEAF7_EBX_AVX512VL) &&
         has(ecx7, LEAF7_ECX_AVX512VNNI) && has(state, XCR0_AVX512);
}
#endif

bool ht_isa_available(ht_isa isa, uint64_t hwcap) {
  (void)hwcap;
  switch (isa) {
    case HT_ISA_SCALAR: return true;
#if defined(__x86_64__)
    case HT_ISA_AVX2: case HT_ISA_AVX512VNNI: return x86_available(isa);
#elif defined(__aarch64__)
    case HT_ISA_NEON: return hwcap >> 1 & 1;                          // HWCAP_ASIMD
    case HT_ISA_DOTPROD: return (hwcap >> 1 & 1) && (hwcap >> 20 & 1);  // HWCAP_ASIMDDP
#endif
    default: return false;
  }
}

const char *ht_isa_name(ht_isa isa) {
  switch (isa) {
    case HT_ISA_SCALAR: return "scalar";
    case HT_ISA_AVX2: return "avx2";
    case HT_ISA_AVX512VNNI: return "avx512vnni";
    case HT_ISA_NEON: return "neon";
    case HT_ISA_DOTPROD: return "dotprod";
    default: return "unknown";
  }
}

#if defined(__x86_64__)
/// 0: not asked yet. Two threads that ask at once store the same.
static uint8_t decode_panels;

size_t ht_decode_panels(void) {
  uint8_t known = __atomic_load_n(&decode_panels, __ATOMIC_RELAXED);
  if (known) return known;
  uint32_t a, b, c, d;
  bool intel = __get_cpuid(0, &a, &b, &c, &d) && b == signature_INTEL_ebx;
  __atomic_store_n(&decode_panels, intel ? 4 : 1, __ATOMIC_RELAXED);
  return intel ? 4 : 1;
}
#else
size_t ht_decode_panels(void) { return 1; }
#endif
