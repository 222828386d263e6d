// SPDX-License-Identifier: Apache-2.0
// What the static board image has instead of musl's. Empty in the ordinary build.
#include "CCodec.h"

#if defined(__linux__) && !defined(__GLIBC__)
#include <stdlib.h>

// musl's prints with fprintf: 20 KB for messages that nobody reads.
_Noreturn void __assert_fail(const char *text, const char *file, int line, const char *function);
_Noreturn void __assert_fail(const char *text, const char *file, int line, const char *function) {
  (void)text, (void)file, (void)line, (void)function;
  abort();
}
#endif
