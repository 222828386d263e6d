#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A second reader of bundles, written from specs/bundle.md: Tools/bundle_reader.py [--verify] [--map] FILE

Prints what `hardtack inspect FILE --json` prints, byte for byte. Refuses what breaks a rule: one line on standard
error, the rule's number first, exit status 3. --map refuses the form for shipping as well (B-20), --verify also checks
the digests of the contents (V-01, V-02) and exits 1 when they differ. Laid out like the specification; standard
library only.
"""
import hashlib
import struct
import sys


# --- §2 Conventions ---------------------------------------------------------------------------------------------------


class Refused(Exception):
    """A broken rule: its number, and the error as §7 spells it."""

    def __init__(self, rule, name, **fields):
        details = ", ".join(f"{key}: {value}" for key, value in fields.items())
        super().__init__(f"{rule} {name}" + (f"({details})" if fields else ""))


def numbers(layout, data, at):
    return struct.unpack_from("<" + layout, data, at)


def blake2b(data):
    return hashlib.blake2b(data, digest_size=32).digest()


def aligned(value, step):
    return -(-value // step) * step


def plain_text_byte_count(data):
    """Bytes of the longest start of `data` that is UTF-8 without control characters."""
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        text = data[:error.start].decode()
    good = 0
    for character in text:
        if ord(character) < 0x20 or 0x7F <= ord(character) < 0xA0:
            break
        good += len(character.encode())
    return good


# --- §4 Header --------------------------------------------------------------------------------------------------------

MAGIC = b"\x89TCK\r\n\x1a\n"
COMPRESSED = 1


class Header:
    def __init__(self, file):
        if len(file) < 128:
            raise Refused("B-01", "truncated", have=len(file), need=128)
        if file[:8] != MAGIC:
            raise Refused("B-02", "badMagic", found=numbers("Q", file, 0)[0])
        self.version, self.section_count, self.reserved, self.required, self.optional, self.file_byte_count = (
            numbers("HHIQQQ", file, 8))
        if self.version != 1:
            raise Refused("B-03", "versionUnknown", found=self.version, known=1)
        if self.required & ~COMPRESSED:
            raise Refused("B-04", "requiredFeatureUnknown", mask=self.required & ~COMPRESSED)
        if not 1 <= self.section_count <= SECTION_COUNT_MAX:
            raise Refused("B-05", "sectionCountOutOfRange", found=self.section_count, limit=SECTION_COUNT_MAX)
        end = 128 + 64 * self.section_count
        if len(file) < end:
            raise Refused("B-01", "truncated", have=len(file), need=end)
        self.identity, self.table = file[64:96], file[128:end]
        if blake2b(file[:96] + blake2b(self.table)) != file[96:128]:
            raise Refused("B-06", "headerDigestDiffers")
        if self.reserved:
            raise Refused("B-07", "reservedNotZero", offset=12)
        if any(file[40:64]):
            raise Refused("B-07", "reservedNotZero", offset=40)
        if self.file_byte_count != len(file):
            raise Refused("B-08", "fileByteCountDiffers", declared=self.file_byte_count, actual=len(file))
        self.mappable = not self.required & COMPRESSED


# --- §5 Section table -------------------------------------------------------------------------------------------------

KINDS = ["", "manifest", "names", "program", "values", "tensors", "tokenizer", "template", "labels", "licence",
         "weights", "conformance", "pages"]
STORAGES = ["plain", "blocks"]
U64_MAX = 2**64 - 1


class Section:
    def __init__(self, table, index):
        (self.kind, self.storage, self.offset, self.stored_byte_count, self.byte_count, self.digest) = (
            numbers("IIQQQ32s", table, 64 * index))

        self.name = KINDS[self.kind] if self.kind < len(KINDS) else None
        self.page_count = -(-self.byte_count // 65536)

    def start(self, end, mappable):
        return aligned(end, 65536 if mappable and self.byte_count >= 65536 else 64)


def read_table(header):
    """Rules B-09 to B-18. Returns the sections and the byte count of the mappable form."""
    sections = [Section(header.table, i) for i in range(header.section_count)]
    end = mapped_end = 128 + 64 * header.section_count
    kind_before = 0
    for i, section in enumerate(sections):
        if not 1 <= section.kind < len(KINDS):
            raise Refused("B-09", "sectionKindUnknown", index=i, kind=section.kind)
        if section.kind <= kind_before:
            raise Refused("B-10", "sectionsUnsorted", index=i)
        kind_before = section.kind
        if section.storage >= len(STORAGES):
            raise Refused("B-11", "sectionStorageUnknown", index=i, storage=section.storage)
        if section.storage == 0:
            consistent = section.stored_byte_count == section.byte_count
        else:
            consistent = not header.mappable and 0 < section.stored_byte_count < section.byte_count
        if not consistent:
            raise Refused("B-12", "sectionStorageInconsistent", index=i)
        expected = section.start(end, header.mappable)
        if section.offset != expected:
            raise Refused("B-13", "sectionMisplaced", index=i, offset=section.offset, expected=min(expected, U64_MAX))
        end = section.offset + section.stored_byte_count
        if end > header.file_byte_count:
            raise Refused("B-14", "sectionOutOfBounds", index=i, end=min(end, U64_MAX),
                          fileByteCount=header.file_byte_count)
        mapped_end = section.start(mapped_end, True) + section.byte_count
        if mapped_end > FILE_BYTE_COUNT_MAX:
            raise Refused("B-14", "sectionOutOfBounds", index=i, end=min(mapped_end, U64_MAX),
                          fileByteCount=FILE_BYTE_COUNT_MAX)
    if not header.mappable and not any(s.storage for s in sections):
        raise Refused("B-12", "sectionStorageInconsistent", index=header.section_count)
    if end != header.file_byte_count:
        raise Refused("B-15", "trailingBytes", end=end, fileByteCount=header.file_byte_count)
    check_presence(sections)
    records = b"".join(struct.pack("<IIQ32s", s.kind, 0, s.byte_count, s.digest) for s in sections)
    if blake2b(records) != header.identity:
        raise Refused("B-18", "identityDiffers")
    return sections, mapped_end


def check_presence(sections):
    """Rules B-16 and B-17."""
    for kind in ("manifest", "pages"):
        if kind not in [s.name for s in sections]:
            raise Refused("B-16", "sectionMissing", kind=KINDS.index(kind))
    page_count = 0
    for section in sections:
        expected = min(max(section.byte_count, 1), BYTE_COUNT_MAX.get(section.name, FILE_BYTE_COUNT_MAX))
        if section.name == "tensors":
            expected = max(expected // 48, 1) * 48
        if section.name == "pages":
            expected = 32 * page_count
        page_count += section.page_count
        if section.byte_count != expected:
            raise Refused("B-17", "sectionByteCountWrong", kind=section.kind, found=section.byte_count,
                          expected=expected)


def check_padding(file, sections):
    """Rule B-19."""
    end = 128 + 64 * len(sections)
    for section in sections:
        if any(file[end:section.offset]):
            raise Refused("B-19", "paddingNotZero", offset=end)
        end = section.offset + section.stored_byte_count


# --- §5.1 Manifest ----------------------------------------------------------------------------------------------------

KEY_BYTES = b"abcdefghijklmnopqrstuvwxyz0123456789._-"


def read_manifest(data):
    """Rule B-21. Returns (key, value) pairs, as bytes."""
    pairs, key_before = [], b""
    lines = data.split(b"\n")
    for number, line in enumerate(lines[:-1] if lines[-1] == b"" else lines, 1):
        key, equals, value = line.partition(b"=")
        known = number < len(lines) and key and equals and not key.strip(KEY_BYTES)
        if not known or key <= key_before or plain_text_byte_count(value) != len(value):
            raise Refused("B-21", "manifestMalformed", line=number)
        pairs.append((key, value))
        key_before = key
    return pairs


# --- §5.2 Names, §5.5 Tensors -----------------------------------------------------------------------------------------

# name, lines of 64 bytes in a unit's head and in a group of it, groups a unit: weights.md §2
FORMATS = [("f32", 0, 32, 1), ("f16", 0, 16, 1), ("bf16", 0, 16, 1), ("q8_0", 1, 8, 2), ("q4_0", 1, 4, 2),
           ("q4_1", 1, 4, 1), ("q5_0", 1, 5, 2), ("q5_1", 1, 5, 1), ("q6_0", 1, 6, 2), ("q4_k", 5, 4, 8),
           ("q5_k", 5, 5, 8), ("q6_k", 5, 6, 8), ("q2_k", 5, 2, 8), ("q3_k", 4, 3, 8), ("iq4_nl", 1, 4, 2),
           ("iq4_xs", 2, 4, 8), ("mxfp4", 1, 4, 4)]
LAYOUTS = ["panels", "plain"]


class Tensor:
    def __init__(self, table, index, start):
        """Rules B-22 to B-24; `start` is where the tensor must lie."""
        (self.format, self.layout, zero, self.rows, self.columns, self.offset, self.byte_count, self.name_offset,
         self.name_byte_count, zeros) = numbers("HHIIIQQIIQ", table, 48 * index)
        wrong = (
            "format" if self.format >= len(FORMATS) else
            "layout" if self.layout >= len(LAYOUTS) or (self.layout == 1 and self.format != 0) else
            "reserved" if zero or zeros else
            "rows" if not 1 <= self.rows <= ROW_COUNT_MAX else
            "columns" if not 1 <= self.columns <= COLUMN_COUNT_MAX else
            "columns" if FORMATS[self.format][3] == 8 and self.columns % 256 else None)
        if wrong:
            raise Refused("B-22", "tensorMalformed", index=index, field="." + wrong)
        if self.byte_count != self.expected_byte_count():
            raise Refused("B-23", "tensorByteCountDiffers", index=index, found=self.byte_count,
                          expected=self.expected_byte_count())
        if self.offset != start:
            raise Refused("B-24", "tensorMisplaced", index=index, offset=self.offset, expected=start)

    def expected_byte_count(self):
        if self.layout == 1:
            return 4 * self.rows * self.columns
        _, head_lines, group_lines, unit = FORMATS[self.format]
        groups = -(-self.columns // 32)
        return -(-self.rows // 16) * 64 * (-(-groups // unit) * head_lines + groups * group_lines)


def check_name(names, tensor, index, start):
    """Rules B-25 to B-27. Returns the name."""
    if tensor.name_offset != start:
        raise Refused("B-25", "nameMisplaced", record=index, offset=tensor.name_offset, expected=start)
    end = start + tensor.name_byte_count
    if end > len(names):
        raise Refused("B-26", "nameOutOfBounds", record=index, end=end, limit=len(names))
    name = names[start:end]
    if not name or plain_text_byte_count(name) != len(name):
        raise Refused("B-27", "nameNotUTF8", record=index)
    return name


def read_tensors(table, names, weights, has_values):
    """Rules B-22 to B-30."""
    tensors, end, names_end = [], 0, 0
    for i in range(len(table) // 48):
        start = aligned(end, 64)
        tensor = Tensor(table, i, start)
        tensor.name = check_name(names, tensor, i, names_end)
        names_end += len(tensor.name)
        padding = weights[end:start]
        end = start + tensor.byte_count
        if end > len(weights):
            raise Refused("B-28", "tensorOutOfBounds", index=i, end=end, limit=len(weights))
        if any(padding):
            raise Refused("B-29", "tensorPaddingNotZero", index=i)
        tensors.append(tensor)
    if end != len(weights):
        raise Refused("B-30", "sectionNotCovered", kind=KINDS.index("weights"), found=len(weights), expected=end)
    if not has_values and names_end != len(names):
        raise Refused("B-30", "sectionNotCovered", kind=KINDS.index("names"), found=len(names), expected=names_end)
    return tensors


# --- §5.5 Licence ----------------------------------------------------------------------------------------------------


def check_licence(data):
    """Rule B-31."""
    good = plain_text_byte_count(data.translate(bytes.maketrans(b"\t\n\x0c\r", b"    ")))
    if good != len(data):
        raise Refused("B-31", "textMalformed", kind=KINDS.index("licence"), offset=good)


# --- §6 Limits --------------------------------------------------------------------------------------------------------

SECTION_COUNT_MAX = 16
FILE_BYTE_COUNT_MAX = 2**40
BYTE_COUNT_MAX = {"manifest": 2**16, "names": 2**22, "tensors": 65536 * 48, "labels": 2**20, "licence": 2**20}
ROW_COUNT_MAX = 2**22
COLUMN_COUNT_MAX = 2**20


# --- §7 What a reader must reject: all rules, in order ----------------------------------------------------------------


class Bundle:
    def __init__(self, file, must_map=False):
        self.file, self.header = file, Header(file)
        self.sections, self.mappable_byte_count = read_table(self.header)
        check_padding(file, self.sections)
        if not self.header.mappable:
            if must_map:
                raise Refused("B-20", "compressed")
            return  # of the form for shipping the head is all there is to see
        self.manifest = read_manifest(self.contents("manifest"))
        has_values = any(s.name == "values" for s in self.sections)
        self.tensors = read_tensors(self.contents("tensors"), self.contents("names"), self.contents("weights"),
                                    has_values)
        check_licence(self.contents("licence"))

    def contents(self, name):
        for section in self.sections:
            if section.name == name:
                return self.file[section.offset:section.offset + section.byte_count]
        return b""


# --- §8 What a verifier must check ------------------------------------------------------------------------------------


def verify(bundle):
    """Rules V-01 and V-02."""
    lists, at = bundle.contents("pages"), 0
    pages = b"".join(blake2b(lists[i:i + 65536]) for i in range(0, len(lists), 65536))
    if blake2b(pages) != bundle.sections[-1].digest:
        raise Refused("V-02", "sectionDigestDiffers", kind=KINDS.index("pages"))
    for section in bundle.sections[:-1]:
        contents = bundle.contents(section.name)
        for page in range(section.page_count):
            if blake2b(contents[65536 * page:65536 * (page + 1)]) != lists[at + 32 * page:at + 32 * (page + 1)]:
                raise Refused("V-01", "pageDigestDiffers", kind=section.kind, page=page)
        if blake2b(lists[at:at + 32 * section.page_count]) != section.digest:
            raise Refused("V-02", "sectionDigestDiffers", kind=section.kind)
        at += 32 * section.page_count


# --- §11 What inspect prints ------------------------------------------------------------------------------------------


def to_json(value):
    """`value` without spaces; bytes are UTF-8 strings of which only quotes, backslashes and controls are escaped."""
    if isinstance(value, dict):
        return b"{" + b",".join(to_json(k) + b":" + to_json(v) for k, v in value.items()) + b"}"
    if isinstance(value, list):
        return b"[" + b",".join(map(to_json, value)) + b"]"
    if isinstance(value, int):
        return b"%d" % value
    text = value.encode() if isinstance(value, str) else value
    text = b"".join(b"\\" + bytes([c]) if c in b'"\\' else b"\\u%04x" % c if c < 32 else bytes([c]) for c in text)
    return b'"' + text + b'"'


def describe(bundle):
    header = bundle.header
    answer = {
        "format_version": header.version, "form": "mappable" if header.mappable else "compressed",
        "identity": header.identity.hex(), "file_byte_count": header.file_byte_count,
        "mappable_byte_count": bundle.mappable_byte_count, "required_features": header.required,
        "optional_features": header.optional}
    if header.mappable:
        answer["manifest"] = dict(bundle.manifest)
    answer["sections"] = [
        {"kind": s.name, "storage": STORAGES[s.storage], "offset": s.offset, "stored_byte_count": s.stored_byte_count,
         "byte_count": s.byte_count, "digest": s.digest.hex()} for s in bundle.sections]
    if header.mappable:
        answer["tensors"] = [
            {"name": t.name, "format": FORMATS[t.format][0], "layout": LAYOUTS[t.layout], "rows": t.rows,
             "columns": t.columns, "offset": t.offset, "byte_count": t.byte_count} for t in bundle.tensors]
        program = bundle.contents("program")
        if program:
            answer["program"] = {"op_count": numbers("I", program, 8)[0] if len(program) >= 64 else 0,
                                 "value_count": len(bundle.contents("values")) // 32}
    return to_json(answer) + b"\n"


def main(arguments):
    options = {a for a in arguments if a.startswith("--")}
    paths = [a for a in arguments if a not in options]
    if len(paths) != 1 or options - {"--verify", "--map"}:
        print(__doc__.split("\n")[0], file=sys.stderr)
        return 2
    try:
        with open(paths[0], "rb") as file:
            bundle = Bundle(file.read(), must_map=bool(options))
        if "--verify" in options:
            verify(bundle)
    except (Refused, OSError) as error:
        print(error, file=sys.stderr)
        return 5 if isinstance(error, OSError) else 1 if str(error).startswith("V") else 3
    sys.stdout.buffer.write(describe(bundle))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
