// SPDX-License-Identifier: Apache-2.0
// Decoding zstd frames in a fixed piece of memory.
#define ZSTD_STATIC_LINKING_ONLY  // ZSTD_initStaticDCtx
#include <zstd.h>

#include "CCodec.h"

void *codec_decoder_start(void *memory) { return ZSTD_initStaticDCtx(memory, CODEC_DECODER_BYTE_COUNT); }

intptr_t codec_decode(void *decoder, const void *bytes, intptr_t byte_count, void *out, intptr_t room) {
  // Without a dictionary; the plainer call would link what frees dictionaries, and with it malloc.
  size_t n = ZSTD_decompress_usingDict(decoder, out, (size_t)room, bytes, (size_t)byte_count, NULL, 0);
  return ZSTD_isError(n) ? -1 : (intptr_t)n;
}
