# SPDX-License-Identifier: Apache-2.0
"""A writer of bundles that can be told to lie, for Tools/vectors. Standard library only."""
import hashlib
import struct

MANIFEST, NAMES, PROGRAM, VALUES, TENSORS, TOKENIZER, TEMPLATE, LABELS, LICENCE, WEIGHTS, CONFORMANCE, PAGES = (
    range(1, 13))
F32, Q8_0, Q4_K = 0, 3, 9


def blake2b(data):
    return hashlib.blake2b(data, digest_size=32).digest()


def numbers(*values):
    """u32 each."""
    return struct.pack(f"<{len(values)}I", *values)


def page_digests(data):
    return b"".join(blake2b(data[at:at + 65536]) for at in range(0, len(data), 65536))


class Section:
    def __init__(self, kind, contents, stored=None, byte_count=None):
        self.kind, self.contents = kind, contents
        self.storage = 0 if stored is None else 1
        self.stored = contents if stored is None else stored  # the bytes in the file
        self.byte_count = len(contents) if byte_count is None else byte_count
        self.stored_byte_count = len(self.stored) if self.storage else self.byte_count
        self.digest = blake2b(page_digests(contents))
        self.offset = 0


class Bundle:
    """Sections in their places; every field may be changed before `bytes()`, which recomputes identity and digest."""

    def __init__(self, *sections, pages=True):
        self.magic, self.version, self.optional, self.reserved = b"\x89TCK\r\n\x1a\n", 1, 0, {}
        self.sections = list(sections)
        if pages:
            self.sections.append(Section(PAGES, b"".join(page_digests(s.contents) for s in sections)))
        self.required = int(any(s.storage for s in self.sections))
        self.section_count = len(self.sections)
        self.padding = {}  # offset -> bytes, written last
        self.identity = None
        self.place()

    def place(self):
        """Canonical offsets and file size for the sections as they are now."""
        end = 128 + 64 * len(self.sections)
        for section in self.sections:
            step = 65536 if section.byte_count >= 65536 and not self.required else 64
            section.offset = (end + step - 1) // step * step
            end = section.offset + section.stored_byte_count
        self.file_byte_count = end
        return self

    def bytes(self):
        head = bytearray(128)
        struct.pack_into("<8sHHIQQQ", head, 0, self.magic, self.version, self.section_count, 0, self.required,
                         self.optional, self.file_byte_count)
        for offset, value in self.reserved.items():
            head[offset] = value
        table = b"".join(
            struct.pack("<IIQQQ32s", s.kind, s.storage, s.offset, s.stored_byte_count, s.byte_count, s.digest)
            for s in self.sections)
        records = [struct.pack("<IIQ32s", s.kind, 0, s.byte_count, s.digest) for s in self.sections]
        head[64:96] = self.identity or blake2b(b"".join(records))
        head[96:128] = blake2b(table)
        head[96:128] = blake2b(bytes(head))
        file = bytearray(self.file_byte_count)
        for section in self.sections:
            file[section.offset:section.offset + len(section.stored)] = section.stored
        file[:128 + len(table)] = bytes(head) + table
        for offset, data in self.padding.items():
            file[offset:offset + len(data)] = data
        return bytes(file[:self.file_byte_count])


# --- whole bundles that the failures start from -----------------------------------------------------------------------


def least(*others):
    """Manifest, the sections given, pages. Alone: head 0…256, manifest 256…267, pages 320…352."""
    return Bundle(Section(MANIFEST, b"name=least\n"), *others)


def record(format, layout, rows, columns, offset, byte_count, name_offset, name_byte_count, reserved=0, tail=0):
    return struct.pack("<HHIIIQQIIQ", format, layout, reserved, rows, columns, offset, byte_count, name_offset,
                       name_byte_count, tail)


def pattern(count):
    return bytes(i * 7 % 251 for i in range(count))


GOOD = dict(first=(F32, 1, 1, 3, 0, 12, 0, 4), second=(Q8_0, 0, 16, 32, 64, 576, 4, 6))


def tensors(first=None, second=None, names=b"normweight", weights=None, extra=()):
    """Two tensors: `norm`, f32 1 × 3, 12 bytes, 52 bytes of padding; `weight`, q8_0 16 × 32, one panel of 576."""
    weights = pattern(12) + bytes(52) + pattern(576) if weights is None else weights
    table = record(*(first or GOOD["first"])) + record(*(second or GOOD["second"]))
    sections = [Section(NAMES, names), Section(TENSORS, table), Section(WEIGHTS, weights), *extra]
    return least(*sorted((s for s in sections if s.contents), key=lambda s: s.kind))


def changed(which, **fields):
    """Bundle of `tensors` with fields of one record changed."""
    keys = ["format", "layout", "rows", "columns", "offset", "byte_count", "name_offset", "name_byte_count",
            "reserved", "tail"]
    values = dict(zip(keys, GOOD[which]), **fields)
    return tensors(**{which: tuple(values.get(k, 0) for k in keys)})


def shipped(stored=b"not a stream: only the head is judged", contents=b"x" * 100, byte_count=None):
    """A bundle of the form for shipping: a tokenizer section in blocks."""
    return least(Section(TOKENIZER, contents, stored, byte_count))


# --- the list of vectors ----------------------------------------------------------------------------------------------

VECTORS = []


def vector(expect, comment):
    """Registers a generator. `expect` is the error as specs/bundle.md §7 spells it, or `valid`."""
    def register(function):
        VECTORS.append((function, expect, comment))
        return function
    return register
