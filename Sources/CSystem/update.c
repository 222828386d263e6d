// SPDX-License-Identifier: Apache-2.0
// A file that grows in place, by one writer at a time. specs: CSystemFile.h.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "CSystemFile.h"

int sys_open_update(const char *path, int *fd) {
  do *fd = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK);
  while (*fd < 0 && errno == EINTR);
  return *fd < 0 ? errno : 0;
}

int sys_lock(int fd) { return flock(fd, LOCK_EX | LOCK_NB) == 0 ? 0 : errno; }

int sys_sync(int fd) {
  int result;
  do result = fsync(fd);
  while (result != 0 && errno == EINTR);
  return result == 0 ? 0 : errno;
}

int sys_map_descriptor(int fd, const void **base, size_t *byte_count) {
  struct stat st;
  *base = "";
  *byte_count = 0;
  if (fstat(fd, &st) != 0) return errno;
  if (!S_ISREG(st.st_mode)) return ENODEV;
  if (st.st_size == 0) return 0;
  void *p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, fd, 0);
  if (p == MAP_FAILED) return errno;
  *base = p;
  *byte_count = (size_t)st.st_size;
  return 0;
}
