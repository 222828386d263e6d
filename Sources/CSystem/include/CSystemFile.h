// SPDX-License-Identifier: Apache-2.0
// Files, maps, clock and process facts. Every `int` result is 0 or an errno value unless said otherwise; calls are
// retried on EINTR; nothing is allocated.
#pragma once
#include <stddef.h>
#include <stdint.h>

// ---- maps (file.c)

// Maps a whole regular file read-only. An empty file gives `*byte_count` 0 and a valid pointer. EISDIR for a directory,
// ENODEV for anything else that is not a regular file.
int sys_map_file(const char *path, const void **base, size_t *byte_count);
// Maps zero bytes of memory, private to the process; pages come at first touch.
int sys_map_anonymous(size_t byte_count, void **base);
// Undoes either; `byte_count` 0 is nothing to undo.
int sys_unmap(const void *base, size_t byte_count);

enum sys_advice {
  SYS_ADVICE_NORMAL = 0,
  SYS_ADVICE_SEQUENTIAL = 1,  // read ahead more, drop behind
  SYS_ADVICE_RANDOM = 2,
  SYS_ADVICE_WILL_NEED = 3,   // start reading now
  SYS_ADVICE_DONT_NEED = 4,   // give the pages back
  SYS_ADVICE_HUGE_PAGES = 5,
};
int sys_advise(const void *base, size_t byte_count, int advice);

// ---- files (file.c)

enum sys_file_kind { SYS_FILE_REGULAR = 0, SYS_FILE_DIRECTORY = 1, SYS_FILE_OTHER = 2 };
// Kind and size of what `path` leads to.
int sys_file_info(const char *path, int *kind, uint64_t *byte_count);
// The same for an open file; a pipe is SYS_FILE_OTHER.
int sys_descriptor_info(int fd, int *kind, uint64_t *byte_count);
int sys_open_read(const char *path, int *fd);
int sys_close(int fd);
// Reads until `byte_count` bytes are there or the input ends; `*got` says how many came, also when an error stopped it.
int sys_read(int fd, void *bytes, size_t byte_count, size_t *got);
int sys_pread(int fd, void *bytes, size_t byte_count, uint64_t offset, size_t *got);
// Writes everything, or says why not. EPIPE is an errno here; by default SIGPIPE ends the process first, quietly.
int sys_write(int fd, const void *bytes, size_t byte_count);
int sys_pwrite(int fd, const void *bytes, size_t byte_count, uint64_t offset);
// Cuts a file, or extends it by zero bytes.
int sys_truncate(int fd, uint64_t byte_count);
// Bytes that an unprivileged writer could still add where `fd` lies.
int sys_disk_free(int fd, uint64_t *byte_count);
int sys_unlink(const char *path);
// 1 when `fd` is a terminal, else 0.
int sys_is_terminal(int fd);

// ---- a file that grows in place (update.c)

// Opens an existing file to read and write.
int sys_open_update(const char *path, int *fd);
// One writer at a time: EWOULDBLOCK (11) when another has it. Closing gives it back.
int sys_lock(int fd);
// Returns when everything written to `fd` would outlive a loss of power.
int sys_sync(int fd);
// Maps an open regular file read-only, as sys_map_file does.
int sys_map_descriptor(int fd, const void **base, size_t *byte_count);

// ---- a file that gets its name only when it is whole (temp.c)

enum { SYS_TEMP_PATH_MAX = 4096 };
// Written under the name `.NAME.PID.tmp` in the folder of the target, locked while it lives. After a signal that can be
// caught nothing is left (if sys_clean_up_on_signals was called); after SIGKILL or power loss the unlocked rest is
// removed by the next sys_temp_create for the same target. `*temp` names it in the calls below (a few can live at a
// time in a process), `*fd` is open for reading and writing.
// EISDIR when the target is a directory, ENODEV when it is no regular file, ENOENT when its folder does not exist.
int sys_temp_create(const char *target, int *temp, int *fd);
// fsync, rename over the target, fsync of the folder. On failure the temporary file is gone and the target as it was,
// unless the fsync of the folder failed: then the name may or may not outlive a power loss.
int sys_temp_commit(int temp);
// Closes and removes it.
void sys_temp_abandon(int temp);
// SIGHUP, SIGINT, SIGTERM and SIGPIPE remove living temporary files, then end the process as they would have.
void sys_clean_up_on_signals(void);

// ---- process and machine (process.c)

uint64_t sys_monotonic_ns(void);
size_t sys_page_byte_count(void);
// The auxiliary vector: AT_HWCAP is 16, AT_HWCAP2 26. 0 when absent.
uint64_t sys_auxiliary(uint64_t type);
int32_t sys_process_id(void);
/// Seconds since 1970-01-01, UTC.
int64_t sys_wall_seconds(void);

struct sys_usage {
  uint64_t minor_fault_count;       // page faults that needed no reading
  uint64_t major_fault_count;       // page faults that did
  uint64_t resident_byte_count;     // now, all kinds
  uint64_t anonymous_byte_count;    // now: heap, stacks, anonymous maps
  uint64_t resident_max_byte_count;  // most that ever was resident
};
int sys_usage(struct sys_usage *usage);
// 128 bytes of this thread's own, aligned to 16: for what an error has to say. Zeros at first.
void *sys_error_room(void);
// A failed check inside (SIGILL, SIGTRAP) and a mapped file that cannot be read (SIGBUS) say one line and end with exit
// status 134 and 5; `name` (a literal) begins the line.
void sys_say_traps(const char *name);
