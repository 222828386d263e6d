// SPDX-License-Identifier: Apache-2.0
// Somebody at the other end: interrupts, reading what is there, pasting. `int` results as in CSystemFile.h.
#pragma once
#include <stddef.h>
#include <stdint.h>

// From now on SIGINT does not end the process but is counted. A second SIGINT that nobody has taken for five seconds
// ends it after all: whoever computes and never looks must not be deaf for ever.
void sys_catch_interrupts(void);
// How many came since the last call.
int sys_take_interrupts(void);
// 1 when some came that have not been taken, else 0.
int sys_is_interrupted(void);

// Reads what is there, at least one byte; `*got` 0 at the end of the input. EINTR when a signal came first.
int sys_read_some(int fd, void *bytes, size_t byte_count, size_t *got);

// While on, the terminal `fd` says where a paste begins and ends (ESC [200~ and ESC [201~, which it does not show), so
// that lines of one paste are one text. Off, it is as it was. No terminal: nothing happens.
void sys_terminal_mark_pastes(int fd, int on);
