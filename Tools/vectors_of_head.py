# SPDX-License-Identifier: Apache-2.0
"""Vectors for the rules of the head, B-01 to B-18: see Tools/vectors."""
from lying_writer import *

ENDLESS = 2**64 - 1


# --- the head ---------------------------------------------------------------------------------------------------------


@vector("truncated(have: 127, need: 128)", "the header is cut")
def B_01_header_cut():
    return least().bytes()[:127]


@vector("truncated(have: 255, need: 256)", "the section table is cut")
def B_01_table_cut():
    return least().bytes()[:255]


@vector("truncated(have: 0, need: 128)", "an empty file")
def B_01_empty():
    return b""


@vector("badMagic(found: 727905329102410889)", "CR LF has become LF LF, as by a transfer in text mode")
def B_02_line_end():
    bundle = least()
    bundle.magic = b"\x89TCK\n\n\x1a\n"
    return bundle.bytes()


@vector("badMagic(found: 727905341989278857)", "another letter")
def B_02_letter():
    bundle = least()
    bundle.magic = b"\x89TaK\r\n\x1a\n"
    return bundle.bytes()


@vector("versionUnknown(found: 0, known: 1)", "there is no version 0")
def B_03_version_zero():
    bundle = least()
    bundle.version = 0
    return bundle.bytes()


@vector("versionUnknown(found: 2, known: 1)", "the next version")
def B_03_version_two():
    bundle = least()
    bundle.version = 2
    return bundle.bytes()


@vector("requiredFeatureUnknown(mask: 9223372036854775810)", "bits 1 and 63 are not assigned")
def B_04_feature_unknown():
    bundle = least()
    bundle.required |= 1 << 63 | 2
    return bundle.bytes()


@vector("sectionCountOutOfRange(found: 0, limit: 16)", "no section")
def B_05_none():
    bundle = Bundle(pages=False)
    return bundle.bytes()


@vector("sectionCountOutOfRange(found: 17, limit: 16)", "more sections than a reader has room for")
def B_05_seventeen():
    sections = [Section(MANIFEST, b"name=least\n")] * 16
    return Bundle(*sections).bytes()


@vector("headerDigestDiffers", "a bit of the section table has flipped")
def B_06_table_bit():
    file = bytearray(least().bytes())
    file[128 + 40] ^= 16
    return bytes(file)


@vector("headerDigestDiffers", "an optional feature has been set and the digest left")
def B_06_optional_feature():
    file = bytearray(least().bytes())
    file[24] = 1
    return bytes(file)


@vector("reservedNotZero(offset: 12)", "the reserved number after the section count")
def B_07_reserved_12():
    bundle = least()
    bundle.reserved[15] = 1
    return bundle.bytes()


@vector("reservedNotZero(offset: 40)", "the last of the reserved bytes before the identity")
def B_07_reserved_40():
    bundle = least()
    bundle.reserved[63] = 128
    return bundle.bytes()


@vector("fileByteCountDiffers(declared: 352, actual: 351)", "the file has lost its last byte")
def B_08_byte_lost():
    return least().bytes()[:-1]


@vector("fileByteCountDiffers(declared: 352, actual: 353)", "a byte has been appended")
def B_08_byte_added():
    return least().bytes() + b"\0"


# --- the section table ------------------------------------------------------------------------------------------------


@vector("sectionKindUnknown(index: 1, kind: 13)", "a kind after the last one")
def B_09_thirteen():
    return Bundle(Section(MANIFEST, b"name=least\n"), Section(13, b"?"), Section(PAGES, b"?" * 64), pages=False).bytes()


@vector("sectionKindUnknown(index: 0, kind: 0)", "kind 0")
def B_09_zero():
    return Bundle(Section(0, b"?"), Section(MANIFEST, b"name=least\n")).bytes()


@vector("sectionsUnsorted(index: 2)", "names twice")
def B_10_twice():
    return least(Section(NAMES, b"a"), Section(NAMES, b"a")).bytes()


@vector("sectionsUnsorted(index: 2)", "labels after the licence")
def B_10_descending():
    return least(Section(LICENCE, b"free"), Section(LABELS, b"yes\n")).bytes()


@vector("sectionStorageUnknown(index: 0, storage: 2)", "a storage that is not assigned")
def B_11_two():
    bundle = least()
    bundle.sections[0].storage = 2
    return bundle.bytes()


@vector("sectionStorageInconsistent(index: 1)", "blocks, but the feature bit is not set")
def B_12_no_feature():
    bundle = shipped()
    bundle.required = 0
    return bundle.place().bytes()


@vector("sectionStorageInconsistent(index: 2)", "the feature bit is set, but nothing is in blocks")
def B_12_no_blocks():
    bundle = least()
    bundle.required = 1
    return bundle.bytes()


@vector("sectionStorageInconsistent(index: 0)", "plain, but stored and expanded byte counts differ")
def B_12_plain_differs():
    bundle = least()
    bundle.sections[0].byte_count += 1
    return bundle.bytes()


@vector("sectionStorageInconsistent(index: 1)", "blocks that save nothing")
def B_12_not_smaller():
    return shipped(stored=b"x" * 100).bytes()


@vector("sectionStorageInconsistent(index: 1)", "blocks without a byte")
def B_12_blocks_empty():
    return shipped(stored=b"").bytes()


@vector("sectionMisplaced(index: 1, offset: 384, expected: 320)", "a hole of a line between two sections")
def B_13_hole():
    bundle = least()
    bundle.sections[1].offset += 64
    bundle.file_byte_count += 64
    return bundle.bytes()


@vector("sectionMisplaced(index: 1, offset: 256, expected: 320)", "pages lie over the manifest")
def B_13_overlap():
    bundle = least()
    bundle.sections[1].offset = 256
    bundle.file_byte_count = 288
    return bundle.bytes()


@vector("sectionMisplaced(index: 1, offset: 267, expected: 320)", "not at a line")
def B_13_unaligned():
    bundle = least()
    bundle.sections[1].offset = 267
    bundle.file_byte_count = 299
    return bundle.bytes()


@vector("sectionMisplaced(index: 1, offset: 320, expected: 65536)", "64 KiB that do not start at a page")
def B_13_not_at_page():
    bundle = least(Section(TOKENIZER, bytes(65536)))
    bundle.sections[1].offset = 320
    bundle.sections[2].offset = 320 + 65536
    bundle.file_byte_count = 320 + 65536 + 64
    return bundle.bytes()


@vector("sectionOutOfBounds(index: 1, end: 352, fileByteCount: 351)", "the last section ends a byte after the file")
def B_14_past_end():
    bundle = least()
    bundle.file_byte_count = 351
    return bundle.bytes()


@vector(f"sectionOutOfBounds(index: 0, end: {ENDLESS}, fileByteCount: 352)", "offset + byte count is past 2^64")
def B_14_wraps():
    bundle = least()
    bundle.sections[0].byte_count = bundle.sections[0].stored_byte_count = 2**64 - 4
    bundle.sections[0].offset = 65536
    bundle.sections[0].contents = bundle.sections[0].stored = b""
    return bundle.bytes()


@vector(f"sectionOutOfBounds(index: 1, end: {65536 + 2**40}, fileByteCount: {2**40})", "expands past the limit")
def B_14_expands_past_limit():
    return shipped(byte_count=2**40).bytes()


@vector("trailingBytes(end: 352, fileByteCount: 416)", "a line of zeros after the last section, counted in the header")
def B_15_trailing_line():
    bundle = least()
    bundle.file_byte_count += 64
    return bundle.bytes()


@vector("sectionMissing(kind: 1)", "no manifest")
def B_16_no_manifest():
    return Bundle(Section(TOKENIZER, b"?")).bytes()


@vector("sectionMissing(kind: 12)", "no pages")
def B_16_no_pages():
    return Bundle(Section(MANIFEST, b"name=least\n"), pages=False).bytes()


@vector("sectionByteCountWrong(kind: 6, found: 0, expected: 1)", "an empty section is left out")
def B_17_empty():
    return least(Section(TOKENIZER, b"")).bytes()


@vector("sectionByteCountWrong(kind: 1, found: 65537, expected: 65536)", "a manifest over its limit")
def B_17_manifest_long():
    contents = b"name=" + b"x" * 65531 + b"\n"
    return Bundle(Section(MANIFEST, contents, b"short")).bytes()


@vector(f"sectionByteCountWrong(kind: 2, found: {2**22 + 1}, expected: {2**22})", "names over their limit")
def B_17_names_long():
    return least(Section(NAMES, b"long", b"short", 2**22 + 1)).bytes()


@vector(f"sectionByteCountWrong(kind: 5, found: {65537 * 48}, expected: {65536 * 48})", "a tensor over the limit")
def B_17_tensors_long():
    return least(Section(TENSORS, b"long", b"short", 65537 * 48)).bytes()


@vector(f"sectionByteCountWrong(kind: 8, found: {2**20 + 1}, expected: {2**20})", "labels over their limit")
def B_17_labels_long():
    return least(Section(LABELS, b"long", b"short", 2**20 + 1)).bytes()


@vector(f"sectionByteCountWrong(kind: 9, found: {2**20 + 1}, expected: {2**20})", "a licence over its limit")
def B_17_licence_long():
    return least(Section(LICENCE, b"long", b"short", 2**20 + 1)).bytes()


@vector("sectionByteCountWrong(kind: 5, found: 95, expected: 48)", "half a tensor record")
def B_17_record_cut():
    bundle = tensors()
    table = next(s for s in bundle.sections if s.kind == TENSORS).contents[:-1]
    return least(Section(NAMES, b"normweight"), Section(TENSORS, table), Section(WEIGHTS, pattern(640))).bytes()


@vector("sectionByteCountWrong(kind: 12, found: 64, expected: 32)", "a page digest too many")
def B_17_pages_long():
    return Bundle(Section(MANIFEST, b"name=least\n"), Section(PAGES, bytes(64)), pages=False).bytes()


@vector("identityDiffers", "an identity that is not that of the sections")
def B_18_identity():
    bundle = least()
    bundle.identity = b"\1" * 32
    return bundle.bytes()
