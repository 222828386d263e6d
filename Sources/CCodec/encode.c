// SPDX-License-Identifier: Apache-2.0
// Encoding zstd frames, on the workstation.
#include "CCodec.h"

#if defined(__GLIBC__) || !defined(__linux__)
#define ZSTD_STATIC_LINKING_ONLY  // ZSTD_c_literalCompressionMode
#include <zstd.h>

void *codec_encoder_create(void) { return ZSTD_createCCtx(); }

void codec_encoder_destroy(void *encoder) { ZSTD_freeCCtx(encoder); }

static int set_up(ZSTD_CCtx *c, int level, int entropy_only, size_t byte_count) {
  size_t bad = ZSTD_CCtx_reset(c, ZSTD_reset_session_and_parameters);
  bad |= ZSTD_isError(ZSTD_CCtx_setParameter(c, ZSTD_c_compressionLevel, level));
  bad |= ZSTD_isError(ZSTD_CCtx_setParameter(c, ZSTD_c_contentSizeFlag, 1));
  if (entropy_only) {
    // Short matches in weights are chance: each costs more than it saves, and slows the decoder down.
    bad |= ZSTD_isError(ZSTD_CCtx_setParameter(c, ZSTD_c_minMatch, 7));
    bad |= ZSTD_isError(ZSTD_CCtx_setParameter(c, ZSTD_c_literalCompressionMode, ZSTD_ps_enable));
  }
  bad |= ZSTD_isError(ZSTD_CCtx_setPledgedSrcSize(c, byte_count));
  return bad == 0;
}

intptr_t codec_encode(void *encoder, int level, int entropy_only, const void *bytes, size_t byte_count,
                      const size_t *cuts, size_t cut_count, void *out, size_t room) {
  ZSTD_CCtx *c = encoder;
  if (!set_up(c, level, entropy_only, byte_count)) return -1;
  ZSTD_outBuffer output = {out, room, 0};
  size_t at = 0;
  for (size_t i = 0; i <= cut_count; i++) {
    size_t end = i < cut_count ? cuts[i] : byte_count;
    if (i < cut_count && (end <= at || end >= byte_count)) continue;
    ZSTD_inBuffer input = {(const char *)bytes + at, end - at, 0};
    // 0: all of it is out. Anything else is an error, or bytes for which there was no room.
    if (ZSTD_compressStream2(c, &output, &input, end < byte_count ? ZSTD_e_flush : ZSTD_e_end) != 0) return -1;
    at = end;
  }
  return (intptr_t)output.pos;
}
#endif
