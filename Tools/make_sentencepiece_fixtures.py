#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Trains small SentencePiece models, and writes random texts with what that library gives for them.

    pip install sentencepiece==0.2.3 tokenizers==0.23.3
    Tools/make_sentencepiece_fixtures.py Tests/TextTests/Fixtures [--count 40] [--seed 1]

For each NAME: NAME.model (a tokenizer.model) and NAME.sp.jsonl, one text a line: `text`, `ids`, `decoded` (of `ids`,
where none is the unknown token, which that library spells in its own way).
"""
import argparse
import json
import os
import random
import tempfile

import sentencepiece

import make_tokenizer_fixtures as other

RULES = {0x09: [0x20], 0x0A: [0x20], 0x0D: [], 0x3000: [0x20], 0xA0: [0x20], 0xFB01: [0x66, 0x69], 0x200B: [],
         0x85: [0x20], 0xFF8A: [0x30CF], 0xBD: [0x31, 0x2044, 0x32]}


def models(folder):
    with open(folder + "/text", "w") as out:
        out.write(other.TRAINING)
    with open(folder + "/rules.tsv", "w") as out:
        out.writelines("%X\t%s\n" % (k, " ".join("%X" % c for c in v)) for k, v in RULES.items())
        out.write("65 301\tE9\n")
    rules = {"normalization_rule_tsv": folder + "/rules.tsv"}
    plain = {"normalization_rule_name": "identity", "remove_extra_whitespaces": False}
    yield "sp_bpe", dict(model_type="bpe", vocab_size=600, byte_fallback=True, **plain)
    yield "sp_bpe_symbols", dict(
        model_type="bpe", vocab_size=420, user_defined_symbols="ship,<tool>,\u2581\u2581,漢漢", **rules)
    yield "sp_bpe_bare", dict(model_type="bpe", vocab_size=420, add_dummy_prefix=False, split_by_whitespace=False,
                              max_sentencepiece_length=24, **plain)
    yield "sp_unigram", dict(model_type="unigram", vocab_size=400, control_symbols="<mask>", **rules)
    yield "sp_unigram_bytes", dict(model_type="unigram", vocab_size=620, byte_fallback=True, **rules)
    yield "sp_unigram_symbols", dict(model_type="unigram", vocab_size=400, user_defined_symbols="ship,rain b", **rules)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("--count", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    os.makedirs(arguments.folder, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        for name, options in models(folder):
            path = os.path.join(arguments.folder, name)
            sentencepiece.SentencePieceTrainer.train(
                input=folder + "/text", model_prefix=folder + "/m", minloglevel=9, hard_vocab_limit=False,
                character_coverage=0.98, num_threads=1, **options)
            os.replace(folder + "/m.model", path + ".model")
            model = sentencepiece.SentencePieceProcessor(model_file=path + ".model")
            rng = random.Random(f"{arguments.seed} {name}")
            with open(path + ".sp.jsonl", "w", encoding="utf-8") as out:
                for index in range(arguments.count):
                    sample = other.text(rng, special=index % 4 == 0).replace("\0", "")
                    ids = model.encode(sample)
                    row = {"text": sample, "ids": ids}
                    if model.unk_id() not in ids:
                        row["decoded"] = model.decode(ids)
                    out.write(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
