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
import unicodedata

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


def words_of(tokenizer, trainer):
    tokenizer.train_from_iterator(TRAINING.splitlines(keepends=True), trainer)
    return tokenizer


def bert(lowercase, strip_accents=None, clean=True):
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]", max_input_chars_per_word=20))
    tokenizer.normalizer = normalizers.BertNormalizer(clean, True, strip_accents, lowercase)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    words_of(tokenizer, trainers.WordPieceTrainer(vocab_size=420, show_progress=False,
                                                  special_tokens=["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]))
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[(t, tokenizer.token_to_id(t)) for t in ["[CLS]", "[SEP]"]])
    tokenizer.decoder = decoders.WordPiece(cleanup=False)
    return tokenizer


def unigram(pre, normalizer=None, bytes_too=False, scheme="always"):
    special = ["<s>", "<pad>", "</s>", "<unk>"]
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always")
    words_of(tokenizer, trainers.UnigramTrainer(vocab_size=320, show_progress=False, special_tokens=special,
                                                unk_token="<unk>", max_piece_length=8))
    data = json.loads(tokenizer.to_str())
    if bytes_too:
        data["model"]["byte_fallback"] = True
        data["model"]["vocab"] += [[f"<0x{b:02X}>", 0.0] for b in range(256)]
    tokenizer = Tokenizer.from_str(json.dumps(data))
    tokenizer.pre_tokenizer = pre
    if normalizer:
        tokenizer.normalizer = normalizer
    tail = decoders.Metaspace(prepend_scheme=scheme)
    tokenizer.decoder = decoders.Sequence([decoders.ByteFallback(), tail]) if bytes_too else tail
    tokenizer.add_tokens([AddedToken("ship", normalized=True), AddedToken("<tool>", normalized=False, rstrip=True)])
    return tokenizer


def plain_bpe(pre, normalizer=None, fuse=True, bytes_too=False, scheme="always"):
    """BPE over characters, ▁ for spaces."""
    tokenizer = Tokenizer(models.BPE(byte_fallback=bytes_too, unk_token="<unk>", fuse_unk=fuse))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always")
    trainer = trainers.BpeTrainer(
        vocab_size=420, show_progress=False,
        special_tokens=["<unk>", "<s>", "</s>"] + ([f"<0x{b:02X}>" for b in range(256)] if bytes_too else []))
    tokenizer.train_from_iterator(TRAINING.split("\n")[:3], trainer)
    data = json.loads(tokenizer.to_str())
    data["added_tokens"] = [t for t in data["added_tokens"] if not t["content"].startswith("<0x")]
    tokenizer = Tokenizer.from_str(json.dumps(data))
    tokenizer.pre_tokenizer = pre
    if normalizer:
        tokenizer.normalizer = normalizer
    tail = decoders.Metaspace(prepend_scheme=scheme)
    tokenizer.decoder = decoders.Sequence([decoders.ByteFallback(), tail]) if bytes_too else tail
    return tokenizer


def with_normalizer(normalizer, pre=None):
    tokenizer = byte_level(pre or bytes_alone())
    tokenizer.normalizer = normalizer
    tokenizer.add_tokens([AddedToken("Ships É", normalized=True),
                          AddedToken("harbour", normalized=False, single_word=True),
                          AddedToken("rain", normalized=True, single_word=True)])
    return tokenizer


def precompiled():
    """A small map of SentencePiece's kind, made by its trainer: white space, ligatures, a mark, a removal."""
    import sentencepiece
    import tempfile
    rules = {0x09: [0x20], 0x0A: [0x20], 0x3000: [0x20], 0xA0: [0x20], 0xFB01: [0x66, 0x69], 0x200B: [], 0x85: [0x20],
             0xFF8A: [0x30CF], 0x2460: [0x31], 0xBD: [0x31, 0x2044, 0x32]}
    rows = ["%X\t%s" % (k, " ".join("%X" % c for c in v)) for k, v in rules.items()]
    rows += ["65 301\tE9", "61 323 308\t1EA1 308"]
    with tempfile.TemporaryDirectory() as folder:
        with open(folder + "/rules.tsv", "w") as out:
            out.write("\n".join(rows) + "\n")
        with open(folder + "/text", "w") as out:
            out.write(TRAINING)
        sentencepiece.SentencePieceTrainer.train(
            input=folder + "/text", model_prefix=folder + "/m", vocab_size=400,
            normalization_rule_tsv=folder + "/rules.tsv", model_type="unigram", minloglevel=9, hard_vocab_limit=False)
        model = open(folder + "/m.model", "rb").read()
    return normalizers.Precompiled(charsmap_of(model))


def charsmap_of(model):
    """Field 2 of field 3 of SentencePiece's message."""
    def fields(data):
        at = 0
        def varint():
            nonlocal at
            value = shift = 0
            while True:
                byte = data[at]
                at += 1
                value |= (byte & 127) << shift
                shift += 7
                if byte < 128:
                    return value
        while at < len(data):
            key = varint()
            if key & 7 == 2:
                count = varint()
                yield key >> 3, data[at:at + count]
                at += count
            elif key & 7 == 5:
                at += 4
            elif key & 7 == 1:
                at += 8
            else:
                varint()
    normalizer = next(v for n, v in fields(model) if n == 3)
    return next(v for n, v in fields(normalizer) if n == 2)


def more():
    metaspace = pre_tokenizers.Metaspace
    yield "bert", bert(True)
    yield "bert_cased", bert(False)
    yield "bert_accents", bert(True, strip_accents=False, clean=False)
    yield "unigram", unigram(metaspace(prepend_scheme="always"))
    yield "unigram_words", unigram(
        pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), metaspace(prepend_scheme="always")]),
        normalizers.Sequence([normalizers.NFKC(), normalizers.Lowercase()]))
    yield "unigram_whole", unigram(metaspace(prepend_scheme="never", split=False), normalizers.NFKD(), scheme="never")
    yield "unigram_map", unigram(metaspace(prepend_scheme="always"), normalizers.Sequence(
        [precompiled(), normalizers.Strip(False, True), normalizers.Replace(Regex(" {2,}"), "▁")]))
    yield "unigram_bytes", unigram(metaspace(prepend_scheme="first", split=False), bytes_too=True, scheme="first")
    yield "pieces_first", plain_bpe(metaspace(prepend_scheme="first", split=False), bytes_too=True, scheme="first")
    yield "pieces_unknown", plain_bpe(metaspace(prepend_scheme="always"), normalizers.NFC(), fuse=True)
    yield "pieces_single", plain_bpe(
        pre_tokenizers.Sequence([metaspace(prepend_scheme="always"), pre_tokenizers.Digits(individual_digits=True),
                                 pre_tokenizers.Punctuation()]), fuse=False)
    gemma = plain_bpe(pre_tokenizers.Split(" ", "merged_with_previous"), normalizers.Replace(" ", "▁"), bytes_too=True)
    gemma.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()])
    yield "pieces_replaced", gemma
    yield "lower", with_normalizer(normalizers.Sequence(
        [normalizers.NFD(), normalizers.Lowercase(), normalizers.StripAccents()]))
    yield "nfkc", with_normalizer(normalizers.NFKC())
    yield "nfkd", with_normalizer(normalizers.NFKD())
    yield "strip", with_normalizer(normalizers.Sequence(
        [normalizers.Strip(), normalizers.Replace("ll", "LL "), normalizers.NFC()]))
    yield "prefixed", with_normalizer(normalizers.NFC(), pre_tokenizers.ByteLevel(add_prefix_space=True))
    for name in ["merged_with_previous", "merged_with_next", "contiguous"]:
        for inverted in [False, True]:
            yield name + ("_inverted" if inverted else ""), byte_level(split(r"\p{L}|[\s,]", name, inverted))
    tail = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    yield "words", byte_level(pre_tokenizers.Sequence([pre_tokenizers.Whitespace(), tail]))
    yield "word_regex", byte_level(split(r"\w+|\W"))
    yield "white", byte_level(pre_tokenizers.Sequence(
        [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Punctuation("contiguous"),
         pre_tokenizers.CharDelimiterSplit("a"), pre_tokenizers.Digits(individual_digits=False), tail]))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("--count", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    os.makedirs(arguments.folder, exist_ok=True)
    first = {name for name, _ in tokenizers()}
    for name, tokenizer in [*tokenizers(), *more()]:
        rng = random.Random(f"{arguments.seed} {name}")
        path = os.path.join(arguments.folder, name)
        tokenizer.save(path + ".json", pretty=False)
        with open(path + ".jsonl", "w", encoding="utf-8") as out:
            for index in range(arguments.count):
                sample = text(rng, special=index % 4 == 0)
                tokenizer.encode_special_tokens = True
                if name == "unigram_map":  # a rule for a character takes the marks behind it along, in that library
                    joining = "\u200d\u1161\u11a8"
                    sample = "".join(c for c in sample if unicodedata.category(c)[0] != "M" and c not in joining)
                row = {"text": sample}
                # The library's unigram takes special tokens for ordinary pieces then; here they never are.
                if not name.startswith("unigram") or "s>" not in sample:
                    row["plain"] = tokenizer.encode(sample, add_special_tokens=False).ids
                tokenizer.encode_special_tokens = False
                row["ids"] = tokenizer.encode(sample, add_special_tokens=False).ids
                row["all"] = tokenizer.encode(sample).ids
                if not name.startswith("bert"):
                    row["decoded"] = tokenizer.decode(row["ids"], skip_special_tokens=False)
                if name in first and tokenizer.pre_tokenizer and not tokenizer.normalizer:
                    cuts = tokenizer.pre_tokenizer.pre_tokenize_str(sample)
                    row["pieces"] = [len(sample[a:b].encode()) for _, (a, b) in cuts]
                out.write(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
