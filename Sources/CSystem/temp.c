// SPDX-License-Identifier: Apache-2.0
// A file that gets its name only when it is whole: written beside the target, locked, then renamed over it.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>  // rename
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "CSystemFile.h"

enum {
  LIVE_MAX = 8,         // temporary files at a time
  NAME_PART_MAX = 200,  // of the target's name in the temporary one: the whole stays below NAME_MAX
  ATTEMPT_MAX = 100,
};

// At fixed addresses, so that a signal handler can remove what lives.
static struct temp {
  volatile int taken;  // by compare and swap: several threads may write files at once
  volatile int named;  // `path` is whole and the file is ours
  int fd;
  char path[SYS_TEMP_PATH_MAX];    // of the temporary file
  char target[SYS_TEMP_PATH_MAX];  // the name it will get
} temps[LIVE_MAX];

static size_t put_text(char *out, size_t room, size_t at, const char *text, size_t count) {
  if (at + count + 1 > room) return room;  // too long: every later call sees it too
  memcpy(out + at, text, count);
  out[at + count] = 0;
  return at + count;
}

static size_t put_number(char *out, size_t room, size_t at, unsigned long number) {
  char digits[20];
  size_t n = sizeof digits;
  do digits[--n] = (char)('0' + number % 10), number /= 10;
  while (number > 0);
  return put_text(out, room, at, digits + n, sizeof digits - n);
}

// Where the last component of `path` begins.
static size_t name_start(const char *path) {
  size_t at = strlen(path);
  while (at > 0 && path[at - 1] != '/') at--;
  return at;
}

static size_t name_part(const char *name) {
  size_t n = strlen(name);
  return n < NAME_PART_MAX ? n : NAME_PART_MAX;
}

static int open_folder(const char *target, int *fd) {
  char folder[SYS_TEMP_PATH_MAX];
  size_t n = name_start(target);
  if (n >= sizeof folder) return ENAMETOOLONG;
  memcpy(folder, target, n);
  folder[n] = 0;
  *fd = open(n == 0 ? "." : folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  return *fd < 0 ? errno : 0;
}

// Whether `entry` is `.NAME.` digits (`-` digits) `.tmp`.
static int is_temp_name(const char *entry, const char *name) {
  size_t part = name_part(name);
  if (entry[0] != '.' || strncmp(entry + 1, name, part) != 0 || entry[1 + part] != '.') return 0;
  const char *p = entry + 2 + part;
  const char *digits = p;
  while ((*p >= '0' && *p <= '9') || (*p == '-' && p > digits)) p++;
  return p > digits && strcmp(p, ".tmp") == 0;
}

// Removes what a killed process left behind for this target. A living one holds the lock. Failure is no matter.
static void remove_stale(const char *target) {
  struct entry {  // struct linux_dirent64
    uint64_t inode;
    int64_t offset;
    uint16_t byte_count;
    uint8_t kind;
    char name[];
  };
  int folder;
  if (open_folder(target, &folder) != 0) return;
  const char *name = target + name_start(target);
  _Alignas(8) char list[4096];
  for (;;) {
    long n = syscall(SYS_getdents64, folder, list, sizeof list);
    if (n <= 0) break;
    for (long at = 0; at < n;) {
      const struct entry *e = (const struct entry *)(list + at);
      at += e->byte_count;
      if (!is_temp_name(e->name, name)) continue;
      int fd = openat(folder, e->name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
      if (fd < 0) continue;
      if (flock(fd, LOCK_EX | LOCK_NB) == 0) unlinkat(folder, e->name, 0);
      close(fd);
    }
  }
  close(folder);
}

static int check_target(const char *target) {
  struct stat st;
  if (target[0] == 0 || target[strlen(target) - 1] == '/') return target[0] == 0 ? ENOENT : EISDIR;
  if (stat(target, &st) != 0) return errno == ENOENT ? 0 : errno;
  return S_ISREG(st.st_mode) ? 0 : S_ISDIR(st.st_mode) ? EISDIR : ENODEV;
}

static int name_temp(struct temp *temp, int attempt) {
  const char *target = temp->target;
  size_t start = name_start(target), room = sizeof temp->path;
  size_t at = put_text(temp->path, room, 0, target, start);
  at = put_text(temp->path, room, at, ".", 1);
  at = put_text(temp->path, room, at, target + start, name_part(target + start));
  at = put_text(temp->path, room, at, ".", 1);
  at = put_number(temp->path, room, at, (unsigned long)getpid());
  if (attempt > 0) {
    at = put_text(temp->path, room, at, "-", 1);
    at = put_number(temp->path, room, at, (unsigned long)attempt);
  }
  return put_text(temp->path, room, at, ".tmp", 4) >= room ? ENAMETOOLONG : 0;
}

static int create(const char *target, struct temp *temp) {
  int error = check_target(target);
  if (error) return error;
  size_t count = strlen(target);
  if (count >= sizeof temp->target) return ENAMETOOLONG;
  memcpy(temp->target, target, count + 1);
  remove_stale(target);
  for (int attempt = 0; attempt < ATTEMPT_MAX; attempt++) {
    error = name_temp(temp, attempt);
    if (error) return error;
    temp->named = 1;  // before it is there: a signal in between finds nothing to remove
    int fd = open(temp->path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd < 0) temp->named = 0;
    if (fd < 0 && (errno == EEXIST || errno == EINTR)) continue;
    if (fd < 0) return errno;
    // Who looks for stale files between this open and this flock may hold the lock, or have removed the file.
    struct stat st;
    int lost = flock(fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
    if (lost || (fstat(fd, &st) == 0 && st.st_nlink == 0)) {
      temp->named = 0;
      close(fd);
      continue;
    }
    temp->fd = fd;
    return 0;
  }
  return EEXIST;
}

int sys_temp_create(const char *target, int *temp, int *fd) {
  for (int i = 0; i < LIVE_MAX; i++) {
    if (!__sync_bool_compare_and_swap(&temps[i].taken, 0, 1)) continue;
    int error = create(target, &temps[i]);
    if (error) temps[i].taken = 0;
    *temp = i;
    *fd = temps[i].fd;
    return error;
  }
  return EMFILE;
}

static int sync_folder(const char *target) {
  int fd;
  int error = open_folder(target, &fd);
  if (error) return error;
  // Some file systems cannot sync a directory and say EINVAL: then there is nothing to wait for.
  if (fsync(fd) != 0 && errno != EINVAL) error = errno;
  close(fd);
  return error;
}

static void forget(struct temp *temp) {
  temp->named = 0;
  close(temp->fd);
  __sync_lock_release(&temp->taken);
}

int sys_temp_commit(int index) {
  struct temp *temp = &temps[index];
  int error = 0;
  if (fsync(temp->fd) != 0 && errno != EINVAL) error = errno;
  if (!error && rename(temp->path, temp->target) != 0) error = errno;
  if (error) {
    sys_temp_abandon(index);
    return error;
  }
  temp->named = 0;
  error = sync_folder(temp->target);
  forget(temp);
  return error;
}

void sys_temp_abandon(int index) {
  unlink(temps[index].path);
  forget(&temps[index]);
}

static void on_signal(int number) {
  for (int i = 0; i < LIVE_MAX; i++)
    if (temps[i].named) unlink(temps[i].path);
  signal(number, SIG_DFL);
  raise(number);
}

void sys_clean_up_on_signals(void) {
  static const int numbers[] = {SIGHUP, SIGINT, SIGTERM, SIGPIPE};
  for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
    struct sigaction was, action = {.sa_handler = on_signal};
    sigemptyset(&action.sa_mask);
    // nohup and its like ignore signals on purpose: leave those.
    if (sigaction(numbers[i], NULL, &was) == 0 && was.sa_handler != SIG_IGN) sigaction(numbers[i], &action, NULL);
  }
}
