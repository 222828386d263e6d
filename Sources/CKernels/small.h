// SPDX-License-Identifier: Apache-2.0
// The reference kernels and what runs once a row are there to be right: between these two words they are made for size
// in the board's image, and as ever on the workstation.
#pragma once

#if defined(HT_BOARD)
#define HT_SMALL_BEGIN _Pragma("clang attribute push(__attribute__((minsize)), apply_to = function)")
#define HT_SMALL_END _Pragma("clang attribute pop")
#else
#define HT_SMALL_BEGIN
#define HT_SMALL_END
#endif
