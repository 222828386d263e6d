# SPDX-License-Identifier: Apache-2.0
"""What Tools/compare-boards asks encoders and encoder–decoders: the tests' fixtures, packed here, and their verbs."""
import json
import os
import struct

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
TASKS = os.path.join(ROOT, "Tests/CommandTests/Tasks")
ENCODERS = os.path.join(ROOT, "Tests/RuntimeTests/Fixtures/Encoders")
TEXTS = ["Ada Lovelace wrote to Charles in London.", "the café in Zürich opens at 9 o'clock, they say", "no",
         "Привет мир 🙂 and 東京 too", "a  b\tc   (d-e)  f/g [MASK] <mask>", "she works for the harbour of Rotterdam"]
LINES = "".join(json.dumps(text, ensure_ascii=False) + "\n" for text in TEXTS).encode()
LONG = ("Ada wrote to Zürich. " * 40).encode()
# name: folder, flags of pack, kind of questions
TRANSLATORS = {
    "marian": ("marian", "--weights keep", "translate"), "marian-q8": ("marian", "--weights q8", "translate"),
    "t5-relu-q8": ("t5-relu", "--weights q8 --task summarise", "summarise"),
    "t5-gated": ("t5-gated", "--weights keep --task translation_en_to_de", "translate"),
    "t5-gated-q8": ("t5-gated", "--weights q8 --task translation_en_to_de", "translate"),
}
HEADLESS = {"embed-bert": ("fill-bert", "cls."), "embed-distilbert": ("tag-lower", "classifier."),
            "embed-mpnet": ("fill-mpnet", "lm_head.")}


def headless(source, target, head):
    """A copy of a checkpoint without the tensors whose names begin with `head`: the model that embeds."""
    os.makedirs(target, exist_ok=True)
    for name in os.listdir(source):
        with open(os.path.join(source, name), "rb") as file:
            data = file.read()
        if name == "config.json":
            config = json.loads(data)
            config["architectures"] = ["Model"]
            data = json.dumps(config).encode()
        elif name == "model.safetensors":
            size, = struct.unpack("<Q", data[:8])
            tensors, kept, body = json.loads(data[8:8 + size]), {}, b""
            for key, tensor in sorted(tensors.items()):
                if key == "__metadata__" or key.startswith(head):
                    continue
                begin, end = tensor["data_offsets"]
                kept[key] = {**tensor, "data_offsets": [len(body), len(body) + end - begin]}
                body += data[8 + size + begin:8 + size + end]
            text = json.dumps(kept).encode()
            data = struct.pack("<Q", len(text)) + text + body
        with open(os.path.join(target, name), "wb") as file:
            file.write(data)
    return target


def sources(folder):
    """(name, folder of a checkpoint, flags of pack, kind of questions)"""
    for name in sorted(os.listdir(TASKS)):
        yield name, os.path.join(TASKS, name), "--weights q8", "task"
    for name, (source, head) in HEADLESS.items():
        copy = headless(os.path.join(TASKS, source), os.path.join(folder, "of-" + name), head)
        yield name, copy, "--weights q8", "embed"
    for name in sorted(os.listdir(ENCODERS)):
        yield name, os.path.join(ENCODERS, name), "--weights keep --no-tokenizer", "numbers"
        yield name + "-q8", os.path.join(ENCODERS, name), "--weights q8 --no-tokenizer", "numbers"
    for name, (source, flags, kind) in TRANSLATORS.items():
        yield name, os.path.join(ROOT, "Tests/RuntimeTests/Fixtures", source), flags, kind


def questions(kind, source, bundle):
    """(verb and flags, standard input, what is compared, who is asked: few are one of each machine, settings are every
    instruction set with several threads and chunks)"""
    yield ["plan", bundle, "--json", "-t", "2"], b"", "all", "few"
    yield ["inspect", bundle, "--json"], b"", "all", "few"
    yield from {"task": task, "embed": embed, "numbers": numbers, "translate": translate,
                "summarise": translate}[kind](kind, source, bundle)


def task(_, source, bundle):
    with open(os.path.join(source, "expected.json"), encoding="utf-8") as file:
        cases = json.load(file)
    verb = cases[0]["arguments"][0]
    for index, case in enumerate(cases):
        arguments = [case["arguments"][0], bundle, *case["arguments"][1:]]
        yield arguments, case["input"].encode(), "all", "settings" if index == 0 else "few"
    first, *_ = cases[0]["input"].splitlines()
    yield ["tokenize", bundle, "--offsets", "--jsonl"], LINES, "all", "all"
    yield [verb, bundle, "--jsonl", *cases[0]["arguments"][1:]], b'"a\xff"\n"no"\n""\n', "status", "few"
    if verb in ("classify", "tag"):
        yield [verb, bundle, *TEXTS[:2]], b"", "all", "few"
        yield [verb, bundle, TEXTS[1], "--json"], b"", "all", "few"
        yield [verb, bundle, ""], b"", "errors", "few"
        yield ["fill", bundle, "no"], b"", "errors", "few"
    if verb == "classify":
        yield [verb, bundle, LONG], b"", "errors", "few"
        yield [verb, bundle, LONG, "--truncate", "--all"], b"", "all", "few"
        yield [verb, bundle, "no", "--min-score", "0.99"], b"", "all", "few"
    if verb == "tag":
        yield [verb, bundle, "--jsonl", "--strategy", "first"], json.dumps(LONG.decode()).encode(), "all", "few"
        private = LONG + b" mail ann@example.com, call +49 30 901820, pay DE89 3704 0044 0532 0130 00\n"
        yield ["redact", bundle], private * 40, "all", "all"
        yield ["redact", bundle, "--strategy", "first", "--with", "\u2588", "--min-score", "0.5"], private, "all", "few"
        yield ["redact", "--patterns-only", "--key", bundle], private * 400, "all", "few"
        yield ["redact", "--patterns-only", "--only", "NAME"], private, "errors", "few"
    if verb == "answer":
        yield [verb, bundle, "--question", "Who?", "--context", "-", "--or-none"], LONG, "all", "few"
    if verb == "fill":
        yield [verb, bundle, "no mask in it"], b"", "errors", "few"


def embed(_, source, bundle):
    yield ["embed", bundle, "--jsonl"], LINES, "all", "settings"
    yield ["embed", bundle, TEXTS[1], "--no-normalize"], b"", "all", "few"
    yield ["rerank", bundle, "--query", "where is Ada", "--jsonl"], LINES, "all", "few"
    yield ["embed", bundle, LONG * 9], b"", "all", "few"
    yield ["embed", bundle, LONG * 9, "--long", "refuse"], b"", "errors", "few"
    for output in ("embedding", "last_hidden_state", "mean_pooled_l2", "cls_l2"):
        yield ["logits", bundle, "--ids", "2,9,17,33,5,3", "--hash", "--output", output], b"", "all", "few"


def numbers(_, source, bundle):
    with open(os.path.join(source, "ref.json")) as file:
        reference = json.load(file)
    for index, text in enumerate(reference["texts"]):
        ids = ["--ids", ",".join(map(str, text["ids"]))]
        types = ["--type-ids", ",".join(map(str, text["types"]))] if text["types"] else []
        yield ["logits", bundle, *ids, *types, "--hash"], b"", "all", "settings" if index else "few"
        if index == 0:
            yield ["logits", bundle, *ids, "--hash", "--output", "last_hidden_state"], b"", "all", "all"
            for output in reference["outputs"]:
                yield ["logits", bundle, *ids, "--output", output], b"", "all", "few"
    yield ["logits", bundle, "--ids", "1,2,99", "--hash"], b"", "errors", "few"
    yield ["logits", bundle, "--ids", "1,2", "--type-ids", "0,9", "--hash"], b"", "errors", "few"
    yield ["logits", bundle, "--ids", "1,2", "--output", "nonesuch"], b"", "errors", "few"


def translate(verb, source, bundle):
    text = "the ship is in the harbour. Where does she lie today?"
    yield [verb, bundle, text, "-n", "8", "--json"], b"", "all", "settings"
    yield [verb, bundle, text, "-n", "6", "--json", "--beam", "3", "--length-penalty", "0.6"], b"", "all", "all"
    yield [verb, bundle, "-n", "4"], (text + "\n\nno\n").encode(), "all", "few"
    yield [verb, bundle, "a" * 400, "-n", "3"], b"", "all", "few"
    yield [verb, bundle, text, "--beam", "17"], b"", "errors", "few"
    yield ["tokenize", bundle, "--offsets", "--jsonl"], LINES, "all", "few"
    yield ["plan", bundle, "--json", "--context", "32", "-t", "2"], b"", "all", "few"


# Verbs whose lines are independent of one another: each line gives alone what it gives among others.
MASKED = ["the [MASK] <mask> is", "in Oslo <mask> [MASK] and more of it", "[MASK]<mask>"]
STREAMS = {"classify": ([], TEXTS), "tag": (["--jsonl"], TEXTS), "embed": (["--jsonl"], TEXTS),
           "fill": (["--jsonl"], MASKED)}


def stream(name):
    """(verb, flags, lines) of a bundle whose verb reads lines; nothing for others."""
    verb = name.split("-")[0]
    if verb not in STREAMS:
        return None
    flags, texts = STREAMS[verb]
    lines = [json.dumps(text) if flags else text.replace("\t", " ") for text in texts]
    return verb, flags, [line.encode() + b"\n" for line in lines]
