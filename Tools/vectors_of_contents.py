# SPDX-License-Identifier: Apache-2.0
"""Valid vectors, and those for the rules of contents, B-19 to B-31, V-01 and V-02: see Tools/vectors."""
import struct

from lying_writer import *


# --- valid ------------------------------------------------------------------------------------------------------------


@vector("valid", "the smallest bundle: manifest and pages")
def valid_least():
    return least().bytes()


@vector("valid", "two tensors, in panels and plain, with padding between them")
def valid_tensors():
    return tensors().bytes()


@vector("valid", "one tensor of each weight format; rows and columns that do not fill their panels")
def valid_weight_formats():
    names, table, weights = b"", b"", b""
    sizes = [2048, 1024, 1024, 576, 320, 320, 384, 384, 448, 2368, 2880, 3392, 1344, 1792, 320, 2176, 320]
    for format, size in enumerate(sizes):
        name = f"format {format}".encode()
        panels = 2 if format == 3 else 1
        weights += bytes(-len(weights) % 64)
        columns = 256 if format in (9, 10, 11, 12, 13, 15) else 31
        table += record(format, 0, 16 * panels - 1, columns, len(weights), size * panels, len(names), len(name))
        names, weights = names + name, weights + bytes(size * panels)
    return least(Section(NAMES, names), Section(TENSORS, table), Section(WEIGHTS, weights)).bytes()


@vector("valid", "a program of one op, which embeds; names of tensors, then of values")
def valid_program():
    header = numbers(1, 0, 1, 1, 16, 128, 0) + bytes(36)
    op = numbers(1, 0xFFFFFFFF, 0, 1) + struct.pack("<f", 1) + bytes(44)
    value = numbers(0, 32, 0, 0, 0, 10, 5, 0)
    return tensors(names=b"normweightvalue", extra=[
        Section(PROGRAM, header + numbers(1, 0, 1, 0) + op), Section(VALUES, value)]).bytes()


@vector("valid", "texts: a licence with tabs and form feeds, a manifest with characters that JSON escapes")
def valid_texts():
    manifest = 'a=\na-b=x="1"\nlicence=Apache-2.0\nname=say \\ "\u00e9\u4e2d\U0001f600"\nz.9=\n'.encode()
    return Bundle(Section(MANIFEST, manifest), Section(TEMPLATE, b"\0\1\2"), Section(LABELS, b"TASK"),
                  Section(LICENCE, b"\tLicence\r\n\x0cpage two\nno line end"), Section(CONFORMANCE, b"\xff")).bytes()


@vector("valid", "optional features that nobody knows are ignored")
def valid_optional_features():
    bundle = least()
    bundle.optional = 1 << 63 | 5
    return bundle.bytes()


@vector("valid", "a section of 64 KiB starts at a page")
def valid_page_aligned():
    table = record(F32, 1, 1, 16384, 0, 65536, 0, 5)
    return least(Section(NAMES, b"zeros"), Section(TENSORS, table), Section(WEIGHTS, bytes(65536))).bytes()


@vector("compressed", "the head of the form for shipping: valid for a reader of streams, B-20 for one that maps")
def valid_head_compressed():
    return shipped().bytes()


# --- the contents of the file -----------------------------------------------------------------------------------------


@vector("paddingNotZero(offset: 267)", "a byte between manifest and pages")
def B_19_between_sections():
    bundle = least()
    bundle.padding[319] = b"\1"
    return bundle.bytes()


@vector("paddingNotZero(offset: 331)", "the same in the form for shipping")
def B_19_compressed():
    bundle = shipped()
    bundle.padding[bundle.sections[1].offset - 1] = b"\1"
    return bundle.bytes()


@vector("manifestMalformed(line: 2)", "the last line does not end")
def B_21_no_line_end():
    return Bundle(Section(MANIFEST, b"name=least\ntask=chat")).bytes()


@vector("manifestMalformed(line: 1)", "a key with a capital")
def B_21_key_capital():
    return Bundle(Section(MANIFEST, b"Name=least\n")).bytes()


@vector("manifestMalformed(line: 1)", "a line without a key")
def B_21_key_empty():
    return Bundle(Section(MANIFEST, b"=least\n")).bytes()


@vector("manifestMalformed(line: 2)", "a line without =")
def B_21_no_equals():
    return Bundle(Section(MANIFEST, b"name=least\ntask\n")).bytes()


@vector("manifestMalformed(line: 2)", "keys that descend")
def B_21_keys_descending():
    return Bundle(Section(MANIFEST, b"name=least\nlicence=MIT\n")).bytes()


@vector("manifestMalformed(line: 3)", "a key twice")
def B_21_key_twice():
    return Bundle(Section(MANIFEST, b"a=1\nname=least\nname=least\n")).bytes()


@vector("manifestMalformed(line: 1)", "an escape sequence for the terminal")
def B_21_control_character():
    return Bundle(Section(MANIFEST, b"name=\x1b[2J\n")).bytes()


@vector("manifestMalformed(line: 1)", "U+007F")
def B_21_delete():
    return Bundle(Section(MANIFEST, b"name=a\x7f\n")).bytes()


@vector("manifestMalformed(line: 1)", "a surrogate, encoded")
def B_21_not_utf8():
    return Bundle(Section(MANIFEST, b"name=\xed\xa0\x80\n")).bytes()


@vector("manifestMalformed(line: 2)", "an empty line")
def B_21_line_empty():
    return Bundle(Section(MANIFEST, b"name=least\n\n")).bytes()


# --- tensors ----------------------------------------------------------------------------------------------------------


@vector("tensorMalformed(index: 1, field: .format)", "a format that is not assigned")
def B_22_format():
    return changed("second", format=17).bytes()


@vector("tensorMalformed(index: 1, field: .layout)", "a layout that is not assigned")
def B_22_layout():
    return changed("second", layout=2).bytes()


@vector("tensorMalformed(index: 1, field: .layout)", "plain, and not f32")
def B_22_layout_plain_q8():
    return changed("second", layout=1).bytes()


@vector("tensorMalformed(index: 0, field: .reserved)", "the reserved number after the layout")
def B_22_reserved_4():
    return changed("first", reserved=1).bytes()


@vector("tensorMalformed(index: 0, field: .reserved)", "the reserved number at the end")
def B_22_reserved_40():
    return changed("first", tail=1 << 63).bytes()


@vector("tensorMalformed(index: 1, field: .rows)", "no rows")
def B_22_rows_zero():
    return changed("second", rows=0).bytes()


@vector("tensorMalformed(index: 1, field: .rows)", "a row over the limit")
def B_22_rows_over_limit():
    return changed("second", rows=2**22 + 1).bytes()


@vector("tensorMalformed(index: 0, field: .columns)", "no columns")
def B_22_columns_zero():
    return changed("first", columns=0).bytes()


@vector("tensorMalformed(index: 1, field: .columns)", "a column over the limit")
def B_22_columns_over_limit():
    return changed("second", columns=2**20 + 1).bytes()


@vector("tensorMalformed(index: 1, field: .columns)", "q4_k and columns that 256 does not divide")
def B_22_columns_not_256():
    return changed("second", format=Q4_K, columns=288).bytes()


@vector("tensorByteCountDiffers(index: 0, found: 16, expected: 12)", "more bytes than shape and format need")
def B_23_plain():
    return changed("first", byte_count=16).bytes()


@vector("tensorByteCountDiffers(index: 1, found: 576, expected: 1152)", "17 rows are two panels")
def B_23_panels():
    return changed("second", rows=17).bytes()


@vector("tensorMisplaced(index: 1, offset: 128, expected: 64)", "a hole of a line before a tensor")
def B_24_hole():
    return tensors(second=(Q8_0, 0, 16, 32, 128, 576, 4, 6), weights=pattern(12) + bytes(116) + pattern(576)).bytes()


@vector("tensorMisplaced(index: 1, offset: 0, expected: 64)", "a tensor over another")
def B_24_overlap():
    return tensors(second=(Q8_0, 0, 16, 32, 0, 576, 4, 6), weights=pattern(576)).bytes()


@vector("tensorMisplaced(index: 1, offset: 12, expected: 64)", "a tensor that is not at a line")
def B_24_unaligned():
    return tensors(second=(Q8_0, 0, 16, 32, 12, 576, 4, 6), weights=pattern(588)).bytes()


# --- names ------------------------------------------------------------------------------------------------------------


@vector("nameMisplaced(record: 1, offset: 5, expected: 4)", "a byte between two names")
def B_25_hole():
    return tensors(second=(*GOOD["second"][:6], 5, 6), names=b"norm.weight").bytes()


@vector("nameMisplaced(record: 1, offset: 0, expected: 4)", "two tensors share the bytes of a name")
def B_25_shared():
    return tensors(second=(*GOOD["second"][:6], 0, 4), names=b"norm").bytes()


@vector("nameOutOfBounds(record: 1, end: 10, limit: 9)", "a name ends past its section")
def B_26_past_end():
    return tensors(names=b"normweigh").bytes()


@vector(f"nameOutOfBounds(record: 1, end: {4 + 2**32 - 1}, limit: 10)", "a name that wraps in 32 bits")
def B_26_wraps():
    return changed("second", name_byte_count=2**32 - 1).bytes()


@vector("nameOutOfBounds(record: 0, end: 4, limit: 0)", "tensors, but no names section")
def B_26_no_names():
    return tensors(names=b"").bytes()


@vector("nameNotUTF8(record: 1)", "/ in two bytes")
def B_27_overlong():
    return tensors(names=b"normw\xc0\xafght").bytes()


@vector("nameNotUTF8(record: 0)", "a character that the next name goes on with")
def B_27_split():
    return tensors(names=b"nor\xc3\xa9eight").bytes()


@vector("nameNotUTF8(record: 1)", "the one-character start of an escape sequence, U+009B")
def B_27_control_character():
    return tensors(names=b"normw\xc2\x9b31m").bytes()


@vector("nameNotUTF8(record: 0)", "a name without a byte")
def B_27_empty():
    return tensors((*GOOD["first"][:6], 0, 0), (*GOOD["second"][:6], 0, 6), b"weight").bytes()


# --- weights and texts ------------------------------------------------------------------------------------------------


@vector("tensorOutOfBounds(index: 1, end: 640, limit: 639)", "weights end a byte too early")
def B_28_weights_short():
    return tensors(weights=(pattern(12) + bytes(52) + pattern(576))[:-1]).bytes()


@vector("tensorOutOfBounds(index: 0, end: 12, limit: 0)", "tensors, but no weights section")
def B_28_no_weights():
    return tensors(weights=b"").bytes()


@vector("tensorPaddingNotZero(index: 1)", "a byte between two tensors")
def B_29_padding():
    return tensors(weights=pattern(12) + bytes(51) + b"\1" + pattern(576)).bytes()


@vector("sectionNotCovered(kind: 10, found: 641, expected: 640)", "a byte of weights after the last tensor")
def B_30_weights_long():
    return tensors(weights=pattern(12) + bytes(52) + pattern(576) + b"\0").bytes()


@vector("sectionNotCovered(kind: 10, found: 64, expected: 0)", "weights, but no tensors")
def B_30_no_tensors():
    return least(Section(WEIGHTS, pattern(64))).bytes()


@vector("sectionNotCovered(kind: 2, found: 12, expected: 10)", "names that no record has")
def B_30_names_long():
    return tensors(names=b"normweight?!").bytes()


@vector("textMalformed(kind: 9, offset: 3)", "a licence that is not UTF-8: its last character is cut")
def B_31_licence_cut():
    return least(Section(LICENCE, b"fre\xc3")).bytes()


@vector("textMalformed(kind: 9, offset: 5)", "an escape sequence in the licence")
def B_31_licence_escape():
    return least(Section(LICENCE, b"free\n\x1b[2J")).bytes()


# --- for a verifier ---------------------------------------------------------------------------------------------------


@vector("pageDigestDiffers(kind: 10, page: 0)", "a bit of the weights has flipped")
def V_01_weights_bit():
    bundle = tensors()
    weights = next(s for s in bundle.sections if s.kind == WEIGHTS)
    bundle.padding[weights.offset + 639] = bytes([weights.contents[639] ^ 1])
    return bundle.bytes()


@vector("sectionDigestDiffers(kind: 1)", "the table's digest of the manifest is that of other bytes; its page is right")
def V_02_manifest():
    bundle = least()
    bundle.sections[0].digest = b"\2" * 32
    return bundle.bytes()


@vector("sectionDigestDiffers(kind: 12)", "a bit of the page digests has flipped")
def V_02_pages():
    bundle = least()
    bundle.padding[351] = bytes([bundle.sections[1].contents[31] ^ 1])
    return bundle.bytes()
