// SPDX-License-Identifier: Apache-2.0
// Clock, auxiliary vector, memory counters, and a last line before a trap ends us.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "CSystemFile.h"

uint64_t sys_monotonic_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

uint64_t sys_auxiliary(uint64_t type) { return getauxval((unsigned long)type); }

size_t sys_page_byte_count(void) { return (size_t)sysconf(_SC_PAGESIZE); }

int32_t sys_process_id(void) { return (int32_t)getpid(); }

// The number of kB after `key` in the text of /proc/self/status, in bytes.
static uint64_t status_number(const char *text, const char *key) {
  const char *p = strstr(text, key);
  if (!p) return 0;
  p += strlen(key);
  while (*p == ' ' || *p == '\t') p++;
  uint64_t number = 0;
  for (; *p >= '0' && *p <= '9'; p++) number = number * 10 + (uint64_t)(*p - '0');
  return number * 1024;
}

int sys_usage(struct sys_usage *usage) {
  struct rusage r;
  if (getrusage(RUSAGE_SELF, &r) != 0) return errno;
  memset(usage, 0, sizeof *usage);
  usage->minor_fault_count = (uint64_t)r.ru_minflt;
  usage->major_fault_count = (uint64_t)r.ru_majflt;
  usage->resident_max_byte_count = (uint64_t)r.ru_maxrss * 1024;
  int fd;
  if (sys_open_read("/proc/self/status", &fd) != 0) return 0;  // no /proc: the counters alone
  char text[4096];
  size_t got;
  if (sys_read(fd, text, sizeof text - 1, &got) == 0) {
    text[got] = 0;
    usage->resident_byte_count = status_number(text, "\nVmRSS:");
    usage->anonymous_byte_count = status_number(text, "\nRssAnon:");
  }
  sys_close(fd);
  return 0;
}

int64_t sys_wall_seconds(void) {
  struct timespec now;
  return clock_gettime(CLOCK_REALTIME, &now) == 0 ? (int64_t)now.tv_sec : 0;
}

// On the board verbs run on the first thread alone; thread-local memory would cost a page of the file on aarch64.
#if defined(__linux__) && !defined(__GLIBC__)
#define OF_THE_THREAD
#else
#define OF_THE_THREAD _Thread_local
#endif

void *sys_error_room(void) {
  static OF_THE_THREAD _Alignas(16) char room[128];
  return room;
}

static const char *trap_name = "hardtack";

static void say(const char *text) {
  ssize_t ignored = write(2, text, strlen(text));
  (void)ignored;
}

static void on_trap(int number) {
  say(trap_name);
  say(number == SIGBUS ? ": error: the mapped file became shorter or cannot be read\n"
                       : ": error: an internal check failed\n");
  _exit(number == SIGBUS ? 5 : 134);
}

void sys_say_traps(const char *name) {
  trap_name = name;
  struct sigaction action = {.sa_handler = on_trap};
  sigemptyset(&action.sa_mask);
  sigaction(SIGILL, &action, NULL);   // x86-64: ud2
  sigaction(SIGTRAP, &action, NULL);  // AArch64: brk
  sigaction(SIGBUS, &action, NULL);
}
