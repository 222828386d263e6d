#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A second reader of indexes, written from specs/index.md alone. Standard library only.

Usage: index_reader.py FILE              the line that `index stats --json` prints; exit 3 and the rule when refused
       index_reader.py FILE --verify     rules I-12 and I-13 too
       index_reader.py FILE --passages   a JSON array [source, offset, text] a line
       index_reader.py FILE --vector N   the vector of passage N as it is stored, a number a line
"""
import hashlib
import json
import struct
import sys

PAGE, FIRST = 4096, 12288
PASSAGES_MAX, SEGMENTS_MAX, FILE_MAX = 2**32 - 1, 2**24, 2**44


class Refused(Exception):
    pass


def refuse(rule, found):
    if found:
        raise Refused(rule)


def digest(data):
    return hashlib.blake2b(data, digest_size=32).digest()


def section_digest(data):
    return digest(b"".join(digest(data[at:at + 65536]) for at in range(0, len(data), 65536)))


class Index:
    def __init__(self, file):
        self.file = file
        refuse("I-01", len(file) < FIRST)
        refuse("I-02", file[:8] != b"\x89TIX\r\n\x1a\n")
        version, self.dims = struct.unpack_from("<II", file, 8)
        refuse("I-03", version != 1)
        header_digest = file[96:128]
        refuse("I-04", digest(file[:96]) != header_digest)
        refuse("I-05", not 1 <= self.dims <= 4096)
        refuse("I-06", any(file[16:32]) or any(file[64:96]) or any(file[128:PAGE]))
        self.identity = file[32:64]
        self.columns = (self.dims + 31) // 32 * 32
        self.read_root(header_digest)
        self.read_segments(header_digest)

    def read_root(self, header_digest):
        roots = []
        for page in (1, 2):
            root = self.file[PAGE * page:PAGE * page + 96]
            if digest(root[:64] + header_digest) == root[64:]:
                roots.append((*struct.unpack_from("<QQQQ", root), root[32:64], page))
        refuse("I-07", not roots)
        self.generation, self.end, self.passage_count, self.segment_count, self.chain, page = max(
            roots, key=lambda root: (root[0], root[5]))
        refuse("I-08", page != 1 + self.generation % 2 or self.end % 64 or not FIRST <= self.end <= FILE_MAX
               or self.passage_count > PASSAGES_MAX or self.segment_count > SEGMENTS_MAX)
        refuse("I-01", self.end > len(self.file))

    def read_segments(self, chain):
        self.segments, at, first = [], FIRST, 0
        for _ in range(self.segment_count):
            refuse("I-11", self.end - at < 128)
            head = self.file[at:at + 128]
            refuse("I-10", digest(head[:96] + chain) != head[96:])
            chain = head[96:]
            segment = Segment(self, at)
            refuse("I-09", segment.first != first or not 1 <= segment.count <= 65536
                   or not 1 <= segment.sources <= 65536 or segment.text_byte_count > 2**32 or any(head[64:96])
                   or segment.byte_count != segment.end or segment.byte_count > self.end - at)
            self.segments.append(segment)
            first += segment.count
            at += segment.byte_count
        refuse("I-11", at != self.end or first != self.passage_count or chain != self.chain)

    def stats(self):
        return {"passages": self.passage_count, "dimensions": self.dims, "segments": self.segment_count,
                "generation": self.generation, "bytes": self.end, "torn_bytes": len(self.file) - self.end,
                "scanned_bytes": sum(s.lows - s.scales for s in self.segments),
                "text_bytes": sum(s.text_byte_count for s in self.segments), "model": self.identity.hex()}


class Segment:
    def __init__(self, index, at):
        self.index, self.at = index, at
        self.byte_count, self.first, self.count, self.sources, self.text_byte_count = struct.unpack_from(
            "<QQIIQ", index.file, at)
        panels = (self.count + 15) // 16
        self.scales = 128
        self.highs = self.scales + 64 * panels
        self.lows = self.highs + 16 * panels * index.columns
        self.passages = self.lows + 16 * panels * index.columns
        self.source_records = self.passages + 16 * self.count
        self.text = self.source_records + 40 * self.sources
        self.end = (self.text + self.text_byte_count + 63) // 64 * 64

    def verify(self):
        refuse("I-12", section_digest(self.index.file[self.at + 128:self.at + self.byte_count])
               != self.index.file[self.at + 32:self.at + 64])
        for row in range(self.count):
            self.passage(row)

    def text_part(self, offset, byte_count):
        refuse("I-13", offset + byte_count > self.text_byte_count)
        start = self.at + self.text + offset
        return self.index.file[start:start + byte_count]

    def passage(self, row):
        file = self.index.file
        source, byte_count, begin = struct.unpack_from("<IIQ", file, self.at + self.passages + 16 * row)
        refuse("I-13", source >= self.sources)
        document, text_at, text_bytes, name_at, name_bytes, reserved = struct.unpack_from(
            "<QQQQII", file, self.at + self.source_records + 40 * source)
        stretch, name = self.text_part(text_at, text_bytes), self.text_part(name_at, name_bytes)
        refuse("I-13", name_bytes > 4096 or reserved or byte_count > 65536 or begin + byte_count > text_bytes
               or document + begin >= 2**64)
        try:
            return name.decode(), document + begin, stretch[begin:begin + byte_count].decode()
        except UnicodeDecodeError:
            raise Refused("I-13") from None

    def vector(self, row):
        file, columns = self.index.file, self.index.columns
        scale, = struct.unpack_from("<f", file, self.at + self.scales + 4 * row)
        panel = self.at + self.highs + row // 16 * 16 * columns
        low = self.at + self.lows + row * columns
        signed = lambda byte: byte - 256 if byte > 127 else byte
        return [scale * (signed(file[panel + i // 4 * 64 + row % 16 * 4 + i % 4]) + signed(file[low + i]) / 256)
                for i in range(self.index.dims)]


def main():
    with open(sys.argv[1], "rb") as handle:
        file = handle.read()
    option = sys.argv[2] if len(sys.argv) > 2 else ""
    try:
        index = Index(file)
        if option == "--verify":
            for segment in index.segments:
                segment.verify()
        if option == "--passages":
            for segment in index.segments:
                for row in range(segment.count):
                    print(json.dumps(segment.passage(row), ensure_ascii=False))
        elif option == "--vector":
            number = int(sys.argv[3])
            segment = next(s for s in index.segments if s.first <= number < s.first + s.count)
            print(*segment.vector(number - segment.first), sep="\n")
        else:
            print(json.dumps(index.stats()))
    except Refused as refused:
        print(f"refused: {refused}")
        sys.exit(3)


main()
