#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A second judge of programs, written from specs/program.md: Tools/program_reader.py FILE…

Prints `valid` when neither the bundle nor its program, if any, breaks a rule; else one line on standard error, the rule
first, exit status 3. Of several files each line starts with the path. Laid out like §6; standard library only.
"""
import math
import struct
import sys

from bundle_reader import KINDS, Bundle, Refused, aligned, numbers, plain_text_byte_count

NONE = 0xFFFFFFFF
ENTRY_COUNT_MAX, KV_LAYER_COUNT_MAX, OP_COUNT_MAX, VALUE_COUNT_MAX, ALIVE_MAX = 8, 1024, 65536, 65536, 64
CONTEXT_MAX, ROWS_MAX, COLUMNS_MAX, HEADS_MAX, HEAD_DIM_MAX = 2**20, 2**22, 2**20, 1024, 1024
STEP, LOGITS, ENCODE, TOKEN_LOGITS, MASK_LOGITS = 1, 2, 3, 4, 8
(EMBED, TAKE_ROWS, RMS_NORM, MATMUL, ROPE, KV_APPEND, ATTENTION, SILU_MUL, QUANTIZE, ADD, HEAD_RMS_NORM, GELU_MUL,
 SOFTCAP, ADD_EMBEDDING, LAYER_NORM, AFFINE, APPLY, POOL, NORMALIZE, TRIGRAM, QUANTIZE_OUTLIERS) = range(1, 22)
SEQUENCE, CALL, SOURCE = 0, 1, 2
TOKEN, OUTPUT = 0, 1
F32, Q8, Q16 = 0, 1, 2


# --- §1 The program section, §2 Values, §3 Ops ------------------------------------------------------------------------


class Value:
    def __init__(self, table, index):
        (self.dtype, self.rows, self.columns, self.offset, self.first, self.last, self.name_offset,
         self.name_byte_count, self.zero) = numbers("HHIIIIIII", table, 32 * index)
        plane = aligned(-(-self.columns // 32) * 44, 64)
        self.end = self.offset + (aligned(4 * self.columns, 64) if self.dtype == F32 else plane * self.dtype)


class Op:
    def __init__(self, section, at):
        self.bytes = section[at:at + 64]
        self.words = numbers("16I", section, at)
        self.opcode, self.input, self.output = self.words[0] & 0xFFFF, self.words[1], self.words[2]

    def float(self, word):
        return struct.unpack_from("<f", self.bytes, 4 * word)[0]

    def second(self):
        """The value that matmul adds and add reads, or that has kv_append's values; or none."""
        return self.words[3] if self.opcode in (MATMUL, ADD) else self.words[6] if self.opcode == KV_APPEND else NONE

    def in_place(self):
        """The value that the output may lie over."""
        if self.opcode == MATMUL:
            return NONE if self.words[3] == self.input else self.words[3]
        return self.input if self.opcode in (ROPE, ADD, HEAD_RMS_NORM, SOFTCAP, ADD_EMBEDDING, AFFINE, APPLY,
                                             NORMALIZE) else NONE


class Program:
    def __init__(self, bundle):
        self.tensors = bundle.tensors
        section, values = bundle.contents("program"), bundle.contents("values")
        self.check_counts(section, values)
        self.read_entries(section, values)
        self.read_kv_layers(section, 64 + 16 * self.entry_count)
        self.read_values(values, bundle)
        self.ops = [Op(section, len(section) - 64 * (self.op_count - i)) for i in range(self.op_count)]
        self.check_results()
        self.check_lifetimes()
        for index in range(self.op_count):
            OpRules(self, index).check()
        self.check_kv_use()
        self.check_logits()

    # --- §6 Rules -----------------------------------------------------------------------------------------------------

    def check_counts(self, section, values):
        """P-01 to P-03."""
        if len(section) < 64:
            raise Refused("P-01", "sectionByteCount", kind=KINDS.index("program"), found=len(section), expected=64)
        (self.entry_count, self.kv_layer_count, self.op_count, self.context_max, self.vocab, self.token_byte_count,
         self.output_byte_count, self.rope_original) = numbers("8I", section, 0)
        self.value_count = len(values) // 32
        expected = 64 + 16 * (self.entry_count + self.kv_layer_count) + 64 * self.op_count
        if len(section) != expected:
            raise Refused("P-01", "sectionByteCount", kind=KINDS.index("program"), found=len(section),
                          expected=expected)
        if not values or len(values) % 32:
            raise Refused("P-01", "sectionByteCount", kind=KINDS.index("values"), found=len(values),
                          expected=32 * max(self.value_count, 1))
        for field, found, least, limit in (
                (0, self.entry_count, 1, ENTRY_COUNT_MAX), (4, self.kv_layer_count, 0, KV_LAYER_COUNT_MAX),
                (8, self.op_count, 1, OP_COUNT_MAX), (12, self.context_max, 1, CONTEXT_MAX),
                (16, self.vocab, 1, ROWS_MAX), (64, self.value_count, 1, VALUE_COUNT_MAX),
                (28, self.rope_original, 0, self.context_max)):
            if not least <= found <= limit:
                raise Refused("P-02", "countOutOfRange", field=field, found=found, limit=limit)
        if any(section[32:64]):
            raise Refused("P-03", "reservedNotZero", record=0)

    def read_entries(self, section, values):
        """P-04."""
        self.entries, next, before = {}, 0, 0
        for i in range(self.entry_count):
            kind, first, count, result = numbers("4I", section, 64 + 16 * i)
            good = (STEP <= kind <= MASK_LOGITS and kind > before and first == next
                    and 1 <= count <= self.op_count - next)
            next, before = first + count, kind
            self.entries[kind] = (first, count, result)
            if not good or result >= self.value_count or not first <= Value(values, result).first < next:
                raise Refused("P-04", "entryMalformed", entry=i)
        if next != self.op_count:
            raise Refused("P-04", "entryMalformed", entry=0)
        for i, kind in enumerate(self.entries):
            if kind not in (STEP, ENCODE) and source_of(kind) not in self.entries:
                raise Refused("P-04", "entryMalformed", entry=i)

    def read_kv_layers(self, section, at):
        """P-05."""
        self.kv_layers = []
        for i in range(self.kv_layer_count):
            heads, head_dim, window, span = numbers("4I", section, at + 16 * i)
            if (not 1 <= heads <= HEADS_MAX or not 2 <= head_dim <= HEAD_DIM_MAX or head_dim % 2
                    or window > CONTEXT_MAX or span > SOURCE or span != SEQUENCE and window):
                raise Refused("P-05", "kvLayerMalformed", layer=i)
            self.kv_layers.append((heads, head_dim, window, span))

    def read_values(self, table, bundle):
        """P-03 and P-06 to P-08."""
        names = bundle.contents("names")
        name_at = sum(t.name_byte_count for t in self.tensors)
        self.values, first_before, ends = [], -1, [0, 0]
        for i in range(self.value_count):
            v = Value(table, i)
            if v.zero:
                raise Refused("P-03", "reservedNotZero", record=i)
            name = names[name_at:name_at + v.name_byte_count]
            if (v.dtype > Q16 or v.rows > 1 or not 1 <= v.columns <= COLUMNS_MAX or v.name_offset != name_at
                    or not name or len(name) != v.name_byte_count or plain_text_byte_count(name) != len(name)):
                raise Refused("P-06", "valueMalformed", value=i)
            name_at += len(name)
            if not v.first <= v.last < self.op_count:
                raise Refused("P-07", "valueLifetime", value=i)
            if v.offset % 64:
                raise Refused("P-08", "valueMisplaced", value=i)
            if v.first <= first_before:
                raise Refused("P-07", "valueLifetime", value=i)
            first_before = v.first
            ends[v.rows] = max(ends[v.rows], v.end)
            self.values.append(v)
        if name_at != len(names):
            raise Refused("P-06", "valueMalformed", value=NONE)
        if ends != [self.token_byte_count, self.output_byte_count]:
            raise Refused("P-08", "valueMisplaced", value=NONE)

    def check_results(self):
        """P-11 of results."""
        for first, count, result in self.entries.values():
            if self.values[result].last != self.op_count - 1:
                raise Refused("P-11", "lastUseDiffers", value=result, declared=self.values[result].last,
                              actual=self.op_count - 1)

    def check_lifetimes(self):
        """P-03 and P-09 to P-12, op by op."""
        defined_at = {v.first: i for i, v in enumerate(self.values)}
        results = {entry[2] for entry in self.entries.values()}
        alive = []
        for i, op in enumerate(self.ops):
            if not EMBED <= op.opcode <= QUANTIZE_OUTLIERS:
                raise Refused("P-09", "opcodeUnknown", op=i, opcode=op.opcode)
            if op.words[0] >> 16:
                raise Refused("P-03", "reservedNotZero", record=i)
            if op.opcode == EMBED and op.input != NONE:
                raise Refused("P-10", "operandMissing", op=i, value=op.input)
            if op.opcode == KV_APPEND and op.output != NONE:
                raise Refused("P-10", "operandMissing", op=i, value=op.output)
            for read in (op.input, op.second()):
                if read != NONE and read not in alive:
                    raise Refused("P-10", "operandMissing", op=i, value=read)
            written = defined_at.get(i, NONE)
            if op.output != written:
                raise Refused("P-10", "operandMissing", op=i, value=op.output)
            if written != NONE:
                self.check_overlap(i, op, written, alive)
                if len(alive) >= ALIVE_MAX:
                    raise Refused("P-12", "tooManyAlive", op=i)
            needed = {op.input, op.second()} | (results if i == self.op_count - 1 else set())
            for v in alive:
                if self.values[v].last == i and v not in needed:
                    raise Refused("P-11", "lastUseDiffers", value=v, declared=i, actual=i)
            alive = [v for v in alive if self.values[v].last > i]
            if written != NONE and self.values[written].last > i:
                alive.append(written)

    def check_overlap(self, i, op, written, alive):
        new = self.values[written]
        for number in alive:
            old = self.values[number]
            if old.rows != new.rows or new.end <= old.offset or old.end <= new.offset:
                continue
            moved = (old.offset, old.end, old.dtype) != (new.offset, new.end, new.dtype)
            if number != op.in_place() or old.last != i or moved:
                raise Refused("P-12", "valuesOverlap", op=i, written=written, alive=number)

    def check_kv_use(self):
        """P-16."""
        appended = set()
        for kind, (first, count, _) in self.entries.items():
            for i in range(first, first + count):
                op = self.ops[i]
                if op.opcode not in (KV_APPEND, ATTENTION):
                    continue
                layer, is_append = op.words[5], op.opcode == KV_APPEND
                span, there = self.kv_layers[layer][3], layer in appended
                if span == SEQUENCE:
                    right = kind == STEP and there != is_append
                elif span == CALL:
                    right = kind == ENCODE and (is_append or there)
                else:
                    right = kind == ENCODE and not there if is_append else kind == STEP
                if not right:
                    raise Refused("P-16", "kvLayerMisused", op=i, layer=layer)
                if is_append:
                    appended.add(layer)
        for layer in range(self.kv_layer_count):
            if layer not in appended:
                raise Refused("P-16", "kvLayerMisused", op=self.op_count, layer=layer)

    def check_logits(self):
        """P-17."""
        for kind, (first, count, result) in self.entries.items():
            rows = TOKEN if kind in (STEP, ENCODE, TOKEN_LOGITS) else OUTPUT
            for v in self.values:
                if first <= v.first < first + count and v.rows != rows:
                    raise Refused("P-17", "logitsMalformed", op=v.first)
            for i in range(first, first + count):
                if (self.ops[i].opcode in (TAKE_ROWS, POOL)) != (i == first and rows == OUTPUT):
                    raise Refused("P-17", "logitsMalformed", op=i)
            if rows == OUTPUT and self.ops[first].input != self.entries[source_of(kind)][2]:
                raise Refused("P-17", "logitsMalformed", op=first)
            for_ids = kind in (LOGITS, MASK_LOGITS)
            if self.values[result].dtype != F32 or for_ids and self.values[result].columns != self.vocab:
                raise Refused("P-17", "logitsMalformed", op=first + count - 1)


def source_of(kind):
    """The entry whose result an entry reads."""
    return STEP if kind == LOGITS else ENCODE


# --- §3 Ops: P-03 and P-13 to P-16 of one record ----------------------------------------------------------------------


class OpRules:
    def __init__(self, program, index):
        self.program, self.index, self.op = program, index, program.ops[index]

    def check(self):
        rules = [self.embed, self.take_rows, self.rms_norm, self.matmul, self.rope, self.kv_append, self.attention,
                 self.gated_mul, self.quantize, self.add, self.head_rms_norm, self.gated_mul, self.softcap,
                 self.add_embedding, self.layer_norm, self.affine, self.apply, self.pool, self.normalize, self.trigram,
                 self.quantize_outliers]
        rules[self.op.opcode - 1](*self.op.words[3:])

    def unused(self, word):
        if any(self.op.words[word:]):
            raise Refused("P-03", "reservedNotZero", record=self.index)

    def value(self, number, dtype=None, rows=None):
        """P-14: an operand of this dtype and kind of rows; None takes any."""
        if number == NONE:
            raise Refused("P-10", "operandMissing", op=self.index, value=number)
        v = self.program.values[number]
        if dtype not in (None, v.dtype) or rows not in (None, v.rows):
            self.shape(number)
        return v

    def shape(self, number):
        raise Refused("P-14", "shapeMismatch", op=self.index, value=number)

    def tensor(self, number, layout, rows, columns):
        """P-13."""
        t = self.program.tensors[number] if number < len(self.program.tensors) else None
        if not t or t.layout != layout or rows not in (None, t.rows) or columns not in (None, t.columns):
            self.mismatch(number)
        return t

    def mismatch(self, number):
        raise Refused("P-13", "tensorMismatch", op=self.index, tensor=number)

    def require(self, holds, byte):
        """P-15."""
        if not holds:
            raise Refused("P-15", "parameterOutOfRange", op=self.index, byte=byte)

    def columns(self, first, heads, head_dim, value, byte):
        self.require(heads >= 1 and head_dim >= 1 and first + heads * head_dim <= value.columns, byte)

    def embed(self, table, *_):
        self.unused(5)
        y = self.value(self.op.output, F32, TOKEN)
        if self.tensor(table, 0, None, y.columns).rows < self.program.vocab:
            self.mismatch(table)
        self.require(math.isfinite(self.op.float(4)), 16)

    def take_rows(self, *_):
        self.unused(3)
        if self.value(self.op.input, F32, TOKEN).columns != self.value(self.op.output, F32, OUTPUT).columns:
            self.shape(self.op.output)

    def rms_norm(self, weight, *_):
        self.unused(5)
        x = self.value(self.op.input, F32)
        y = self.value(self.op.output, None, x.rows)
        if x.columns != y.columns:
            self.shape(self.op.output)
        self.tensor(weight, 1, 1, x.columns)
        self.require(math.isfinite(self.op.float(4)) and self.op.float(4) > 0, 16)

    def matmul(self, residual, count, *_):
        tensors, biases, bits = self.op.words[5:9], self.op.words[9:13], self.op.words[13]
        self.unused(14)
        self.require(1 <= count <= 4, 16)
        x = self.value(self.op.input)
        y = self.value(self.op.output, F32, x.rows)
        rows = 0
        for i in range(4):
            if i >= count:
                self.require(tensors[i] == NONE, 20 + 4 * i)
                self.require(biases[i] == NONE, 36 + 4 * i)
                continue
            w = self.tensor(tensors[i], 0, None, x.columns)
            if (w.format <= 2) != (x.dtype == F32):
                self.mismatch(tensors[i])
            if biases[i] != NONE:
                self.tensor(biases[i], 1, 1, w.rows)
            rows += w.rows
        if rows != y.columns:
            self.shape(self.op.output)
        self.require(bits == 8 * x.dtype, 52)
        if residual != NONE and self.value(residual, F32, y.rows).columns != y.columns:
            self.shape(residual)

    def rope(self, first, heads, head_dim, pairs, high, low, style, long_high, long_low, *_):
        self.unused(12 if self.program.rope_original else 10)
        self.require(style <= 1, 36)
        x, y = self.value(self.op.input, F32, TOKEN), self.value(self.op.output, F32, TOKEN)
        if x.columns != y.columns or x.offset != y.offset:
            self.shape(self.op.output)
        self.columns(first, heads, head_dim, x, 12)
        self.require(1 <= pairs and 2 * pairs <= head_dim, 24)
        for upper, lower in [(high, low), (long_high, long_low)][:2 if self.program.rope_original else 1]:
            table = self.tensor(upper, 1, None, 2 * pairs)
            self.tensor(lower, 1, 256, 2 * pairs)
            if table.rows * 256 < self.program.context_max:
                self.mismatch(upper)

    def kv_append(self, key, value, layer, values, *_):
        self.unused(7)
        x = self.value(self.op.input, F32, TOKEN)
        heads, head_dim = self.kv_layer(layer)[:2]
        self.columns(key, heads, head_dim, x, 12)
        self.columns(value, heads, head_dim, x if values == NONE else self.value(values, F32, TOKEN), 16)

    def kv_layer(self, layer):
        """P-16."""
        if layer >= len(self.program.kv_layers):
            raise Refused("P-16", "kvLayerMisused", op=self.index, layer=layer)
        return self.program.kv_layers[layer]

    def attention(self, query, heads, layer, scale, softcap, bias, *_):
        self.unused(9)
        x, y = self.value(self.op.input, F32, TOKEN), self.value(self.op.output, F32, TOKEN)
        kv_heads, head_dim, window, span = self.kv_layer(layer)
        self.columns(query, heads, head_dim, x, 12)
        self.require(heads % kv_heads == 0, 16)
        if y.columns != heads * head_dim:
            self.shape(self.op.output)
        scale, softcap = self.op.float(6), self.op.float(7)
        self.require(math.isfinite(scale) and scale > 0, 24)
        self.require(math.isfinite(softcap) and softcap >= 0, 28)
        if bias != NONE:
            if self.tensor(bias, 1, heads, None).columns < 2 * self.program.context_max + 14:
                self.mismatch(bias)
            self.require(not window and span != SOURCE, 32)

    def gated_mul(self, gate, up, *_):
        self.unused(5)
        x = self.value(self.op.input, F32)
        y = self.value(self.op.output, None, x.rows)
        self.columns(gate, 1, y.columns, x, 12)
        self.columns(up, 1, y.columns, x, 16)

    def quantize(self, *_):
        self.unused(3)
        x = self.value(self.op.input, F32)
        y = self.value(self.op.output, None, x.rows)
        if y.dtype == F32 or y.columns != x.columns:
            self.shape(self.op.output)

    def add(self, other, *_):
        self.unused(4)
        x = self.value(self.op.input, F32)
        other = self.value(other, F32, x.rows)
        y = self.value(self.op.output, F32, x.rows)
        if x.columns != y.columns or other.columns != y.columns:
            self.shape(self.op.output)

    def head_rms_norm(self, first, heads, head_dim, weight, *_):
        self.unused(8)
        x, y = self.value(self.op.input, F32, TOKEN), self.value(self.op.output, F32, TOKEN)
        if x.columns != y.columns or x.offset != y.offset:
            self.shape(self.op.output)
        self.columns(first, heads, head_dim, x, 12)
        self.tensor(weight, 1, 1, head_dim)
        self.require(math.isfinite(self.op.float(7)) and self.op.float(7) > 0, 28)

    def softcap(self, *_):
        self.unused(4)
        x = self.value(self.op.input, F32)
        if self.value(self.op.output, F32, x.rows).columns != x.columns:
            self.shape(self.op.output)
        self.require(math.isfinite(self.op.float(3)) and self.op.float(3) > 0, 12)

    def add_embedding(self, table, index, offset, *_):
        self.unused(6)
        self.same(TOKEN)
        table = self.tensor(table, 0, None, self.program.values[self.op.output].columns)
        self.require(index <= 1, 16)
        self.require(offset == 0 if index else offset + self.program.context_max <= table.rows, 20)

    def same(self, rows=None, dtype=F32):
        """P-14: an output like the input; returns the columns."""
        x = self.value(self.op.input, F32, rows)
        if self.value(self.op.output, dtype, x.rows).columns != x.columns:
            self.shape(self.op.output)
        return x.columns

    def layer_norm(self, weight, bias, *_):
        self.unused(6)
        columns = self.same(dtype=None)
        self.tensor(weight, 1, 1, columns), self.tensor(bias, 1, 1, columns)
        self.require(math.isfinite(self.op.float(5)) and self.op.float(5) > 0, 20)

    def affine(self, weight, bias, *_):
        self.unused(5)
        columns = self.same()
        self.tensor(weight, 1, 1, columns), self.tensor(bias, 1, 1, columns)

    def apply(self, function, *_):
        self.unused(4)
        self.same(dtype=None)
        self.require(function <= 4, 12)

    def pool(self, mode, *_):
        self.unused(4)
        if self.value(self.op.input, F32, TOKEN).columns != self.value(self.op.output, F32, OUTPUT).columns:
            self.shape(self.op.output)
        self.require(mode <= 4, 12)

    def normalize(self, *_):
        self.unused(3)
        self.same()

    def trigram(self, *_):
        self.unused(3)
        x = self.value(self.op.input, F32, TOKEN)
        if self.value(self.op.output, None, TOKEN).columns != 3 * x.columns:
            self.shape(self.op.output)

    def quantize_outliers(self, places, *_):
        self.unused(4)
        x = self.value(self.op.input, F32)
        if self.value(self.op.output, Q8, x.rows).columns != x.columns + 32 or x.columns % 32:
            self.shape(self.op.output)
        self.tensor(places, 1, 1, 32)


def judge(path):
    try:
        with open(path, "rb") as file:
            bundle = Bundle(file.read(), must_map=True)
        if bundle.contents("program") or bundle.contents("values"):
            Program(bundle)
    except (Refused, OSError) as error:
        return 5 if isinstance(error, OSError) else 3, str(error)
    return 0, "valid"


def main(paths):
    if not paths:
        print(__doc__.split("\n")[0], file=sys.stderr)
        return 2
    answers = [judge(path) for path in paths]
    for path, (status, line) in zip(paths, answers):
        print(f"{path}: {line}" if len(paths) > 1 else line, file=sys.stderr if status else sys.stdout)
    return max(status for status, _ in answers)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
