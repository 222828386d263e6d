#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What Hugging Face's library says of where tokens come from: for random texts the ids and, in bytes, the offsets.

    pip install tokenizers==0.23.3
    Tools/make_offset_fixtures.py Tests/TextTests/Fixtures/Offsets          the small set in the repository
    Tools/make_offset_fixtures.py DIR --count 10000 --seed 7 [--more A.json …] [--only NAME …]
                                  a large one: HARDTACK_OFFSET_FUZZ=DIR swift test --filter TokenSpanTests
    Tools/make_offset_fixtures.py --compare B.tack A.json --cli hardtack [--count 10000]
                                  a bundle against the tokenizer.json that it was packed from

NAME.json is a tokenizer.json; NAME.jsonl has one text a line: `text`, `ids` and `offsets` (special tokens taken from
the text and added around it), and whether each token `continues` a word, as transformers' pipelines tell it. The
tokenizers of Tests/TextTests/Fixtures are taken as they are there. What the library gets wrong, or says less exactly
than can be said, is left out: `LEFT_OUT` and `judged` have the list; specs/tokenizer.md §7.
"""
import argparse
import json
import os
import random
import subprocess
import sys
import unicodedata

from tokenizers import Tokenizer

import make_tokenizer_fixtures as base

FIXTURES = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "Tests/TextTests/Fixtures")
SENTENCES = """My name is Zoë Müller-Lüdenscheidt and I live in Łódź, near the Straße des 17. Juni.
Contact: jean.dupont+test@example.org, tel. +33 (0)1 23-45-67-89; IBAN DE89 3704 0044 0532 0130 00.
He said “naïve café”, she said ``façade'' – they didn't agree…
İstanbul'da ŞIŞLI İLÇESİ, ΑΣΦΑΛΕΙΑ ΟΔΥΣΣΕΥΣ, ĲSSELMEER, ǅungla
灯台守は雨が降る前に船を数えた。東京都千代田区丸の内１－９－１ ｶﾞｷﾞｸﾞ ㍿㋿
등대지기는 배를 세었다 한국어 조선글
ภาษาไทยไม่มีช่องว่างระหว่างคำ น้ำ
كان حارس المنارة يعد السفن قبل المطر، لا إله إلا الله ﷺ ﻻ
प्रकाशस्तंभ का रखवाला जहाज गिनता था क़ि
Смотритель маяка считал корабли; ёлка й
xin chào thế giới tiếng Việt Nguyễn Đặng
👨‍👩‍👧‍👦 family 🏳️‍🌈 flag 👍🏽 ok 🇩🇪🇫🇷 ☃️ 1️⃣
ﬁne ﬂow oﬃce ½ ⅓ ² ³ Ⅷ ① ㎏ ™ … ‼ ﬀ
def f(x):\n\treturn x  # tab\r\nnext line\r\n\u00a0\u00a0nbsp\u2003em\u3000ideographic\u200bzero\ufeffbom
""".splitlines()
ODD = ["\u0000", "\u0001", "\u0007", "\u007f", "\u0085", "\u00ad", "\u200b", "\u200d", "\u2028", "\ufeff", "\ufffd",
       "e\u0301", "E\u0300\u0323", "a\u0323\u0308\u0302", "\u1100\u1161\u11a8", "\u0344", "\u0958", "\u212b",
       "\u1e9b\u0323", "\u00a8", "\u037a", "\u2126",
       "ß", "ẞ", "ſ", "ŉ", "ﬅ", "\u0130", "I\u0307", "▁", "▁▁", "``", "''", "##x", "[UNK]", "\U0001f1e9",
       "\U0002f80c", "\u2f00",
       "\u3099", "か\u3099", "\u0e4d\u0e32", "\u0e33", "\u202e", "x" * 150, "é" * 120, "漢" * 40, "ab\u0301" * 60]

# Behind a byte without a token its offsets slip; byte tokens of unigram have the range of all unknown characters in a
# row.
LEFT_OUT = {"missing_bytes", "unigram_bytes"}
COMPATIBILITY = {"albert", "nfkc", "nfkd", "unigram_whole", "unigram_words"}


def judged(name, text):
    """The text without what the library does not place right."""
    if name in ("albert", "unigram_map"):  # what its map removes at the very start shifts everything
        text = text.lstrip("\u200b")
    if name == "unigram_map":  # a rule for a character takes the marks behind it along
        text = "".join(c for c in text if unicodedata.category(c)[0] != "M" and c not in "\u200d\u1161\u11a8")
    if name in COMPATIBILITY:  # a mark that moves before one out of a compatibility decomposition changes place with it
        text = text.replace("\u1e9b\u0323", "")
    if name == "trimmed":  # behind an added token, a space that was put in front is taken for the text's own
        text = text.replace("<|", "<").replace("<s>", "").replace("</s>", "")
    return text


def sample(rng, index):
    if index % 3 == 0:
        return base.text(rng, special=index % 9 == 0)
    parts = []
    for _ in range(rng.randint(0, 6)):
        choice = rng.random()
        if choice < 0.6:
            words = rng.choice(SENTENCES).split(" ")
            start = rng.randrange(len(words))
            parts.append(" ".join(words[start:start + rng.randint(1, 6)]))
        elif choice < 0.8:
            parts.append(rng.choice(ODD))
        else:
            parts.append(rng.choice(base.WORDS))
        if rng.random() < 0.7:
            parts.append(rng.choice(base.BLANKS) if rng.random() < 0.4 else " ")
    return "".join(parts)


def row(tokenizer, text):
    encoding = tokenizer.encode(text)
    places = [0]
    for character in text:
        places.append(places[-1] + len(character.encode()))
    unknown = {tokenizer.token_to_id(token) for token in ("<unk>", "[UNK]")}
    return {"text": text, "ids": encoding.ids, "offsets": [[places[a], places[b]] for a, b in encoding.offsets],
            "continues": [id not in unknown and continues(tokenizer.model, text, token, offsets)
                          for id, token, offsets in zip(encoding.ids, encoding.tokens, encoding.offsets)]}


def continues(model, text, token, offsets):
    """`is_subword` of transformers' TokenClassificationPipeline."""
    if getattr(model, "continuing_subword_prefix", None):
        return len(token) != len(text[offsets[0]:offsets[1]])
    return offsets[0] > 0 and " " not in text[offsets[0] - 1:offsets[0] + 1]


def fixture(name):
    with open(os.path.join(FIXTURES, name + ".json"), encoding="utf-8") as file:
        return json.load(file)


def processor(kind, **options):
    if kind == "RobertaProcessing":
        options.update(cls=["<|end|>", 0], sep=["<|im_start|>", 1])
    return dict(type=kind, trim_offsets=True, **options)


def derived():
    """Post-processors that trim, and ALBERT's normalizer."""
    roberta = fixture("added")
    roberta["normalizer"] = None
    roberta["post_processor"] = processor("RobertaProcessing", add_prefix_space=False)
    yield "roberta", roberta
    prefixed = fixture("prefixed")
    prefixed["added_tokens"] = [token for token in prefixed["added_tokens"] if token["special"]]
    prefixed["post_processor"] = processor("ByteLevel", add_prefix_space=True, use_regex=True)
    yield "trimmed", prefixed
    albert = fixture("unigram_map")
    replaced = [dict(type="Replace", pattern=dict(String=text), content='"') for text in ["``", "''"]]
    albert["normalizer"] = dict(type="Sequence", normalizers=[
        *replaced, dict(type="NFKD"), dict(type="StripAccents"), dict(type="Lowercase"),
        albert["normalizer"]["normalizers"][0]])
    yield "albert", albert


def every(more):
    for file in sorted(os.listdir(FIXTURES)):
        if file.endswith(".json") and file[:-5] not in LEFT_OUT:
            yield file[:-5], fixture(file[:-5])
    yield from derived()
    for path in more:
        with open(path, encoding="utf-8") as file:
            yield os.path.splitext(os.path.basename(path))[0], json.load(file)


def plain(data):
    """Without truncation and padding."""
    return Tokenizer.from_str(json.dumps(dict(data, truncation=None, padding=None)))


def compare(arguments):
    bundle, path = arguments.compare
    with open(path, encoding="utf-8") as file:
        tokenizer = plain(json.load(file))
    rng = random.Random(arguments.seed)
    texts = [sample(rng, index) for index in range(arguments.count)]
    lines = "".join(json.dumps(text) + "\n" for text in texts)
    command = arguments.cli.split() + ["tokenize", bundle, "--jsonl", "--offsets"]
    out = subprocess.run(command, input=lines.encode(), stdout=subprocess.PIPE, check=True).stdout.splitlines()
    same = other_ids = 0
    for text, line in zip(texts, out, strict=True):
        found, expected = json.loads(line), row(tokenizer, text)
        if found["ids"] != expected["ids"]:
            other_ids += 1
        elif found["offsets"] == expected["offsets"]:
            same += 1
        else:
            print(json.dumps(dict(expected, found=found["offsets"]), ensure_ascii=False))
    print(f"{same} of {len(texts) - other_ids} texts have the same offsets; {other_ids} texts with other ids left out")
    return 0 if same == len(texts) - other_ids else 1


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?")
    parser.add_argument("--count", type=int, default=12)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--more", nargs="*", default=[])
    parser.add_argument("--only", nargs="*", help="names")
    parser.add_argument("--compare", nargs=2)
    parser.add_argument("--cli", default="hardtack")
    arguments = parser.parse_args()
    if arguments.compare:
        return compare(arguments)
    os.makedirs(arguments.folder, exist_ok=True)
    for name, data in every(arguments.more):
        if arguments.only and name not in arguments.only:
            continue
        tokenizer = plain(data)
        path = os.path.join(arguments.folder, name)
        known = os.path.exists(os.path.join(FIXTURES, name + ".json"))
        if not known or os.path.abspath(arguments.folder) != os.path.join(FIXTURES, "Offsets"):
            with open(path + ".json", "w", encoding="utf-8") as out:
                json.dump(data, out, ensure_ascii=False, separators=(",", ":"))
        rng = random.Random(f"{arguments.seed} {name}")
        with open(path + ".jsonl", "w", encoding="utf-8") as out:
            for index in range(arguments.count):
                made = row(tokenizer, judged(name, sample(rng, index)))
                out.write(json.dumps(made, ensure_ascii=False, separators=(",", ":")) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
