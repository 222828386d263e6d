// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include "CSystemThread.h"

#include <errno.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

int sys_thread_start(void *stack, size_t byte_count, void *(*body)(void *), void *argument, uint64_t *handle) {
  pthread_attr_t attributes;
  pthread_t thread;
  int error = pthread_attr_init(&attributes);
  if (error) return error;
  error = pthread_attr_setstack(&attributes, stack, byte_count);
  // An interrupt is for the thread that reads and talks, which may be asleep.
  sigset_t interrupt, was;
  sigemptyset(&interrupt);
  sigaddset(&interrupt, SIGINT);
  pthread_sigmask(SIG_BLOCK, &interrupt, &was);
  if (!error) error = pthread_create(&thread, &attributes, body, argument);
  pthread_sigmask(SIG_SETMASK, &was, NULL);
  pthread_attr_destroy(&attributes);
  if (!error) *handle = (uint64_t)(uintptr_t)thread;
  return error;
}

void sys_thread_join(uint64_t handle) { pthread_join((pthread_t)(uintptr_t)handle, NULL); }

int sys_thread_pin(int cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(cpu, &set);
  return sched_setaffinity(0, sizeof set, &set) == 0 ? 0 : errno;
}

int sys_cpu_count(void) {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
  int count = CPU_COUNT(&set);
  return count > 0 ? count : 1;
}

void sys_futex_wait(uint32_t *word, uint32_t expected) {
  syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, expected, NULL, NULL, 0);
}

void sys_futex_wake(uint32_t *word) { syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, INT32_MAX, NULL, NULL, 0); }
