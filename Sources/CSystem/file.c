// SPDX-License-Identifier: Apache-2.0
// Maps and files. specs: CSystemFile.h.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "CSystemFile.h"

// Linux moves at most this much in one call; asking for less keeps every count in range.
enum { TRANSFER_MAX = 1 << 30 };

static int open_again(const char *path, int flags, int *fd) {
  do *fd = open(path, flags | O_CLOEXEC);
  while (*fd < 0 && errno == EINTR);
  return *fd < 0 ? errno : 0;
}

_Static_assert(sizeof(size_t) == 8, "the board is 64-bit: a file size fits a size_t");

static void take_info(const struct stat *st, int *kind, uint64_t *byte_count) {
  *kind = S_ISREG(st->st_mode) ? SYS_FILE_REGULAR : S_ISDIR(st->st_mode) ? SYS_FILE_DIRECTORY : SYS_FILE_OTHER;
  *byte_count = S_ISREG(st->st_mode) ? (uint64_t)st->st_size : 0;
}

int sys_map_file(const char *path, const void **base, size_t *byte_count) {
  *base = "";
  *byte_count = 0;
  int fd;
  int error = open_again(path, O_RDONLY | O_NONBLOCK, &fd);  // without O_NONBLOCK a fifo would make us wait
  if (error) return error;
  struct stat st;
  if (fstat(fd, &st) != 0) {
    error = errno;
  } else if (!S_ISREG(st.st_mode)) {
    error = S_ISDIR(st.st_mode) ? EISDIR : ENODEV;
  } else if (st.st_size > 0) {
    void *p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, fd, 0);
    if (p == MAP_FAILED) {
      error = errno;
    } else {
      *base = p;
      *byte_count = (size_t)st.st_size;
    }
  }
  close(fd);
  return error;
}

int sys_map_anonymous(size_t byte_count, void **base) {
  void *p = mmap(NULL, byte_count, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (p == MAP_FAILED) return errno;
  *base = p;
  return 0;
}

int sys_unmap(const void *base, size_t byte_count) {
  if (byte_count == 0) return 0;
  return munmap((void *)(uintptr_t)base, byte_count) == 0 ? 0 : errno;
}

int sys_advise(const void *base, size_t byte_count, int advice) {
  static const int names[] = {
    [SYS_ADVICE_NORMAL] = MADV_NORMAL,      [SYS_ADVICE_SEQUENTIAL] = MADV_SEQUENTIAL,
    [SYS_ADVICE_RANDOM] = MADV_RANDOM,      [SYS_ADVICE_WILL_NEED] = MADV_WILLNEED,
    [SYS_ADVICE_DONT_NEED] = MADV_DONTNEED, [SYS_ADVICE_HUGE_PAGES] = MADV_HUGEPAGE,
  };
  if (advice < 0 || advice > SYS_ADVICE_HUGE_PAGES) return EINVAL;
  return madvise((void *)(uintptr_t)base, byte_count, names[advice]) == 0 ? 0 : errno;
}

int sys_file_info(const char *path, int *kind, uint64_t *byte_count) {
  struct stat st;
  if (stat(path, &st) != 0) return errno;
  take_info(&st, kind, byte_count);
  return 0;
}

int sys_descriptor_info(int fd, int *kind, uint64_t *byte_count) {
  struct stat st;
  if (fstat(fd, &st) != 0) return errno;
  take_info(&st, kind, byte_count);
  return 0;
}

int sys_open_read(const char *path, int *fd) {
  int error = open_again(path, O_RDONLY, fd);
  if (error) return error;
  struct stat st;
  // Opening a directory succeeds; say it here, not at the first read.
  if (fstat(*fd, &st) == 0 && S_ISDIR(st.st_mode)) {
    close(*fd);
    return EISDIR;
  }
  return 0;
}

int sys_close(int fd) {
  // On Linux the descriptor is gone even after EINTR: never again.
  return close(fd) == 0 || errno == EINTR ? 0 : errno;
}

int sys_read(int fd, void *bytes, size_t byte_count, size_t *got) {
  char *p = bytes;
  *got = 0;
  while (*got < byte_count) {
    size_t want = byte_count - *got;
    ssize_t n = read(fd, p + *got, want < TRANSFER_MAX ? want : TRANSFER_MAX);
    if (n == 0) return 0;
    if (n < 0 && errno != EINTR) return errno;
    if (n > 0) *got += (size_t)n;
  }
  return 0;
}

int sys_pread(int fd, void *bytes, size_t byte_count, uint64_t offset, size_t *got) {
  char *p = bytes;
  *got = 0;
  while (*got < byte_count) {
    size_t want = byte_count - *got;
    ssize_t n = pread(fd, p + *got, want < TRANSFER_MAX ? want : TRANSFER_MAX, (off_t)(offset + *got));
    if (n == 0) return 0;
    if (n < 0 && errno != EINTR) return errno;
    if (n > 0) *got += (size_t)n;
  }
  return 0;
}

int sys_write(int fd, const void *bytes, size_t byte_count) {
  const char *p = bytes;
  while (byte_count > 0) {
    ssize_t n = write(fd, p, byte_count < TRANSFER_MAX ? byte_count : TRANSFER_MAX);
    if (n < 0 && errno != EINTR) return errno;
    if (n > 0) p += n, byte_count -= (size_t)n;
  }
  return 0;
}

int sys_pwrite(int fd, const void *bytes, size_t byte_count, uint64_t offset) {
  const char *p = bytes;
  while (byte_count > 0) {
    ssize_t n = pwrite(fd, p, byte_count < TRANSFER_MAX ? byte_count : TRANSFER_MAX, (off_t)offset);
    if (n < 0 && errno != EINTR) return errno;
    if (n > 0) p += n, byte_count -= (size_t)n, offset += (uint64_t)n;
  }
  return 0;
}

int sys_truncate(int fd, uint64_t byte_count) {
  int result;
  do result = ftruncate(fd, (off_t)byte_count);
  while (result != 0 && errno == EINTR);
  return result == 0 ? 0 : errno;
}

int sys_disk_free(int fd, uint64_t *byte_count) {
  struct statvfs fs;
  if (fstatvfs(fd, &fs) != 0) return errno;
  *byte_count = (uint64_t)fs.f_bavail * (uint64_t)fs.f_frsize;
  return 0;
}

int sys_unlink(const char *path) { return unlink(path) == 0 ? 0 : errno; }

int sys_is_terminal(int fd) { return isatty(fd) == 1; }
