// SPDX-License-Identifier: Apache-2.0
// Threads on given stacks, futexes, and the few atomics that a barrier needs.
#pragma once
#include <stddef.h>
#include <stdint.h>

/// Starts a thread on `stack` (16-byte aligned, at least 64 KiB). Returns 0 or an error number.
int sys_thread_start(void *_Nonnull stack, size_t byte_count,
                     void *_Nullable (*_Nonnull body)(void *_Nullable), void *_Nullable argument,
                     uint64_t *_Nonnull handle);
void sys_thread_join(uint64_t handle);
/// Keeps the calling thread on processor `cpu`. Returns 0 or errno.
int sys_thread_pin(int cpu);
/// Processors that this process may use.
int sys_cpu_count(void);

/// Sleeps while `*word` is `expected`; may return early.
void sys_futex_wait(uint32_t *_Nonnull word, uint32_t expected);
/// Wakes all that sleep on `word`.
void sys_futex_wake(uint32_t *_Nonnull word);

static inline uint32_t sys_atomic_load(const uint32_t *_Nonnull p) { return __atomic_load_n(p, __ATOMIC_SEQ_CST); }
static inline void sys_atomic_store(uint32_t *_Nonnull p, uint32_t v) { __atomic_store_n(p, v, __ATOMIC_SEQ_CST); }
static inline uint32_t sys_atomic_add(uint32_t *_Nonnull p, uint32_t v) {
  return __atomic_fetch_add(p, v, __ATOMIC_SEQ_CST);
}
static inline void sys_cpu_pause(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}
/// Reads and writes one byte, so that its page is there.
static inline void sys_touch(void *_Nonnull p) { *(volatile char *)p = *(volatile char *)p; }
