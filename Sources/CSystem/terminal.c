// SPDX-License-Identifier: Apache-2.0
// Interrupts as a count, reads that return what is there, and the terminal's marks around a paste.
#define _GNU_SOURCE
#include "CSystemTerminal.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "CSystemFile.h"

enum { DEAF_SECONDS = 5 };

static volatile sig_atomic_t interrupts;
static volatile uint64_t first_ns;  // when the first of them came

static void on_interrupt(int number) {
  uint64_t now = sys_monotonic_ns();
  if (interrupts == 0) first_ns = now;
  if (interrupts > 0 && now - first_ns > (uint64_t)DEAF_SECONDS * 1000000000u) {
    sys_terminal_mark_pastes(0, 0);
    signal(number, SIG_DFL);
    raise(number);
  }
  interrupts = interrupts + 1;
}

void sys_catch_interrupts(void) {
  struct sigaction action = {.sa_handler = on_interrupt};  // no SA_RESTART: a read must end
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, NULL);
}

int sys_take_interrupts(void) {
  int count = interrupts;
  interrupts = 0;
  return count;
}

int sys_is_interrupted(void) { return interrupts > 0; }

int sys_read_some(int fd, void *bytes, size_t byte_count, size_t *got) {
  // An interrupt that came before the wait ends it, too: nobody is to press twice.
  sigset_t interrupt, was;
  sigemptyset(&interrupt);
  sigaddset(&interrupt, SIGINT);
  sigprocmask(SIG_BLOCK, &interrupt, &was);
  struct pollfd input = {.fd = fd, .events = POLLIN};
  int failure = interrupts > 0 ? EINTR : ppoll(&input, 1, NULL, &was) < 0 ? errno : 0;
  sigprocmask(SIG_SETMASK, &was, NULL);
  *got = 0;
  if (failure != 0) return failure;
  ssize_t n = read(fd, bytes, byte_count);
  *got = n > 0 ? (size_t)n : 0;
  return n < 0 ? errno : 0;
}

static struct termios terminal_was;
static int is_marking;

static void say(int fd, const char *text) {
  ssize_t ignored = write(fd, text, strlen(text));
  (void)ignored;
}

// Whether the terminal knows control sequences, or at least passes over those that it does not know.
static int takes_sequences(void) {
  const char *name = getenv("TERM");
  return name && *name && strcmp(name, "dumb") != 0 && strcmp(name, "unknown") != 0;
}

void sys_terminal_mark_pastes(int fd, int on) {
  if (on && !is_marking && takes_sequences() && isatty(fd) && tcgetattr(fd, &terminal_was) == 0) {
    struct termios silent = terminal_was;
    silent.c_lflag &= ~(tcflag_t)ECHOCTL;  // the marks would be shown as ^[[200~
    if (tcsetattr(fd, TCSANOW, &silent) != 0) return;
    is_marking = 1;
    say(fd, "\033[?2004h");
  } else if (!on && is_marking) {
    say(fd, "\033[?2004l");
    tcsetattr(fd, TCSANOW, &terminal_was);
    is_marking = 0;
  }
}
