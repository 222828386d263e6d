# SPDX-License-Identifier: Apache-2.0
"""A writer of programs that can be told to lie, for Tools/vectors. Standard library only."""
import itertools
import struct

from lying_writer import *

NONE = 0xFFFFFFFF
(EMBED, TAKE_ROWS, RMS_NORM, MATMUL, ROPE, KV_APPEND, ATTENTION, SILU_MUL, QUANTIZE, ADD, HEAD_RMS_NORM, GELU_MUL,
 SOFTCAP, ADD_EMBEDDING, LAYER_NORM, AFFINE, APPLY, POOL, NORMALIZE, TRIGRAM, QUANTIZE_OUTLIERS) = range(1, 22)
F16, Q4_1 = 1, 5
Q8, Q16 = dict(dtype=1), dict(dtype=2)
OUTPUT = dict(rows=1)
IN_PLACE = (ROPE, ADD, HEAD_RMS_NORM, SOFTCAP, ADD_EMBEDDING, AFFINE, APPLY, NORMALIZE)


def f32(number):
    """The word of a float."""
    return struct.unpack("<I", struct.pack("<f", number))[0]


# --- programs in the making -------------------------------------------------------------------------------------------


class Program:
    """Values, ops and tensors by number. `finish` sets lifetimes, offsets and counts; all can be changed after it."""

    def __init__(self, vocab, context=64):
        self.header = [0, 0, 0, context, vocab, 0, 0] + [0] * 9
        self.entries, self.kv_layers, self.ops, self.values, self.tensors = [], [], [], [], []
        self.names, self.more = None, []

    def value(self, name, columns, **fields):
        self.values.append(dict(dict(dtype=0, rows=0, columns=columns, name=name, zero=0), **fields))
        return len(self.values) - 1

    def op(self, opcode, input, output, *words):
        missing = {KV_APPEND: 3, ATTENTION: 5}.get(opcode)  # the value or tensor that is none, not 0
        if len(words) == missing:
            words += NONE,
        self.ops.append([opcode, input, output, *words] + [0] * (13 - len(words)))

    def matmul(self, input, output, tensors, biases=(), residual=NONE, bits=8):
        def four(list):
            return [*list] + [NONE] * (4 - len(list))
        self.op(MATMUL, input, output, residual, len(tensors), *four(tensors), *four(biases), bits)

    def entry(self, kind, result):
        first = sum(e[2] for e in self.entries)
        self.entries.append([kind, first, len(self.ops) - first, result])

    def plain(self, name, rows, columns, numbers):
        self.tensors.append((F32, 1, rows, columns, struct.pack(f"<{len(numbers)}f", *numbers), name))
        return len(self.tensors) - 1

    def panels(self, name, rows, columns, format=Q4_1):
        """q4_1 with scales around 0.03, or f16 around 0; every group of columns has the same numbers."""
        panels = []
        for panel, group in itertools.product(range(-(-rows // 16)), range(-(-columns // 32))):
            live, columns_left = min(16, rows - 16 * panel), columns - 32 * group
            if format == F16:
                numbers = [((17 * r + 29 * k + 7 * panel) % 23 - 11) / 16 if r < live and k < columns_left else 0
                           for k in range(32) for r in range(16)]
                panels.append(struct.pack("<512e", *numbers))
                continue
            scales = [struct.pack("<e", (5 + r % 3) / 128) * (r < live) or b"\0\0" for r in range(16)]
            minima = [struct.pack("<e", -(5 + r % 5) / 16) * (r < live) or b"\0\0" for r in range(16)]
            lines = bytes(
                sum(((37 * r + 11 * k + 5 * panel) % 16 << 4 * (k // 4 % 2)) * (r < live and k < columns_left)
                    for k in (8 * line + byte % 4, 8 * line + 4 + byte % 4))
                for line in range(4) for r in range(16) for byte in range(4))
            panels.append(b"".join(scales + minima) + lines)
        self.tensors.append((format, 0, rows, columns, b"".join(panels), name))
        return len(self.tensors) - 1

    def finish(self):
        ends = [0, 0]
        for number, v in enumerate(self.values):
            readers = [i for i, op in enumerate(self.ops) if number in self.reads(op)]
            v["first"] = next(i for i, op in enumerate(self.ops) if op[2] == number)
            v["last"] = max(readers + [v["first"]])
            if number in [e[3] for e in self.entries]:
                v["last"] = len(self.ops) - 1
        for v in self.values:  # a place for each, but for what is written in place
            op = self.ops[v["first"]]
            over = op[3] if op[0] == MATMUL else op[1] if op[0] in IN_PLACE else NONE
            if over != NONE and self.values[over]["last"] == v["first"]:
                v["offset"] = self.values[over]["offset"]
            else:
                v["offset"] = ends[v["rows"]]
                ends[v["rows"]] += row_byte_count(v)
        self.header[:3], self.header[5:7] = [len(self.entries), len(self.kv_layers), len(self.ops)], ends
        return self

    @staticmethod
    def reads(op):
        second = op[3] if op[0] in (MATMUL, ADD) else op[6] if op[0] == KV_APPEND else NONE
        return [x for x in (op[1], second) if x != NONE]

    def sections(self):
        names, table, weights = b"", b"", b""
        for format, layout, rows, columns, data, name in self.tensors:
            weights += bytes(-len(weights) % 64)
            table += record(format, layout, rows, columns, len(weights), len(data), len(names), len(name))
            names, weights = names + name.encode(), weights + data
        values = b""
        for v in self.values:
            values += struct.pack("<HHIIIIIII", v["dtype"], v["rows"], v["columns"], v["offset"], v["first"], v["last"],
                                  v.get("name_offset", len(names)), len(v["name"]), v["zero"])
            names += v["name"].encode()
        words = self.header + sum(self.entries, []) + sum(self.kv_layers, []) + sum(self.ops, [])
        return {NAMES: self.names or names, PROGRAM: numbers(*words), VALUES: values, TENSORS: table, WEIGHTS: weights}

    def bytes(self, **changed):
        """`changed`: sections to replace, by lower-case name."""
        sections = {**self.sections(), **{globals()[k.upper()]: v for k, v in changed.items()}}
        return least(*(Section(kind, data) for kind, data in sorted(sections.items()) if data)).bytes()


def row_byte_count(v):
    used = -(-v["columns"] // 32) * 44 if v["dtype"] else 4 * v["columns"]
    return -(-used // 64) * 64 * (2 if v["dtype"] == 2 else 1)


def short():
    """Four ops: embed, rows of it, their norm, and the embedding again as output. Values 0 … 3, tensors 0, 1."""
    p = Program(vocab=16)
    table, norm = p.panels("embedding", 16, 32), p.plain("norm", 1, 32, [1 + i / 32 for i in range(32)])
    p.value("hidden", 32), p.value("taken", 32, **OUTPUT), p.value("normed", 32, **OUTPUT, **Q8)
    p.value("logits", 16, **OUTPUT)
    p.op(EMBED, NONE, 0, table, f32(1))
    p.entry(1, 0)
    p.op(TAKE_ROWS, 0, 1)
    p.op(RMS_NORM, 1, 2, norm, f32(1e-5))
    p.matmul(2, 3, [table])
    p.entry(2, 3)
    return p.finish()


# Where things are in `layer`: ops, values, tensors.
(O_EMBED, O_NORM, O_QKV, O_ROPE, O_APPEND, O_ATTEND, O_QUANTIZE, O_OUT, O_NORM2, O_GATE, O_SILU, O_DOWN, O_ADD,
 O_TAKE) = range(14)
(V_HIDDEN, V_NORMED, V_QKV, V_ROTATED, V_MIXED, V_MIXED_Q8, V_RESIDUAL, V_NORMED2, V_BOTH, V_PRODUCT, V_DOWN,
 V_RESULT) = range(12)
T_EMBEDDING, T_NORM, T_QUERY, T_KEY, T_VALUE, T_BIAS, T_HIGH, T_LOW, T_OUT, T_GATE, T_UP, T_DOWN, T_HEAD = range(13)


def layer():
    """A decoder layer with every op: 2 heads of 4 columns, 1 KV head, window 5; q8, q16 and f32 rows; a bias."""
    p = Program(vocab=20)
    p.panels("embedding", 20, 8), p.plain("norm", 1, 8, [1, 0.5, 1.5, 1, 1, 2, 1, 0.25])
    p.panels("query", 8, 8), p.panels("key", 4, 8), p.panels("value", 4, 8)
    p.plain("bias", 1, 8, [0.5, -0.5, 0, 1, 0, 0, -1, 0.25])
    p.plain("rope.high", 1, 2, [1, 0])
    turn = [(1, 0), (0.8, 0.6), (0.28, 0.96), (-0.352, 0.936)]
    p.plain("rope.low", 256, 2, [x for row in range(256) for x in turn[row % 4]])
    p.panels("out", 8, 8), p.panels("gate", 8, 8, F16), p.panels("up", 8, 8, F16), p.panels("down", 8, 8, F16)
    p.panels("head", 20, 8, F16)
    p.kv_layers.append([1, 4, 5, 0])
    for name, columns, fields in (
            ("hidden", 8, {}), ("normed", 8, Q16), ("qkv", 16, {}), ("rotated", 16, {}), ("mixed", 8, {}),
            ("mixed_q8", 8, Q8), ("residual", 8, {}), ("normed_2", 8, {}), ("both", 16, {}), ("product", 8, {}),
            ("down", 8, {}), ("result", 8, {}), ("taken", 8, OUTPUT), ("normed_3", 8, OUTPUT), ("logits", 20, OUTPUT)):
        p.value(name, columns, **fields)
    p.op(EMBED, NONE, V_HIDDEN, T_EMBEDDING, f32(2))
    p.op(RMS_NORM, V_HIDDEN, V_NORMED, T_NORM, f32(1e-5))
    p.matmul(V_NORMED, V_QKV, [T_QUERY, T_KEY, T_VALUE], [T_BIAS], bits=16)
    p.op(ROPE, V_QKV, V_ROTATED, 0, 3, 4, 1, T_HIGH, T_LOW, 0)
    p.op(KV_APPEND, V_ROTATED, NONE, 8, 12, 0)
    p.op(ATTENTION, V_ROTATED, V_MIXED, 0, 2, 0, f32(0.5), f32(30))
    p.op(QUANTIZE, V_MIXED, V_MIXED_Q8)
    p.matmul(V_MIXED_Q8, V_RESIDUAL, [T_OUT], residual=V_HIDDEN)
    p.op(RMS_NORM, V_RESIDUAL, V_NORMED2, T_NORM, f32(1e-5))
    p.matmul(V_NORMED2, V_BOTH, [T_GATE, T_UP], bits=0)
    p.op(SILU_MUL, V_BOTH, V_PRODUCT, 0, 8)
    p.matmul(V_PRODUCT, V_DOWN, [T_DOWN], bits=0)
    p.op(ADD, V_DOWN, V_RESULT, V_RESIDUAL)
    p.entry(1, V_RESULT)
    p.op(TAKE_ROWS, V_RESULT, 12)
    p.op(RMS_NORM, 12, 13, T_NORM, f32(1e-5))
    p.matmul(13, 14, [T_HEAD], bits=0)
    p.entry(2, 14)
    return p.finish()


# Where things are in `capped`.
C_EMBED, C_QUANTIZE, C_WIDEN, C_HEADS, C_GELU, C_DOWN, C_TAKE, C_LOGITS, C_CAP = range(9)
W_HIDDEN, W_SMALL, W_WIDE, W_NORMED, W_PRODUCT, W_RESULT, W_TAKEN, W_LOGITS, W_CAPPED = range(9)
U_EMBEDDING, U_WIDEN, U_NORM, U_DOWN, U_HEAD = range(5)


def capped():
    """The ops that `layer` has not: norms of 3 heads of 4 columns, a gelu gate to q16 rows, logits under a cap."""
    p = Program(vocab=20)
    p.panels("embedding", 20, 8, F16), p.panels("widen", 16, 8)
    p.plain("norm", 1, 4, [1, 0.5, 1.5, 2])
    p.panels("down", 8, 8), p.panels("head", 20, 8, F16)
    for name, columns, fields in (
            ("hidden", 8, {}), ("small", 8, Q8), ("wide", 16, {}), ("normed", 16, {}), ("product", 8, Q16),
            ("result", 8, {}), ("taken", 8, OUTPUT), ("logits", 20, OUTPUT), ("capped", 20, OUTPUT)):
        p.value(name, columns, **fields)
    p.op(EMBED, NONE, W_HIDDEN, U_EMBEDDING, f32(3))
    p.op(QUANTIZE, W_HIDDEN, W_SMALL)
    p.matmul(W_SMALL, W_WIDE, [U_WIDEN])
    p.op(HEAD_RMS_NORM, W_WIDE, W_NORMED, 4, 3, 4, U_NORM, f32(1e-6))
    p.op(GELU_MUL, W_NORMED, W_PRODUCT, 8, 0)
    p.matmul(W_PRODUCT, W_RESULT, [U_DOWN], residual=W_HIDDEN, bits=16)
    p.entry(1, W_RESULT)
    p.op(TAKE_ROWS, W_RESULT, W_TAKEN)
    p.matmul(W_TAKEN, W_LOGITS, [U_HEAD], bits=0)
    p.op(SOFTCAP, W_LOGITS, W_CAPPED, f32(2))
    p.entry(2, W_CAPPED)
    return p.finish()


# Where things are in `encoder`.
(E_EMBED, E_TRIGRAM, E_WIDEN, E_POSITION, E_TYPE, E_NORM, E_AFFINE, E_QUANTIZE, E_QKV, E_VALUE, E_APPEND, E_ATTEND,
 E_APPLY, E_ADD, E_TOKEN, E_FIRST, E_LABELS, E_MEAN, E_UNIT, E_MAX, E_TAKE, E_MASK) = range(22)
(X_WORDS, X_TRIGRAM, X_WIDE, X_PLACED, X_TYPED, X_NORMED, X_SHIFTED, X_SMALL, X_QK, X_VALUE, X_MIXED, X_ACTIVE,
 X_HIDDEN, X_TOKEN, X_FIRST, X_LABELS, X_MEAN, X_UNIT, X_MAX, X_TAKEN, X_MASK) = range(21)
(Y_EMBEDDING, Y_WIDEN, Y_POSITIONS, Y_TYPES, Y_WEIGHT, Y_BIAS, Y_QUERY, Y_KEY, Y_VALUE, Y_DISTANCE, Y_LABELS,
 Y_HEAD) = range(12)


def encoder():
    """An encoder layer with the ops that no decoder has, and all its entries: 2 heads of 4 columns over 1 KV head."""
    p = Program(vocab=20)
    p.panels("embedding", 20, 8, F16), p.panels("widen", 8, 24, F16), p.panels("positions", 66, 8, F16)
    p.panels("types", 2, 8, F16)
    p.plain("weight", 1, 8, [1, 0.5, 1.5, 1, 1, 2, 1, 0.25]), p.plain("bias", 1, 8, [0.5, -0.5, 0, 1, 0, 0, -1, 0.25])
    p.panels("query", 8, 8), p.panels("key", 4, 8), p.panels("value", 4, 8)
    p.plain("distance", 2, 142, [(7 * i % 11 - 5) / 8 for i in range(2 * 142)])
    p.panels("labels", 3, 8, F16), p.panels("head", 20, 8, F16)
    p.kv_layers.append([1, 4, 0, 1])
    for name, columns, fields in (
            ("words", 8, {}), ("trigram", 24, {}), ("wide", 8, {}), ("placed", 8, {}), ("typed", 8, {}),
            ("normed", 8, {}), ("shifted", 8, {}), ("small", 8, Q8), ("query_key", 12, {}), ("value", 4, {}),
            ("mixed", 8, {}), ("active", 8, {}), ("hidden", 8, {}), ("token", 3, {}), ("first", 8, OUTPUT),
            ("labels", 3, OUTPUT), ("mean", 8, OUTPUT), ("unit", 8, OUTPUT), ("max", 8, OUTPUT), ("taken", 8, OUTPUT),
            ("mask", 20, OUTPUT)):
        p.value(name, columns, **fields)
    p.op(EMBED, NONE, X_WORDS, Y_EMBEDDING, f32(1))
    p.op(TRIGRAM, X_WORDS, X_TRIGRAM)
    p.matmul(X_TRIGRAM, X_WIDE, [Y_WIDEN], bits=0)
    p.op(ADD_EMBEDDING, X_WIDE, X_PLACED, Y_POSITIONS, 0, 2)
    p.op(ADD_EMBEDDING, X_PLACED, X_TYPED, Y_TYPES, 1, 0)
    p.op(LAYER_NORM, X_TYPED, X_NORMED, Y_WEIGHT, Y_BIAS, f32(1e-5))
    p.op(AFFINE, X_NORMED, X_SHIFTED, Y_WEIGHT, Y_BIAS)
    p.op(QUANTIZE, X_SHIFTED, X_SMALL)
    p.matmul(X_SMALL, X_QK, [Y_QUERY, Y_KEY])
    p.matmul(X_SMALL, X_VALUE, [Y_VALUE])
    p.op(KV_APPEND, X_QK, NONE, 8, 0, 0, X_VALUE)
    p.op(ATTENTION, X_QK, X_MIXED, 0, 2, 0, f32(0.5), 0, Y_DISTANCE)
    p.op(APPLY, X_MIXED, X_ACTIVE, 0)
    p.op(ADD, X_ACTIVE, X_HIDDEN, X_SHIFTED)
    p.entry(3, X_HIDDEN)
    p.matmul(X_HIDDEN, X_TOKEN, [Y_LABELS], bits=0)
    p.entry(4, X_TOKEN)
    p.op(POOL, X_HIDDEN, X_FIRST, 0)
    p.matmul(X_FIRST, X_LABELS, [Y_LABELS], bits=0)
    p.entry(5, X_LABELS)
    p.op(POOL, X_HIDDEN, X_MEAN, 1)
    p.op(NORMALIZE, X_MEAN, X_UNIT)
    p.entry(6, X_UNIT)
    p.op(POOL, X_HIDDEN, X_MAX, 2)
    p.entry(7, X_MAX)
    p.op(TAKE_ROWS, X_HIDDEN, X_TAKEN)
    p.matmul(X_TAKEN, X_MASK, [Y_HEAD], bits=0)
    p.entry(8, X_MASK)
    return p.finish()


# Where things are in `outliers`.
L_EMBED, L_QUANTIZE, L_MATMUL = range(3)
Z_WIDE, Z_SMALL, Z_HIDDEN = range(3)


def outliers(columns=64):
    """Rows of `columns` to 32 more with outliers, and to a hidden row. Some places are no columns, or no whole ones."""
    p = Program(vocab=16)
    p.panels("embedding", 16, columns, F16), p.panels("narrow", 32, columns + 32)
    p.plain("places", 1, 32, [33, 3, -1, 64, 1e30, float("nan"), 0.5, -0.0, 31.9] + [i % 64 for i in range(9, 32)])
    p.value("wide", columns), p.value("small", columns + 32, **Q8), p.value("hidden", 32)
    p.op(EMBED, NONE, Z_WIDE, 0, f32(1))
    p.op(QUANTIZE_OUTLIERS, Z_WIDE, Z_SMALL, 2)
    p.matmul(Z_SMALL, Z_HIDDEN, [1])
    p.entry(3, Z_HIDDEN)
    return p.finish()


def translator():
    """An encoder and a decoder: keys and values of a source, read by step. Values 0 … 5."""
    p = Program(vocab=16)
    p.panels("embedding", 16, 8, F16)
    p.kv_layers.append([2, 4, 0, 2])
    for name, fields in (("hidden", {}), ("mixed", {}), ("sum", {}), ("taken", OUTPUT)):
        p.value(name, 8, **fields)
    p.value("logits", 16, **OUTPUT), p.value("source", 8)
    p.op(EMBED, NONE, 0, 0, f32(1))
    p.op(ATTENTION, 0, 1, 0, 2, 0, f32(0.5), 0)
    p.op(ADD, 1, 2, 0)
    p.entry(1, 2)
    p.op(TAKE_ROWS, 2, 3)
    p.matmul(3, 4, [0], bits=0)
    p.entry(2, 4)
    p.op(EMBED, NONE, 5, 0, f32(2))
    p.op(KV_APPEND, 5, NONE, 0, 0, 0)
    p.entry(3, 5)
    return p.finish()


def changed(p, op=None, word=None, to=None, value=None, **fields):
    """`p` with one word of an op, or fields of a value, changed."""
    if op is not None:
        p.ops[op][word] = to
    if value is not None:
        p.values[value].update(fields)
    return p.bytes()
