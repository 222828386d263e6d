# SPDX-License-Identifier: Apache-2.0
"""Vectors for the rules of the task record, L-01 to L-16: see Tools/vectors and specs/labels.md."""
import struct

from lying_writer import *

NONE = 2**32 - 1


class Record:
    """A task record; fields may be changed before `bytes()`."""

    def __init__(self, kind=2, labels=(b"O", b"B-X", b"I-X"), prompts=(), scheme=1, **fields):
        self.fields = dict(
            magic=b"TASK", version=1, kind=kind, byte_count=None, function=1, scheme=scheme, label_count=len(labels),
            prompt_count=len(prompts), length_max=60, stride=15, answer_max=0, mask=NONE, threshold=0.0,
            default_prompt=NONE, flags=0, counts=(0, 0, 0, 0), types=(0, 0), reserved=bytes(6), ids=(), id_types=(),
            tail=bytes(4)) | fields
        self.tables, self.texts = b"", b""
        firsts = {}
        for index, label in enumerate(labels):
            letter = label[:2] if scheme and label[:2] in (b"B-", b"I-") and len(label) > 2 else b""
            role = 1 if label == b"O" and kind == 2 else 2 if letter == b"B-" else 0
            self.tables += self.place(label) + struct.pack(
                "<HHI", role, len(letter), firsts.setdefault(label[len(letter):], index))
        for name, text in prompts:
            self.tables += self.place(name) + self.place(text)

    def place(self, text):
        start = len(self.texts)
        self.texts += text
        return numbers(start, len(text))

    def bytes(self):
        f = self.fields
        size = 128 + len(self.tables) + len(self.texts) if f["byte_count"] is None else f["byte_count"]
        head = f["magic"] + struct.pack("<HHIHH", f["version"], f["kind"], size, f["function"], f["scheme"])
        head += numbers(f["label_count"], f["prompt_count"], f["length_max"], f["stride"], f["answer_max"], f["mask"])
        head += struct.pack("<f", f["threshold"]) + numbers(f["default_prompt"], f["flags"])
        head += bytes(f["counts"]) + bytes(f["types"]) + f["reserved"]
        head += numbers(*f["ids"]).ljust(48, b"\0") + bytes(f["id_types"]).ljust(12, b"\0") + f["tail"]
        return head + self.tables + self.texts


PAIR = dict(flags=1, counts=(1, 1, 1, 0), types=(0, 1), ids=(2, 3, 3), id_types=(0, 0, 1))


def plain(kind, **fields):
    return Record(kind, labels=(), scheme=0, **fields)


@vector("valid", "a tagger of one entity")
def valid_tag():
    return Record().bytes()


@vector("valid", "two texts, with types")
def valid_answer():
    return plain(3, answer_max=15, **PAIR).bytes()


@vector("valid", "prompts, one of them empty, one of two lines")
def valid_prompts():
    return plain(4, prompts=((b"query", b"find:\n\t"), (b"passage", b"")), default_prompt=1, flags=2).bytes()


@vector("valid", "a class of texts that is called O")
def valid_classes():
    return Record(1, labels=(b"O", b"B-X", "é".encode(), b"O"), scheme=0, function=2, threshold=0.5).bytes()


@vector("truncated(have: 127, need: 128)", "a header without its last byte")
def L_01_truncated():
    return Record().bytes()[:127]


@vector("wrongMagic(found: 1413567307)", "another magic")
def L_02_magic():
    return Record(magic=b"TASK"[::-1]).bytes()


@vector("unknownVersion(found: 2)", "version 2")
def L_03_version():
    return Record(version=2).bytes()


@vector("unknownKind(found: 9)", "a task that nobody knows")
def L_04_kind():
    record = Record()
    record.fields["kind"] = 9
    return record.bytes()


@vector("byteCountWrong(found: 183, stated: 182)", "a byte count that is not the section's")
def L_05_byte_count():
    record = Record()
    return Record(byte_count=len(record.bytes()) - 1).bytes()


@vector("fieldOutOfRange(offset: 12)", "an unknown function")
def L_06_function():
    return Record(function=3).bytes()


@vector("fieldOutOfRange(offset: 14)", "a scheme of a classifier")
def L_06_scheme():
    return Record(1, labels=(b"a",), scheme=1).bytes()


@vector("fieldOutOfRange(offset: 16)", "a tagger without labels")
def L_06_no_labels():
    return Record(labels=()).bytes()


@vector("fieldOutOfRange(offset: 20)", "too many prompts")
def L_06_prompts():
    return Record(prompt_count=65).bytes()


@vector("fieldOutOfRange(offset: 28)", "a stride as long as the input")
def L_07_stride():
    return Record(stride=60).bytes()


@vector("fieldOutOfRange(offset: 36)", "no mask to fill in")
def L_07_mask():
    return plain(6).bytes()


@vector("fieldOutOfRange(offset: 40)", "a threshold that is no number")
def L_07_threshold():
    return Record(threshold=float("nan")).bytes()


@vector("fieldOutOfRange(offset: 48)", "an unknown flag")
def L_07_flags():
    return Record(flags=4).bytes()


@vector("fieldOutOfRange(offset: 124)", "the last reserved byte")
def L_07_reserved():
    return Record(tail=b"\0\0\0\1").bytes()


@vector("fieldOutOfRange(offset: 52)", "thirteen ids around a pair")
def L_08_count():
    return plain(5, **(PAIR | {"counts": (5, 5, 3, 0)})).bytes()


@vector("fieldOutOfRange(offset: 48)", "an answer's model that reads no pairs")
def L_08_no_pair():
    return plain(3, answer_max=15).bytes()


@vector("fieldOutOfRange(offset: 64)", "an id behind the last")
def L_09_id():
    return plain(5, **(PAIR | {"ids": (2, 3, 3, 3)})).bytes()


@vector("fieldOutOfRange(offset: 112)", "a type behind the last")
def L_09_type():
    return plain(5, **(PAIR | {"id_types": (0, 0, 1, 1)})).bytes()


@vector("truncated(have: 183, need: 1048704)", "labels that end past the section")
def L_10_tables():
    return Record(label_count=65536).bytes()


@vector("textMisplaced(record: 1, offset: 2, expected: 1)", "a hole between two labels")
def L_11_hole():
    record = Record()
    record.tables = record.tables[:16] + numbers(2) + record.tables[20:]
    return record.bytes()


@vector("textOutOfBounds(record: 2, end: 8, limit: 7)", "a label that ends past the section")
def L_12_end():
    record = Record()
    record.tables = record.tables[:36] + numbers(4) + record.tables[40:]
    return record.bytes()


@vector("textMalformed(record: 1)", "an escape in a label")
def L_13_escape():
    return Record(labels=(b"O", b"\x1b[2J")).bytes()


@vector("textMalformed(record: 0)", "a label without a byte")
def L_13_empty():
    return Record(labels=(b"", b"O")).bytes()


@vector("labelRoleWrong(label: 0)", "a label that is O and says that it begins")
def L_14_role():
    record = Record()
    record.tables = record.tables[:8] + b"\2" + record.tables[9:]
    return record.bytes()


@vector("labelEntityWrong(label: 2)", "an entity of another name")
def L_15_name():
    record = Record()
    record.tables = record.tables[:44] + numbers(0)
    return record.bytes()


@vector("labelEntityWrong(label: 1)", "an entity of a later label")
def L_15_later():
    record = Record()
    record.tables = record.tables[:28] + numbers(2) + record.tables[32:]
    return record.bytes()


@vector("byteCountWrong(found: 184, stated: 183)", "a byte behind the last text")
def L_16_trailing():
    record = Record()
    record.texts += b"x"
    return record.bytes()
