# SPDX-License-Identifier: Apache-2.0
"""Judges a tagger: judge.py MODEL [--hardtack PATH] [--texts N] [--misses N]

F1 by entity (a span counts when its label, first and last character are all right) on texts of templates, locales and
seeds that training never sees, with transformers' pipeline in float32; with --hardtack also after packing, kept and
with --weights q8, and how many texts have the same spans as the pipeline gives, for the strategies simple and first.
"""
import argparse
import collections
import json
import os
import subprocess
import sys
import tempfile

import torch
import transformers

import texts
from train import ENTITIES, TOKENS_MAX, say, tokenizer_of

SEEDS = (7001, 7002, 7003)  # of no training text
STRATEGIES = ("simple", "first")
KINDS = {"kept": [], "q8": ["--weights", "q8"]}


def sets(count, tokenizer):
    """Name to texts with their spans. What is over the pipeline's length would be cut by it: left out, and said."""
    result = {}
    for seed, (name, locales) in zip(SEEDS, texts.judged()):
        made = texts.test(locales, count // 4 if "Swedish" in name else count, seed)
        short = [row for row in made if len(tokenizer(row[0])["input_ids"]) <= TOKENS_MAX]
        if len(short) < len(made):
            say(f"{name}: {len(made) - len(short)} of {len(made)} texts have over {TOKENS_MAX} tokens and are left out")
        result[name] = short
    return result


def piped(pipe, lines):
    """Spans that transformers' pipeline gives, by strategy; one text at a time, its logits computed once for all."""
    spans = {strategy: [] for strategy in STRATEGIES}
    for line in lines:
        with torch.no_grad():
            outputs = [pipe.forward(inputs) for inputs in pipe.preprocess(line, is_split_into_words=False)]
        for strategy in STRATEGIES:
            entities = pipe.postprocess(outputs, aggregation_strategy=transformers.pipelines.token_classification
                                        .AggregationStrategy(strategy))
            spans[strategy].append([(int(e["start"]), int(e["end"]), e["entity_group"]) for e in entities])
    return spans


def tagged(hardtack, bundle, lines, strategy):
    """Spans that `hardtack tag` gives. A line that it refuses has none, and is said."""
    done = subprocess.run([hardtack, "tag", bundle, "--jsonl", "--json", "--strategy", strategy, "--threads", "1"],
                          input="".join(json.dumps(line) + "\n" for line in lines), capture_output=True, text=True)
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    if len(rows) != len(lines) or None in rows:
        sys.exit(f"judge: hardtack answered {len(rows)} of {len(lines)} lines, exit {done.returncode}:\n{done.stderr}")
    return [[(*e["characters"], e["entity"]) for e in row] for row in rows]


class Score:
    """Right, found and wanted spans by entity; characters of any entity that some span covers."""

    def __init__(self, wanted, found):
        self.right, self.found, self.wanted = (collections.Counter() for _ in range(3))
        self.covered = self.taken = self.planted = self.false = 0
        for want, have in zip(wanted, found):
            self.wanted.update(label for _, _, label in want)
            self.found.update(label for _, _, label in have)
            self.right.update(label for _, _, label in set(want) & set(have))
            inside = {at for a, b, _ in want for at in range(a, b)}
            taken = {at for a, b, _ in have for at in range(a, b)}
            self.planted, self.taken, self.covered = (
                self.planted + len(inside), self.taken + len(taken), self.covered + len(inside & taken))
            self.false += not want and bool(have)
        self.empty = sum(not want for want in wanted)

    def f1(self, label=None):
        """In per cent; of all entities together without a label."""
        right, found, wanted = ((c[label] if label else c.total()) for c in (self.right, self.found, self.wanted))
        return 100 * 2 * right / max(1, found + wanted)


def print_scores(name, columns):
    """One table: a row for each entity, a column for each way of running the model."""
    print(f"\n{name}\n")
    print("| entity | spans | " + " | ".join(columns) + " |\n|---|---|" + "---|" * len(columns))
    first = next(iter(columns.values()))
    for label in ENTITIES:
        if first.wanted[label]:
            row = " | ".join(f"{score.f1(label):.2f}" for score in columns.values())
            print(f"| {label} | {first.wanted[label]} | {row} |")
    print(f"| all | {first.wanted.total()} | " + " | ".join(f"{score.f1():.2f}" for score in columns.values()) + " |")
    print(f"| characters of entities in any span, % | {first.planted} | "
          + " | ".join(f"{100 * s.covered / max(1, s.planted):.2f}" for s in columns.values()) + " |")
    print(f"| characters of spans in any entity, % | | "
          + " | ".join(f"{100 * s.covered / max(1, s.taken):.2f}" for s in columns.values()) + " |")
    print(f"| texts without entities that got one | {first.empty} | "
          + " | ".join(str(s.false) for s in columns.values()) + " |", flush=True)


def print_equal(strategy, kind, lines, reference, found):
    same = sum(a == b for a, b in zip(reference, found))
    print(f"\n{kind}, strategy {strategy}: {same} of {len(lines)} texts have the pipeline's spans"
          f" ({100 * same / len(lines):.3f} %)")
    if kind == "kept":
        for line, a, b in list((row for row in zip(lines, reference, found) if row[1] != row[2]))[:10]:
            print("  text", json.dumps(line, ensure_ascii=False))
            print("    pipeline alone", [(e, line[e[0]:e[1]]) for e in a if e not in b])
            print("    hardtack alone", [(e, line[e[0]:e[1]]) for e in b if e not in a], flush=True)


def packed(hardtack, model, work):
    """Paths of the bundles by kind."""
    bundles = {}
    for kind, flags in KINDS.items():
        bundles[kind] = os.path.join(work, f"pii-{kind}.tack")
        say("packs", bundles[kind])
        subprocess.run([hardtack, "pack", model, "-o", bundles[kind], *flags], check=True, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)
    return bundles


def misses(made, found, count):
    """The first texts on which the model is wrong, to see what it misses."""
    for (line, want), have in zip(made, found):
        if set(want) != set(have) and count:
            count -= 1
            print("  ", json.dumps(line, ensure_ascii=False))
            print("      missed", [(line[a:b], label) for a, b, label in want if (a, b, label) not in have])
            print("      instead", [(line[a:b], label) for a, b, label in have if (a, b, label) not in want])


def judge(name, made, pipe, options, bundles):
    """All figures of one set."""
    lines, wanted = [line for line, _ in made], [spans for _, spans in made]
    say(f"{name}: {len(lines)} texts")
    reference = piped(pipe, lines)
    for strategy, spans in reference.items():
        found = {kind: tagged(options.hardtack, bundle, lines, strategy) for kind, bundle in bundles.items()}
        columns = {"PyTorch float32": spans} | {"hardtack " + kind: tags for kind, tags in found.items()}
        print_scores(f"{name}, {len(lines)} texts, strategy {strategy}",
                     {key: Score(wanted, tags) for key, tags in columns.items()})
        for kind, tags in found.items():
            print_equal(strategy, kind, lines, spans, tags)
    misses(made, reference["first"], options.misses)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("--hardtack")
    parser.add_argument("--texts", type=int, default=2000)
    parser.add_argument("--misses", type=int, default=0, help="print so many texts of each set on which it is wrong")
    options = parser.parse_args()
    torch.set_num_threads(1)  # a text is small: more threads wait for one another
    tokenizer = tokenizer_of(options.model)
    model = transformers.AutoModelForTokenClassification.from_pretrained(options.model, dtype=torch.float32).eval()
    pipe = transformers.pipeline("token-classification", model=model, tokenizer=tokenizer, device="cpu")
    with tempfile.TemporaryDirectory() as work:
        bundles = packed(options.hardtack, options.model, work) if options.hardtack else {}
        for name, made in sets(options.texts, tokenizer).items():
            judge(name, made, pipe, options, bundles)


if __name__ == "__main__":
    main()
