# SPDX-License-Identifier: Apache-2.0
"""Vectors of specs/program.md, one failure each, for the rules of ops, P-09 to P-17: see Tools/vectors."""
from lying_programs import *


def broken(rule, name, error, comment, base, *changes, **values):
    """A vector `rule_name`: `changes` are (op, word, to) or functions of the program, `values` fields of values."""
    @vector(error, comment)
    def generator():
        p = base()
        for change in changes:
            if callable(change):
                change(p)
            else:
                p.ops[change[0]][change[1]] = change[2]
        for number, fields in values.items():
            p.values[int(number[1:])].update(fields)
        return p.bytes()
    generator.__name__ = f"{rule}_{name}"


# --- P-09, P-10 -------------------------------------------------------------------------------------------------------

broken("P_09", "zero", "opcodeUnknown(op: 2, opcode: 0)", "opcode 0", short, (2, 0, 0))
broken("P_09", "twenty_two", "opcodeUnknown(op: 2, opcode: 22)", "the first opcode that is not", short, (2, 0, 22))

broken("P_10", "input_later", "operandMissing(op: 1, value: 2)", "an input that a later op defines", short, (1, 1, 2))
broken("P_10", "input_past_end", "operandMissing(op: 2, value: 4)", "an input that is no value", short, (2, 1, 4))
broken("P_10", "input_none", "operandMissing(op: 2, value: 4294967295)", "an op without its input", short,
       (2, 1, NONE), v1=dict(last=1))
broken("P_10", "input_itself", "operandMissing(op: 2, value: 2)", "an op that reads what it writes", short, (2, 1, 2))
broken("P_10", "input_dead", "operandMissing(op: 8, value: 1)", "an input that is no longer alive", layer,
       (O_NORM2, 1, V_NORMED))
broken("P_10", "input_not_wanted", "operandMissing(op: 0, value: 0)", "an embed with an input", short, (0, 1, 0))
broken("P_10", "output_other", "operandMissing(op: 2, value: 3)", "an output that another op defines", short, (2, 2, 3))
broken("P_10", "output_none", "operandMissing(op: 2, value: 4294967295)", "a value that its op does not write", short,
       (2, 2, NONE))
broken("P_10", "output_not_wanted", "operandMissing(op: 4, value: 3)", "a kv_append with an output", layer,
       (O_APPEND, 2, V_ROTATED))
broken("P_10", "residual_dead", "operandMissing(op: 7, value: 2)", "a residual that is no longer alive", layer,
       (O_OUT, 3, V_QKV), v0=dict(last=O_NORM))
broken("P_10", "residual_past_end", "operandMissing(op: 7, value: 99)", "a residual that is no value", layer,
       (O_OUT, 3, 99), v0=dict(last=O_NORM))
broken("P_10", "other_none", "operandMissing(op: 12, value: 4294967295)", "an add of one value", layer,
       (O_ADD, 3, NONE), v6=dict(last=8))

# --- P-11, P-12 -------------------------------------------------------------------------------------------------------

broken("P_11", "too_late", "lastUseDiffers(value: 1, declared: 3, actual: 3)", "a last use by an op that does not read",
       short, v1=dict(last=3))
broken("P_11", "step_result_dies", "lastUseDiffers(value: 0, declared: 1, actual: 3)",
       "the result of step dies where it is last read", short, v0=dict(last=1))


def with_tail(p):
    """An op more in logits: rows that nobody reads."""
    p.value("unread", 8, dtype=1, rows=1)
    p.op(QUANTIZE, 12, 15)
    p.entries[1][2] += 1
    return p.finish()


broken("P_11", "logits_result_dies", "lastUseDiffers(value: 14, declared: 15, actual: 16)",
       "the result of logits is no longer there at the end", lambda: with_tail(layer()), v14=dict(last=15))

broken("P_12", "input_overwritten", "valuesOverlap(op: 2, written: 2, alive: 1)", "a norm over its own input", short,
       v2=dict(offset=0))
broken("P_12", "alive_overwritten", "valuesOverlap(op: 5, written: 4, alive: 0)",
       "a value over another that no operand is, but that lives", layer, v4=dict(offset=0))
broken("P_12", "not_last_use", "valuesOverlap(op: 3, written: 3, alive: 2)", "in place over a value that is read later",
       layer, (O_ATTEND, 1, V_QKV), v2=dict(last=O_ATTEND), v3=dict(last=O_APPEND))
broken("P_12", "residual_is_input", "valuesOverlap(op: 9, written: 8, alive: 7)",
       "a matmul in place over a residual that is its input too", layer, (O_GATE, 3, V_NORMED2), (O_GATE, 4, 1),
       (O_GATE, 6, NONE), (O_SILU, 4, 0),
       lambda p: p.values[V_BOTH].update(columns=8, offset=p.values[V_NORMED2]["offset"]))


def crowd(p):
    """64 values that are alive together, then one more."""
    del p.ops[1:], p.values[1:], p.entries[1:]
    for i in range(1, 65):
        p.value(f"{i}", 32)
        p.op(EMBED, NONE, i, 0, f32(1))
    for i in range(64):
        p.value(f"sum {i}", 32)
        p.op(ADD, 65 + i - 1 if i else 0, 65 + i, i + 1)
    p.entries[0] = [1, 0, len(p.ops), len(p.values) - 1]
    p.finish()


broken("P_12", "65_alive", "tooManyAlive(op: 64)", "the 65th value that is alive", short, crowd)

# --- P-13 -------------------------------------------------------------------------------------------------------------

broken("P_13", "embed_past_end", "tensorMismatch(op: 0, tensor: 2)", "a table that is no tensor", short, (0, 3, 2))
broken("P_13", "embed_none", "tensorMismatch(op: 0, tensor: 4294967295)", "no table", short, (0, 3, NONE))
broken("P_13", "embed_plain", "tensorMismatch(op: 0, tensor: 1)", "a table that is not in panels", short, (0, 3, 1))
broken("P_13", "embed_columns", "tensorMismatch(op: 0, tensor: 2)", "a value wider than the table", short,
       lambda p: p.panels("narrow", 16, 31), (0, 3, 2))
broken("P_13", "embed_rows", "tensorMismatch(op: 0, tensor: 0)", "a table of fewer rows than ids", short,
       lambda p: p.header.__setitem__(4, 17))
broken("P_13", "norm_panels", "tensorMismatch(op: 2, tensor: 0)", "norm weights in panels", short, (2, 3, 0))
broken("P_13", "norm_columns", "tensorMismatch(op: 8, tensor: 6)", "norm weights of another width", layer,
       (O_NORM2, 3, T_HIGH))
broken("P_13", "norm_rows", "tensorMismatch(op: 8, tensor: 13)", "norm weights of several rows", layer,
       lambda p: p.plain("two rows", 2, 8, [1] * 16), (O_NORM2, 3, 13))
broken("P_13", "matmul_past_end", "tensorMismatch(op: 3, tensor: 2)", "weights that are no tensor", short, (3, 5, 2))
broken("P_13", "matmul_plain", "tensorMismatch(op: 3, tensor: 1)", "weights that are not in panels", short, (3, 5, 1))
broken("P_13", "matmul_second_none", "tensorMismatch(op: 3, tensor: 4294967295)", "fewer tensors than tensor_count",
       short, (3, 4, 2))
broken("P_13", "matmul_columns", "tensorMismatch(op: 3, tensor: 2)", "weights of another width", short,
       lambda p: p.panels("narrow", 16, 31), (3, 5, 2))
broken("P_13", "matmul_integers_of_floats", "tensorMismatch(op: 9, tensor: 2)", "integer weights over f32 rows", layer,
       (O_GATE, 5, T_QUERY))
broken("P_13", "matmul_floats_of_integers", "tensorMismatch(op: 7, tensor: 9)", "float weights over q8 rows", layer,
       (O_OUT, 5, T_GATE))
broken("P_13", "bias_panels", "tensorMismatch(op: 2, tensor: 2)", "a bias in panels", layer, (O_QKV, 9, T_QUERY))
broken("P_13", "bias_columns", "tensorMismatch(op: 2, tensor: 5)", "a bias longer than the rows", layer,
       (O_QKV, 10, T_BIAS))
broken("P_13", "rope_low_rows", "tensorMismatch(op: 3, tensor: 6)", "a table of low parts of one row", layer,
       (O_ROPE, 8, T_HIGH))
broken("P_13", "rope_columns", "tensorMismatch(op: 3, tensor: 6)", "tables of fewer pairs", layer, (O_ROPE, 6, 2))
broken("P_13", "rope_long_low_rows", "tensorMismatch(op: 3, tensor: 6)", "a second table of low parts of one row",
       layer, lambda p: p.header.__setitem__(7, 16), (O_ROPE, 10, T_HIGH), (O_ROPE, 11, T_HIGH))
broken("P_13", "rope_long_missing", "tensorMismatch(op: 3, tensor: 0)", "no second tables", layer,
       lambda p: p.header.__setitem__(7, 16))
broken("P_13", "rope_context", "tensorMismatch(op: 3, tensor: 6)", "tables that end before context_max", layer,
       lambda p: p.header.__setitem__(3, 257))

broken("P_13", "head_norm_columns", "tensorMismatch(op: 3, tensor: 5)", "norm weights wider than a head", capped,
       lambda p: p.plain("wide", 1, 8, [1] * 8), (C_HEADS, 6, 5))
broken("P_13", "head_norm_panels", "tensorMismatch(op: 3, tensor: 1)", "norm weights in panels", capped,
       (C_HEADS, 6, U_WIDEN))

broken("P_13", "positions_plain", "tensorMismatch(op: 3, tensor: 4)", "a table of positions that is plain", encoder,
       (E_POSITION, 3, Y_WEIGHT))
broken("P_13", "layer_norm_bias", "tensorMismatch(op: 5, tensor: 0)", "a bias in panels", encoder,
       (E_NORM, 4, Y_EMBEDDING))
broken("P_13", "affine_weight", "tensorMismatch(op: 6, tensor: 9)", "weights of another width", encoder,
       (E_AFFINE, 3, Y_DISTANCE))
broken("P_13", "attention_bias_rows", "tensorMismatch(op: 11, tensor: 4)", "scores of one head for two", encoder,
       (E_ATTEND, 8, Y_WEIGHT))
broken("P_13", "attention_bias_short", "tensorMismatch(op: 11, tensor: 9)", "scores that end before context_max",
       encoder, lambda p: p.header.__setitem__(3, 65), lambda p: p.ops[E_POSITION].__setitem__(5, 1))
broken("P_13", "outliers_places_past_end", "tensorMismatch(op: 1, tensor: 3)", "places that are no tensor", outliers,
       (L_QUANTIZE, 3, 3))
broken("P_13", "outliers_places_panels", "tensorMismatch(op: 1, tensor: 1)", "places in panels", outliers,
       (L_QUANTIZE, 3, 1))

# --- P-14 -------------------------------------------------------------------------------------------------------------

broken("P_14", "embed_q8", "shapeMismatch(op: 0, value: 0)", "an embed into q8", short,
       lambda p: p.header.__setitem__(5, 64), v0=dict(dtype=1))
broken("P_14", "take_rows_columns", "shapeMismatch(op: 1, value: 1)", "rows that lose columns", short,
       v1=dict(columns=31))
broken("P_14", "norm_of_q8", "shapeMismatch(op: 8, value: 1)", "a norm of q8 rows", layer, (O_NORM2, 1, V_NORMED),
       v1=dict(last=O_NORM2))
broken("P_14", "norm_columns", "shapeMismatch(op: 8, value: 7)", "a norm that loses columns", layer, v7=dict(columns=7))
broken("P_14", "matmul_q8", "shapeMismatch(op: 3, value: 3)", "a matmul into q8", short, v3=dict(dtype=1))
broken("P_14", "matmul_rows", "shapeMismatch(op: 2, value: 2)", "fewer rows of weights than columns of the output",
       layer, (O_QKV, 4, 2), (O_QKV, 7, NONE))
broken("P_14", "residual_columns", "shapeMismatch(op: 7, value: 0)", "a residual of other columns", layer,
       (O_OUT, 5, T_KEY), v6=dict(columns=4))
broken("P_14", "rope_q8", "shapeMismatch(op: 3, value: 1)", "a rope of q8 rows", layer, (O_ROPE, 1, V_NORMED),
       v1=dict(last=O_ROPE), v2=dict(last=2))
broken("P_14", "rope_not_in_place", "shapeMismatch(op: 3, value: 3)", "a rope from one place to another", layer,
       lambda p: p.values[V_ROTATED].update(offset=p.header[5]), lambda p: p.header.__setitem__(5, p.header[5] + 64))
broken("P_14", "attention_columns", "shapeMismatch(op: 5, value: 4)", "attention with fewer heads than its output",
       layer, (O_ATTEND, 4, 1))
broken("P_14", "silu_of_q8", "shapeMismatch(op: 10, value: 5)", "gates that are q8", layer, (O_SILU, 1, V_MIXED_Q8),
       v5=dict(last=O_SILU), v8=dict(last=O_GATE))
broken("P_14", "quantize_f32", "shapeMismatch(op: 6, value: 5)", "a quantize into f32", layer, v5=dict(dtype=0))
broken("P_14", "quantize_columns", "shapeMismatch(op: 6, value: 5)", "a quantize that loses columns", layer,
       v5=dict(columns=7))
broken("P_14", "add_columns", "shapeMismatch(op: 12, value: 11)", "a sum of other columns", layer, v11=dict(columns=7))
broken("P_14", "add_other_columns", "shapeMismatch(op: 12, value: 11)", "an other value of other columns", layer,
       (O_ADD, 3, V_BOTH), v8=dict(last=O_ADD), v6=dict(last=O_NORM2))
broken("P_14", "step_takes_rows", "shapeMismatch(op: 8, value: 7)", "an output value from a norm in step", layer,
       lambda p: p.header.__setitem__(6, 320), v7=dict(rows=1, offset=256))

broken("P_14", "head_norm_not_in_place", "shapeMismatch(op: 3, value: 3)", "a norm of heads from one place to another",
       capped, lambda p: p.values[W_NORMED].update(offset=p.header[5]),
       lambda p: p.header.__setitem__(5, p.header[5] + 64))
broken("P_14", "head_norm_q8", "shapeMismatch(op: 3, value: 1)", "a norm of heads of q8 rows", capped,
       (C_HEADS, 1, W_SMALL), v1=dict(last=C_HEADS), v2=dict(last=C_WIDEN))
broken("P_14", "gelu_of_q8", "shapeMismatch(op: 4, value: 1)", "gates that are q8", capped, (C_GELU, 1, W_SMALL),
       v1=dict(last=C_GELU), v3=dict(last=C_HEADS))
broken("P_14", "softcap_columns", "shapeMismatch(op: 8, value: 8)", "a cap that loses columns", capped,
       v8=dict(columns=19))
broken("P_14", "softcap_q8", "shapeMismatch(op: 8, value: 8)", "a cap into q8", capped,
       lambda p: p.values[W_CAPPED].update(dtype=1, offset=p.header[6]),
       lambda p: p.header.__setitem__(6, p.header[6] + 64))

broken("P_14", "positions_columns", "shapeMismatch(op: 3, value: 3)", "a sum that loses columns", encoder,
       v3=dict(columns=7))
broken("P_14", "layer_norm_columns", "shapeMismatch(op: 5, value: 5)", "a norm that loses columns", encoder,
       v5=dict(columns=7))
broken("P_14", "affine_columns", "shapeMismatch(op: 6, value: 6)", "a scale that loses columns", encoder,
       v6=dict(columns=7))
broken("P_14", "apply_columns", "shapeMismatch(op: 12, value: 11)", "a function that loses columns", encoder,
       v11=dict(columns=7))
broken("P_14", "pool_columns", "shapeMismatch(op: 15, value: 14)", "a pooled row that loses columns", encoder,
       v14=dict(columns=7))
broken("P_14", "normalize_columns", "shapeMismatch(op: 18, value: 17)", "a vector that loses columns", encoder,
       v17=dict(columns=7))
broken("P_14", "trigram_columns", "shapeMismatch(op: 1, value: 1)", "two neighbours of three", encoder,
       v1=dict(columns=17))
broken("P_14", "outliers_columns", "shapeMismatch(op: 1, value: 1)", "no columns for what rounding leaves", outliers,
       v1=dict(columns=64))
broken("P_14", "outliers_f32", "shapeMismatch(op: 1, value: 1)", "outliers that stay f32", outliers,
       lambda p: (p.values[Z_SMALL].update(dtype=0), p.finish()))
broken("P_14", "outliers_q16", "shapeMismatch(op: 1, value: 1)", "outliers in 15 bits", outliers,
       lambda p: (p.values[Z_SMALL].update(dtype=2), p.finish()))
broken("P_14", "outliers_part", "shapeMismatch(op: 1, value: 1)", "outliers of a row that is not of whole groups",
       lambda: outliers(63))
broken("P_14", "append_values_q8", "shapeMismatch(op: 10, value: 7)", "values that are q8", encoder,
       (E_APPEND, 6, X_SMALL), v7=dict(last=E_APPEND), v9=dict(last=E_VALUE))

# --- P-15 -------------------------------------------------------------------------------------------------------------

INFINITY, NAN, MINUS = 0x7F800000, 0x7FC00000, 0xBF800000
for name_, bits_ in (("infinite", INFINITY), ("nan", NAN)):
    broken("P_15", f"embed_scale_{name_}", "parameterOutOfRange(op: 0, byte: 16)", f"a scale that is {name_}", short,
           (0, 4, bits_))
    broken("P_15", f"norm_epsilon_{name_}", "parameterOutOfRange(op: 2, byte: 16)", f"an epsilon that is {name_}",
           short, (2, 4, bits_))
    broken("P_15", f"attention_scale_{name_}", "parameterOutOfRange(op: 5, byte: 24)", f"a scale that is {name_}",
           layer, (O_ATTEND, 6, bits_))
    broken("P_15", f"attention_softcap_{name_}", "parameterOutOfRange(op: 5, byte: 28)", f"a softcap that is {name_}",
           layer, (O_ATTEND, 7, bits_))
    broken("P_15", f"head_norm_epsilon_{name_}", "parameterOutOfRange(op: 3, byte: 28)", f"an epsilon that is {name_}",
           capped, (C_HEADS, 7, bits_))
    broken("P_15", f"softcap_{name_}", "parameterOutOfRange(op: 8, byte: 12)", f"a cap that is {name_}", capped,
           (C_CAP, 3, bits_))
broken("P_15", "head_norm_epsilon_zero", "parameterOutOfRange(op: 3, byte: 28)", "an epsilon of 0", capped,
       (C_HEADS, 7, 0))
broken("P_15", "head_norm_past_row", "parameterOutOfRange(op: 3, byte: 12)", "a head beyond the row", capped,
       (C_HEADS, 3, 5))
broken("P_15", "head_norm_no_heads", "parameterOutOfRange(op: 3, byte: 12)", "no heads", capped, (C_HEADS, 4, 0))
broken("P_15", "head_norm_wraps", "parameterOutOfRange(op: 3, byte: 12)", "heads times width wraps 32 bits", capped,
       (C_HEADS, 4, 1 << 30))
broken("P_15", "gelu_gate_past_row", "parameterOutOfRange(op: 4, byte: 12)", "gates beyond the row", capped,
       (C_GELU, 3, 9))
broken("P_15", "gelu_up_wraps", "parameterOutOfRange(op: 4, byte: 16)", "an up column near 2^32", capped,
       (C_GELU, 4, 0xFFFFFFFC))
broken("P_15", "softcap_zero", "parameterOutOfRange(op: 8, byte: 12)", "a cap of 0", capped, (C_CAP, 3, 0))
broken("P_15", "softcap_negative", "parameterOutOfRange(op: 8, byte: 12)", "a cap below 0", capped, (C_CAP, 3, MINUS))
broken("P_15", "norm_epsilon_zero", "parameterOutOfRange(op: 2, byte: 16)", "an epsilon of 0", short, (2, 4, 0))
broken("P_15", "norm_epsilon_negative", "parameterOutOfRange(op: 2, byte: 16)", "an epsilon below 0", short,
       (2, 4, MINUS))
broken("P_15", "attention_scale_zero", "parameterOutOfRange(op: 5, byte: 24)", "a scale of 0", layer, (O_ATTEND, 6, 0))
broken("P_15", "attention_softcap_negative", "parameterOutOfRange(op: 5, byte: 28)", "a softcap below 0", layer,
       (O_ATTEND, 7, MINUS))
broken("P_15", "no_tensors", "parameterOutOfRange(op: 3, byte: 16)", "a matmul of nothing", short, (3, 4, 0))
broken("P_15", "five_tensors", "parameterOutOfRange(op: 3, byte: 16)", "a matmul of five tensors", short, (3, 4, 5))
broken("P_15", "unused_tensor", "parameterOutOfRange(op: 3, byte: 24)", "a tensor beyond tensor_count", short,
       (3, 6, 0))
broken("P_15", "unused_bias", "parameterOutOfRange(op: 3, byte: 48)", "a bias beyond tensor_count", short, (3, 12, 0))
broken("P_15", "activation_bits", "parameterOutOfRange(op: 3, byte: 52)", "16-bit activations of q8 rows", short,
       (3, 13, 16))
broken("P_15", "activation_bits_of_floats", "parameterOutOfRange(op: 9, byte: 52)", "8-bit activations of f32 rows",
       layer, (O_GATE, 13, 8))
broken("P_15", "activation_bits_of_q16", "parameterOutOfRange(op: 2, byte: 52)", "8-bit activations of q16 rows", layer,
       (O_QKV, 13, 8))
broken("P_15", "rope_past_row", "parameterOutOfRange(op: 3, byte: 12)", "a head beyond the row", layer, (O_ROPE, 4, 5))
broken("P_15", "rope_wraps", "parameterOutOfRange(op: 3, byte: 12)", "heads times width wraps 32 bits", layer,
       (O_ROPE, 4, 1 << 30))
broken("P_15", "rope_first_wraps", "parameterOutOfRange(op: 3, byte: 12)", "a first column near 2^32", layer,
       (O_ROPE, 3, 0xFFFFFFF8))
broken("P_15", "rope_no_heads", "parameterOutOfRange(op: 3, byte: 12)", "no heads", layer, (O_ROPE, 4, 0))
broken("P_15", "rope_no_pairs", "parameterOutOfRange(op: 3, byte: 24)", "no pairs", layer, (O_ROPE, 6, 0))
broken("P_15", "rope_pairs_past_head", "parameterOutOfRange(op: 3, byte: 24)", "more pairs than half a head", layer,
       (O_ROPE, 6, 3))
broken("P_15", "rope_pairs_wrap", "parameterOutOfRange(op: 3, byte: 24)", "twice the pairs wraps 32 bits", layer,
       (O_ROPE, 6, 0x80000001))
broken("P_15", "rope_style", "parameterOutOfRange(op: 3, byte: 36)", "an unknown style", layer, (O_ROPE, 9, 2))
broken("P_15", "append_key_past_row", "parameterOutOfRange(op: 4, byte: 12)", "keys beyond the row", layer,
       (O_APPEND, 3, 13))
broken("P_15", "append_value_past_row", "parameterOutOfRange(op: 4, byte: 16)", "values beyond the row", layer,
       (O_APPEND, 4, 13))
broken("P_15", "attention_query_past_row", "parameterOutOfRange(op: 5, byte: 12)", "queries beyond the row", layer,
       (O_ATTEND, 3, 9))

broken("P_15", "append_value_past_other_row", "parameterOutOfRange(op: 10, byte: 16)", "values beyond their own row",
       encoder, (E_APPEND, 4, 1))
broken("P_15", "embedding_index", "parameterOutOfRange(op: 3, byte: 16)", "an index of an unknown kind", encoder,
       (E_POSITION, 4, 2))
broken("P_15", "embedding_offset", "parameterOutOfRange(op: 3, byte: 20)", "positions beyond the table", encoder,
       (E_POSITION, 5, 3))
broken("P_15", "embedding_offset_wraps", "parameterOutOfRange(op: 3, byte: 20)", "an offset near 2^32", encoder,
       (E_POSITION, 5, 0xFFFFFFF0))
broken("P_15", "embedding_offset_of_types", "parameterOutOfRange(op: 4, byte: 20)", "an offset of types", encoder,
       (E_TYPE, 5, 1))
broken("P_15", "layer_norm_epsilon", "parameterOutOfRange(op: 5, byte: 20)", "an epsilon of 0", encoder, (E_NORM, 5, 0))
broken("P_15", "function", "parameterOutOfRange(op: 12, byte: 12)", "an unknown function", encoder, (E_APPLY, 3, 5))
broken("P_15", "pool_mode", "parameterOutOfRange(op: 15, byte: 12)", "an unknown mode", encoder, (E_FIRST, 3, 5))


def bias_of_source(p):
    p.plain("distance", 2, 142, [0] * 284)
    p.ops[1][8] = 1


broken("P_15", "bias_of_source", "parameterOutOfRange(op: 1, byte: 32)", "a bias by distance over a source", translator,
       bias_of_source)


def two_kv_heads(p):
    p.kv_layers[0][:2] = [2, 2]
    p.ops[O_ATTEND][4] = 3
    p.values[V_MIXED]["columns"] = 6


broken("P_15", "attention_groups", "parameterOutOfRange(op: 5, byte: 16)", "three heads over two KV heads", layer,
       two_kv_heads)
broken("P_15", "silu_gate_past_row", "parameterOutOfRange(op: 10, byte: 12)", "gates beyond the row", layer,
       (O_SILU, 3, 9))
broken("P_15", "silu_up_wraps", "parameterOutOfRange(op: 10, byte: 16)", "an up column near 2^32", layer,
       (O_SILU, 4, 0xFFFFFFFC))

# --- P-16, P-17 -------------------------------------------------------------------------------------------------------

broken("P_16", "append_past_end", "kvLayerMisused(op: 4, layer: 1)", "keys for a layer that is not", layer,
       (O_APPEND, 5, 1))
broken("P_16", "attention_past_end", "kvLayerMisused(op: 5, layer: 4294967295)", "attention over a layer that is not",
       layer, (O_ATTEND, 5, NONE))


def append_twice(p):
    p.ops[O_APPEND + 1:O_APPEND + 1] = [list(p.ops[O_APPEND])]
    p.entries[0][2] += 1
    p.entries[1][1] += 1
    p.finish()


def attend_first(p):
    p.ops[O_APPEND], p.ops[O_ATTEND] = p.ops[O_ATTEND], p.ops[O_APPEND]
    p.finish()


def layer_unused(p):
    p.kv_layers.append([1, 2, 0, 0])
    p.header[1] = 2


def append_in_logits(p):
    p.ops.append([KV_APPEND, V_RESULT, NONE, 0, 4, 1] + [0] * 10)
    p.kv_layers.append([1, 4, 0, 0])
    p.entries[1][2] += 1
    p.finish()


broken("P_16", "append_twice", "kvLayerMisused(op: 5, layer: 0)", "keys of one layer twice", layer, append_twice)
broken("P_16", "attention_first", "kvLayerMisused(op: 4, layer: 0)", "attention before the keys are there", layer,
       attend_first)
broken("P_16", "layer_unused", "kvLayerMisused(op: 16, layer: 1)", "a layer that nobody writes", layer, layer_unused)
broken("P_16", "append_in_logits", "kvLayerMisused(op: 16, layer: 1)", "keys from the entry logits", layer,
       append_in_logits)

broken("P_16", "call_attended_first", "kvLayerMisused(op: 10, layer: 0)", "attention before a call's keys are there",
       encoder, lambda p: (p.ops.__setitem__(slice(E_APPEND, E_ATTEND + 1), [p.ops[E_ATTEND], p.ops[E_APPEND]]),
                           p.finish()))
broken("P_16", "source_in_step", "kvLayerMisused(op: 1, layer: 0)", "a call's layer in step", translator,
       lambda p: p.kv_layers[0].__setitem__(3, 1))
broken("P_16", "source_of_sequence", "kvLayerMisused(op: 1, layer: 0)", "a sequence's layer that step does not write",
       translator, lambda p: p.kv_layers[0].__setitem__(3, 0))
broken("P_16", "source_in_encode", "kvLayerMisused(op: 11, layer: 0)", "a source's layer read by encode", encoder,
       lambda p: p.kv_layers[0].__setitem__(3, 2), (E_ATTEND, 8, NONE))


def take_another(p):
    p.ops[O_TAKE][1] = V_RESIDUAL
    p.finish()


def norm_of_tokens(p):
    """logits that starts with a norm of the token rows."""
    p.ops[O_TAKE] = [RMS_NORM, V_RESULT, 12, T_NORM, f32(1e-5)] + [0] * 11
    for number in (12, 13, 14):
        p.values[number]["rows"] = 0
    p.finish()


def take_in_step(p):
    del p.entries[1], p.ops[2:], p.values[2:]
    p.entries[0] = [1, 0, 2, 1]
    p.finish()


def take_twice(p):
    """A second take_rows, of the same rows, for the norm."""
    p.ops[2:2] = [[TAKE_ROWS, 0, 2] + [0] * 13]
    p.values[2:2] = [dict(dtype=0, rows=1, columns=32, name="taken again", zero=0)]
    p.ops[3][1:3], p.ops[4][1:3], p.entries[1][2:] = [2, 3], [3, 4], [4, 4]
    p.finish()


def token_value_in_logits(p):
    """A norm of token rows in logits, for nothing."""
    p.ops.append([RMS_NORM, 0, 4, 1, f32(1e-5)] + [0] * 11)
    p.value("unread", 32)
    p.entries[1][2] += 1
    p.finish()


def quantized_logits():
    p = Program(vocab=32)
    p.panels("embedding", 32, 32)
    p.value("hidden", 32), p.value("taken", 32, **OUTPUT), p.value("logits", 32, **OUTPUT, **Q8)
    p.op(EMBED, NONE, 0, 0, f32(1))
    p.entry(1, 0)
    p.op(TAKE_ROWS, 0, 1)
    p.op(QUANTIZE, 1, 2)
    p.entry(2, 2)
    return p.finish()


def vocab_differs(p):
    p.header[4] = 15


broken("P_17", "takes_another", "logitsMalformed(op: 13)", "rows that are not of step's result", layer, take_another)
broken("P_17", "first_op", "logitsMalformed(op: 13)", "logits that does not start with take_rows", layer,
       norm_of_tokens)
broken("P_17", "take_twice", "logitsMalformed(op: 2)", "a second take_rows", short, take_twice)
broken("P_17", "take_in_step", "logitsMalformed(op: 1)", "an output value without an entry logits", short, take_in_step)
broken("P_17", "token_value", "logitsMalformed(op: 4)", "a token value in logits", short, token_value_in_logits)
broken("P_17", "vocab", "logitsMalformed(op: 3)", "fewer ids than logits", short, vocab_differs)
broken("P_17", "quantized", "logitsMalformed(op: 2)", "logits that are q8", quantized_logits)
broken("P_17", "pool_of_another", "logitsMalformed(op: 15)", "a pooled row that is not of encode's result", encoder,
       lambda p: (p.ops[E_FIRST].__setitem__(1, X_SHIFTED), p.finish()))
broken("P_17", "mask_vocab", "logitsMalformed(op: 16)", "numbers for ids that are not as many as ids", encoder,
       lambda p: (p.entries.__delitem__(slice(3, 5)), p.ops.__delitem__(slice(E_MEAN, E_MASK + 1)),
                  p.values.__delitem__(slice(X_MEAN, X_MASK + 1)), p.entries.__delitem__(3),
                  p.entries[2].__setitem__(0, 8), p.finish()))
