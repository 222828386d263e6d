# SPDX-License-Identifier: Apache-2.0
"""Valid vectors of specs/program.md, and those of the section, entries and values, P-01 to P-08: see Tools/vectors."""
from lying_programs import *


@vector("valid", "embed, take_rows, rms_norm, matmul: a program that runs")
def valid_short():
    return short().bytes()


@vector("valid", "one decoder layer with every op; values in place; a window, a softcap, a bias")
def valid_layer():
    return layer().bytes()


@vector("valid", "norms of heads, a gelu gate, logits under a cap")
def valid_capped():
    return capped().bytes()


@vector("valid", "an encoder layer, every entry that reads its result, a bias by distance, values of another value")
def valid_encoder():
    return encoder().bytes()


@vector("valid", "an encoder and a decoder, attention over a source")
def valid_translator():
    return translator().bytes()


@vector("valid", "rows quantized with outliers")
def valid_outliers():
    return outliers().bytes()


@vector("valid", "no entry logits: hidden rows are all it gives")
def valid_step_only():
    p = Program(vocab=16)
    p.panels("embedding", 16, 32), p.value("hidden", 32)
    p.op(EMBED, NONE, 0, 0, f32(1))
    p.entry(1, 0)
    return p.finish().bytes()


# --- P-01 to P-04: the section ----------------------------------------------------------------------------------------


@vector("sectionByteCount(kind: 3, found: 63, expected: 64)", "the header is cut")
def P_01_header_cut():
    return short().bytes(program=short().sections()[PROGRAM][:63])


@vector("sectionByteCount(kind: 3, found: 0, expected: 64)", "no program")
def P_01_no_program():
    return short().bytes(program=b"")


@vector("sectionByteCount(kind: 3, found: 416, expected: 352)", "an op more than the header says")
def P_01_op_more():
    return short().bytes(program=short().sections()[PROGRAM] + bytes(64))


@vector("sectionByteCount(kind: 3, found: 352, expected: 274877906976)", "counts whose product passes 2^32")
def P_01_op_count_huge():
    p = short()
    p.header[2] = NONE
    return p.bytes()


@vector("sectionByteCount(kind: 4, found: 0, expected: 32)", "no values")
def P_01_no_values():
    p = short()
    return p.bytes(values=b"", names=b"embeddingnorm")


@vector("sectionByteCount(kind: 4, found: 127, expected: 96)", "values that are not whole records")
def P_01_value_cut():
    return short().bytes(values=short().sections()[VALUES][:127])


@vector("countOutOfRange(field: 12, found: 0, limit: 1048576)", "context_max 0")
def P_02_context_zero():
    p = short()
    p.header[3] = 0
    return p.bytes()


@vector("countOutOfRange(field: 12, found: 1048577, limit: 1048576)", "context_max over the limit")
def P_02_context_over():
    p = short()
    p.header[3] = 1048577
    return p.bytes()


@vector("countOutOfRange(field: 28, found: 257, limit: 256)", "rope_original_context over context_max")
def P_02_rope_original_over():
    p = short()
    p.header[3], p.header[7] = 256, 257
    return p.bytes()


@vector("countOutOfRange(field: 16, found: 0, limit: 4194304)", "vocab 0")
def P_02_vocab_zero():
    p = short()
    p.header[4] = 0
    return p.bytes()


@vector("countOutOfRange(field: 8, found: 0, limit: 65536)", "no ops")
def P_02_no_ops():
    p = short()
    p.header[2], p.ops = 0, []
    return p.bytes()


@vector("countOutOfRange(field: 0, found: 0, limit: 8)", "no entries")
def P_02_no_entries():
    p = short()
    p.header[0], p.entries = 0, []
    return p.bytes()


@vector("countOutOfRange(field: 4, found: 1025, limit: 1024)", "one KV layer over the limit")
def P_02_kv_layers_over():
    p = short()
    p.header[1], p.kv_layers = 1025, [[1, 2, 0, 0]] * 1025
    return p.bytes()


@vector("reservedNotZero(record: 0)", "a bit at the end of the header")
def P_03_header():
    p = short()
    p.header[15] = 1 << 31
    return p.bytes()


@vector("reservedNotZero(record: 2)", "the last word of a value")
def P_03_value():
    return changed(short(), value=2, zero=1)


@vector("reservedNotZero(record: 1)", "the upper half of an opcode's word")
def P_03_opcode():
    return changed(short(), op=1, word=0, to=TAKE_ROWS | 1 << 16)


def reserved_word(opcode, first):
    """A vector for each op: its first word that it does not use."""
    base = layer if opcode <= ADD else capped if opcode <= SOFTCAP else encoder if opcode <= TRIGRAM else outliers

    @vector(f"reservedNotZero(record: {next(i for i, op in enumerate(base().ops) if op[0] == opcode)})",
            f"the first unused word of opcode {opcode}")
    def generator():
        p = base()
        next(op for op in p.ops if op[0] == opcode)[first] = 1
        return p.bytes()
    generator.__name__ = f"P_03_op_{opcode:02}"


for opcode_, first_ in ((EMBED, 5), (TAKE_ROWS, 3), (RMS_NORM, 5), (MATMUL, 14), (ROPE, 10), (KV_APPEND, 7),
                        (ATTENTION, 9), (SILU_MUL, 5), (QUANTIZE, 3), (ADD, 4), (HEAD_RMS_NORM, 8), (GELU_MUL, 5),
                        (SOFTCAP, 4), (ADD_EMBEDDING, 6), (LAYER_NORM, 6), (AFFINE, 5), (APPLY, 4), (POOL, 4),
                        (NORMALIZE, 3), (TRIGRAM, 3), (QUANTIZE_OUTLIERS, 4)):
    reserved_word(opcode_, first_)


@vector("entryMalformed(entry: 1)", "an entry of unknown kind")
def P_04_kind_unknown():
    p = short()
    p.entries[1][0] = 9
    return p.bytes()


@vector("entryMalformed(entry: 1)", "the same kind twice")
def P_04_kind_twice():
    p = short()
    p.entries[1][0] = 1
    return p.bytes()


@vector("entryMalformed(entry: 0)", "logits alone")
def P_04_no_step():
    p = Program(vocab=16)
    p.panels("embedding", 16, 32), p.value("hidden", 32)
    p.op(EMBED, NONE, 0, 0, f32(1))
    p.entry(2, 0)
    return p.finish().bytes()


@vector("entryMalformed(entry: 0)", "labels of texts that no entry encodes")
def P_04_no_encode():
    p = Program(vocab=16)
    p.panels("embedding", 16, 32), p.value("hidden", 32)
    p.op(EMBED, NONE, 0, 0, f32(1))
    p.entry(5, 0)
    return p.finish().bytes()


@vector("entryMalformed(entry: 1)", "an op between two entries")
def P_04_hole():
    p = short()
    p.entries[1][1:3] = [2, 2]
    return p.bytes()


@vector("entryMalformed(entry: 1)", "an entry that goes on after the last op")
def P_04_past_end():
    p = short()
    p.entries[1][2] = NONE
    return p.bytes()


@vector("entryMalformed(entry: 0)", "ops after the last entry")
def P_04_ops_left():
    p = short()
    p.header[0], p.entries = 1, p.entries[:1]
    return p.bytes()


@vector("entryMalformed(entry: 1)", "an entry without ops")
def P_04_empty():
    p = short()
    p.entries[1][2] = 0
    return p.bytes()


@vector("entryMalformed(entry: 0)", "a result that does not exist")
def P_04_result_missing():
    p = short()
    p.entries[0][3] = 4
    return p.bytes()


@vector("entryMalformed(entry: 1)", "a result of another entry")
def P_04_result_elsewhere():
    p = short()
    p.entries[1][3] = 0
    return p.bytes()


# --- P-05 to P-08: KV layers and values -------------------------------------------------------------------------------


def kv_layer(word, to, comment):
    @vector("kvLayerMalformed(layer: 0)", comment)
    def generator():
        p = layer()
        p.kv_layers[0][word] = to
        return p.bytes()
    generator.__name__ = "P_05_" + comment.replace(" ", "_")


kv_layer(0, 0, "no heads")
kv_layer(0, 1025, "heads over")
kv_layer(1, 0, "width zero")
kv_layer(1, 3, "width odd")
kv_layer(1, 1026, "width over")
kv_layer(2, 1048577, "window over")
kv_layer(3, 3, "span unknown")
kv_layer(3, 1, "window of a call")


@vector("valueMalformed(value: 1)", "an unknown dtype")
def P_06_dtype():
    return changed(short(), value=1, dtype=3)


@vector("valueMalformed(value: 1)", "rows of an unknown kind")
def P_06_rows():
    return changed(short(), value=1, rows=2)


@vector("valueMalformed(value: 1)", "no columns")
def P_06_columns_zero():
    return changed(short(), value=1, columns=0)


@vector("valueMalformed(value: 1)", "columns over the limit: four bytes each would still fit 32 bits")
def P_06_columns_over():
    return changed(short(), value=1, columns=1048577)


@vector("valueMalformed(value: 1)", "columns whose byte count wraps 32 bits")
def P_06_columns_wrap():
    return changed(short(), value=1, columns=1 << 30)


@vector("valueMalformed(value: 0)", "a value's name that starts inside a tensor's")
def P_06_name_overlaps():
    return changed(short(), value=0, name_offset=12)


@vector("valueMalformed(value: 3)", "the last name ends past the section")
def P_06_name_past_end():
    p = short()
    return p.bytes(names=p.sections()[NAMES][:-1])


@vector("valueMalformed(value: 2)", "an empty name")
def P_06_name_empty():
    return changed(short(), value=2, name="")


@vector("valueMalformed(value: 2)", "a name with a control character")
def P_06_name_control():
    return changed(short(), value=2, name="a\x1bc")


@vector("valueMalformed(value: 4294967295)", "a byte after the last name")
def P_06_names_left():
    p = short()
    return p.bytes(names=p.sections()[NAMES] + b"x")


@vector("valueLifetime(value: 1)", "last_op before first_op")
def P_07_backwards():
    return changed(short(), value=1, last=0)


@vector("valueLifetime(value: 3)", "last_op after the last op")
def P_07_past_end():
    return changed(short(), value=3, last=4)


@vector("valueLifetime(value: 2)", "two values of one op")
def P_07_same_op():
    return changed(short(), value=2, first=1)


@vector("valueLifetime(value: 2)", "values that are not in the order of their ops")
def P_07_unsorted():
    p = short()
    p.values[1], p.values[2] = p.values[2], p.values[1]
    return p.bytes()


@vector("valueMisplaced(value: 1)", "an offset between lines")
def P_08_unaligned():
    return changed(short(), value=1, offset=32)


@vector("valueMisplaced(value: 4294967295)", "token_byte_count larger than the largest end")
def P_08_token_area_larger():
    p = short()
    p.header[5] += 64
    return p.bytes()


@vector("valueMisplaced(value: 4294967295)", "a token value that ends after token_byte_count")
def P_08_token_area_smaller():
    p = short()
    p.header[5] -= 64
    return p.bytes()


@vector("valueMisplaced(value: 4294967295)", "an output value that ends after output_byte_count")
def P_08_output_area_smaller():
    p = short()
    p.header[6] -= 64
    return p.bytes()


@vector("valueMisplaced(value: 4294967295)", "an end past 2^32")
def P_08_end_wraps():
    p = short()
    p.values[0]["offset"], p.header[5] = 0xFFFFFFC0, 64
    return p.bytes()
