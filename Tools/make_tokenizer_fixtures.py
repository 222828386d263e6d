#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes tokenizers with Hugging Face's library, random texts, and what that library gives for them.

    pip install tokenizers==0.23.3
    Tools/make_tokenizer_fixtures.py Tests/TextTests/Fixtures             the small set in the repository
    Tools/make_tokenizer_fixtures.py DIR --count 100000 --seed 7          a large set: HARDTACK_TEXT_FUZZ=DIR swift test

For each NAME: NAME.json (a tokenizer.json) and NAME.jsonl, one text a line: `text`, `pieces` (byte counts of what the
pre-tokenizer cuts), `ids` (special tokens taken from the text, none added), `plain` (special tokens as plain text, none
added), `all` (as the tokenizer adds them), `decoded` (of `ids`, special tokens kept).
"""
import argparse
import json
import os
import random

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

CONTRACTIONS = "(?i:'s|'t|'re|'ve|'m|'ll|'d)"
SPACES = r"\s*[\r\n]+|\s+(?!\S)|\s+"
LLAMA3 = CONTRACTIONS + r"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|" + SPACES
QWEN2 = CONTRACTIONS + r"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|" + SPACES
QWEN35 = CONTRACTIONS + r"|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|" + SPACES
CASED = (r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+" + CONTRACTIONS + "?"
         r"|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*" + CONTRACTIONS + "?"
         r"|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|" + SPACES)
POSSESSIVE = r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]++[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s+"
TRAINING = """The keeper of the lighthouse counted 1234 ships before the rain began, and then he couldn't see them.
She said: "We'll walk to the harbour at 7:30; they've left the door open, haven't they?" It's 12 miles, isn't it?
def harbour(ships, rain=None):\n    return [ship for ship in ships if ship.mast > 3]\n\n\tprint("done")\n
Der Leuchtturmwärter zählte die Schiffe. Le gardien comptait les navires à l'aube. El farero contó los barcos.
Смотритель маяка считал корабли до дождя. 灯台守は雨が降る前に船を数えた。灯塔看守人在下雨前数了船只。등대지기는 배를 세었다.
كان حارس المنارة يعد السفن قبل المطر. प्रकाशस्तंभ का रखवाला जहाज गिनता था। ภาษาไทยไม่มีช่องว่าง xin chào thế giới
""" * 3
WORDS = TRAINING.split() + ["don't", "WE'LL", "it'S", "I'M", "x'ſ", "state-of-the-art", "a_b", "0x1F", "3.14", "1,000",
         "...", "!!!", "http://example.org/?q=1&r=2", "naïve", "Ǆungla", "ǅ", "ʰ", "İstanbul",
         "ß", "ﬁ", "①", "Ⅷ", "½", "٣٤٥", "१२३",
         "👨‍👩‍👧", "🏳️‍🌈", "👍🏽", "☃️", "é", "é", "ạ̈", "각", "각", "ﾊﾝｶｸ", "क्षि", "ไม่มี", "\ufffd",
         "a\u0315\u0300\u05ae\u0301b"]
BLANKS = [" ", " ", " ", "  ", "   ", "\t", "\n", "\n\n", "\r\n", "\r", "\u00a0", "\u2003", "\u3000", "\u0085",
          "\u2028", "\u200b", "\x1c", "\x0b", " \n ", "\n \n", "\u202f", "\ufeff", "\u180e"]
SPECIAL = ["<|end|>", "<|im_start|>", "<s>", "</s>", "<tool>", "ship", "ships漢"]


def text(rng, special):
    kind = rng.random()
    parts = []
    for _ in range(rng.randint(0, 12)):
        choice = rng.random()
        if choice < 0.35:
            parts.append(rng.choice(WORDS))
        elif choice < 0.6:
            parts.append(rng.choice(BLANKS))
        elif choice < 0.7:
            parts.append("".join(rng.choice("0123456789") for _ in range(rng.randint(1, 9))))
        elif choice < 0.8:
            parts.append("".join(rng.choice("!\"#$%&'()*+,-./:;<=>?@[]^_`{|}~'''") for _ in range(rng.randint(1, 4))))
        elif choice < 0.86:
            parts.append("".join(rng.choice("\u0300\u0301\u0323\u0315\u05b0\u064b\u093c\u0e48\u3099\u1161\u11a8\u0345")
                                 for _ in range(rng.randint(1, 4))))
        elif choice < 0.9 and special:
            parts.append(rng.choice(SPECIAL))
        elif choice < 0.92:
            parts.append(rng.choice("abxyzé漢") * rng.randint(1, 60))
        else:
            top = 0x110000 if kind < 0.3 else 0x3000
            point = rng.randrange(top)
            parts.append("\ufffd" if 0xD800 <= point < 0xE000 else chr(point))
    return "".join(parts)


def byte_level(pre, **options):
    tokenizer = Tokenizer(models.BPE(ignore_merges=options.get("ignore_merges", False)))
    tokenizer.pre_tokenizer = pre
    tokenizer.decoder = decoders.ByteLevel()
    if options.get("nfc"):
        tokenizer.normalizer = normalizers.NFC()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    if options.get("holes"):
        alphabet = sorted(alphabet)[:-40]
    trainer = trainers.BpeTrainer(vocab_size=640, initial_alphabet=alphabet, show_progress=False,
                                  special_tokens=["<|end|>", "<|im_start|>"])
    tokenizer.train_from_iterator(TRAINING.splitlines(keepends=True), trainer)
    return tokenizer


def split(pattern, behavior="isolated", invert=False):
    return pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(pattern), behavior, invert),
        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])


def bytes_alone():
    return pre_tokenizers.ByteLevel(add_prefix_space=False)


def pieces_bpe(prefix):
    """SentencePiece's BPE as Hugging Face writes it: characters, ▁ for spaces, bytes for the rest."""
    tokenizer = Tokenizer(models.BPE(byte_fallback=True, unk_token="<unk>", fuse_unk=True))
    steps = [normalizers.Replace(" ", "▁")]
    tokenizer.normalizer = normalizers.Sequence(([normalizers.Prepend("▁")] if prefix else []) + steps)
    trainer = trainers.BpeTrainer(vocab_size=420, show_progress=False,
                                  special_tokens=["<unk>", "<s>", "</s>"] + [f"<0x{b:02X}>" for b in range(256)])
    tokenizer.train_from_iterator(TRAINING.split("\n")[:3], trainer)  # other scripts go by bytes
    # Byte tokens are ordinary entries of the vocabulary, not added ones.
    data = json.loads(tokenizer.to_str())
    data["added_tokens"] = [t for t in data["added_tokens"] if not t["content"].startswith("<0x")]
    tokenizer = Tokenizer.from_str(json.dumps(data))
    tail = [decoders.Strip(" ", 1, 0)] if prefix else []
    tokenizer.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()] + tail)
    return tokenizer


def tokenizers():
    digits = pre_tokenizers.Digits(individual_digits=True)
    yield "gpt2", byte_level(bytes_alone())
    yield "smollm", byte_level(pre_tokenizers.Sequence([digits, bytes_alone()]))
    llama3 = byte_level(split(LLAMA3), ignore_merges=True)
    llama3.post_processor = processors.Sequence([
        processors.ByteLevel(trim_offsets=False),
        processors.TemplateProcessing(single="<|im_start|> $A", special_tokens=[("<|im_start|>", 1)])])
    yield "llama3", llama3
    yield "qwen2", byte_level(split(QWEN2), nfc=True)
    yield "qwen35", byte_level(split(QWEN35), nfc=True)
    yield "cased", byte_level(split(CASED))
    yield "possessive", byte_level(split(POSSESSIVE))
    yield "gaps_removed", byte_level(split(r"\p{L}+|\p{N}+", "removed", True))
    yield "matches_removed", byte_level(split(r"\s+$|[xyz]", "removed"))
    yield "missing_bytes", byte_level(bytes_alone(), holes=True)
    added = byte_level(bytes_alone(), nfc=True)
    added.add_tokens([AddedToken("<tool>", normalized=False, lstrip=True), AddedToken("ship", normalized=True),
                      AddedToken("ships漢", normalized=True)])
    added.add_special_tokens([AddedToken("<s>", rstrip=True), AddedToken("</s>", rstrip=True, lstrip=True)])
    added.post_processor = processors.RobertaProcessing(
        ("</s>", added.token_to_id("</s>")), ("<s>", added.token_to_id("<s>")), add_prefix_space=False)
    yield "added", added
    yield "pieces", pieces_bpe(True)
    yield "pieces_bare", pieces_bpe(False)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("--count", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    os.makedirs(arguments.folder, exist_ok=True)
    for name, tokenizer in tokenizers():
        rng = random.Random(f"{arguments.seed} {name}")
        path = os.path.join(arguments.folder, name)
        tokenizer.save(path + ".json", pretty=False)
        with open(path + ".jsonl", "w", encoding="utf-8") as out:
            for index in range(arguments.count):
                sample = text(rng, special=index % 4 == 0)
                tokenizer.encode_special_tokens = True
                row = {"text": sample, "plain": tokenizer.encode(sample, add_special_tokens=False).ids}
                tokenizer.encode_special_tokens = False
                row["ids"] = tokenizer.encode(sample, add_special_tokens=False).ids
                row["all"] = tokenizer.encode(sample).ids
                row["decoded"] = tokenizer.decode(row["ids"], skip_special_tokens=False)
                if tokenizer.pre_tokenizer and not tokenizer.normalizer:
                    cuts = tokenizer.pre_tokenizer.pre_tokenize_str(sample)
                    row["pieces"] = [len(sample[a:b].encode()) for _, (a, b) in cuts]
                out.write(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
