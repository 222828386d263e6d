# SPDX-License-Identifier: Apache-2.0
"""Fine-tunes all-MiniLM-L6-v2 to tag personal data: train.py MINILM OUTDIR [--texts N] [--seed N] [--threads N]

OUTDIR gets a checkpoint as save_pretrained writes it, and vocab.txt. One pass over texts that are made here; batches
of texts of about one length; word embeddings stay as they are, so that words which training never sees keep their place
among those that it does. Times are on standard error: of the clock and of the processor.
"""
import argparse
import math
import os
import random
import shutil
import sys
import time

import torch
import transformers

import texts

ENTITIES = list(texts.LABELS.values())
LABELS = ["O"] + [mark + entity for entity in ENTITIES for mark in ("B-", "I-")]
TOKENS_MAX = 256  # of a text, in training and in config: windows of that length are what the model knows
BATCH_TOKENS = 512
RATE = 3e-4


def say(*words):
    print("make-pii-model:", *words, file=sys.stderr, flush=True)


def tokenizer_of(folder):
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    tokenizer.backend_tokenizer.no_truncation()
    tokenizer.backend_tokenizer.no_padding()
    tokenizer.model_max_length = TOKENS_MAX
    return tokenizer


def marked(tokenizer, made):
    """Ids and label indexes of each text; the tokens around a text have no label."""
    rows = []
    found = tokenizer([text for text, _ in made], return_offsets_mapping=True, truncation=True, max_length=TOKENS_MAX)
    for number, (text, spans) in enumerate(made):
        labels, previous, at = [], None, 0
        for a, b in found["offset_mapping"][number]:
            if a == b:
                labels.append(-100)
                continue
            while at < len(spans) and spans[at][1] <= a:
                at += 1
            inside = at < len(spans) and spans[at][0] < b
            labels.append(LABELS.index(("I-" if previous == at else "B-") + spans[at][2]) if inside else 0)
            previous = at if inside else None
        rows.append((found["input_ids"][number], labels))
    return rows


def batches(rows, seed):
    """Rows of about one length together, at most BATCH_TOKENS of them with their padding; in a random order."""
    order = random.Random(seed)
    rows = sorted(rows, key=lambda row: (len(row[0]), order.random()))
    result, current = [], []
    for row in rows:
        if current and len(row[0]) * (len(current) + 1) > BATCH_TOKENS:
            result.append(current)
            current = []
        current.append(row)
    result.append(current)
    order.shuffle(result)
    return result


def tensors(batch):
    longest = max(len(ids) for ids, _ in batch)
    ids = torch.tensor([ids + [0] * (longest - len(ids)) for ids, _ in batch])
    labels = torch.tensor([labels + [-100] * (longest - len(labels)) for _, labels in batch])
    mask = torch.tensor([[1] * len(ids) + [0] * (longest - len(ids)) for ids, _ in batch])
    return dict(input_ids=ids, attention_mask=mask, labels=labels)


def fit(model, rows, seed):
    work = batches(rows, seed)
    model.bert.embeddings.word_embeddings.weight.requires_grad = False
    parameters = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(
        [dict(params=[p for p in parameters if p.ndim > 1], weight_decay=0.01),
         dict(params=[p for p in parameters if p.ndim < 2], weight_decay=0)], lr=RATE, betas=(0.9, 0.98))
    warmup = max(1, len(work) // 20)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: (step + 1) / warmup if step < warmup else
                                                 0.5 + 0.5 * math.cos(math.pi * (step - warmup) / (len(work) - warmup)))
    model.train()
    start, mean = time.time(), 0.0
    for number, batch in enumerate(work, 1):
        loss = model(**tensors(batch)).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1)
        optimizer.step()
        schedule.step()
        optimizer.zero_grad()
        mean += (loss.item() - mean) / min(number, 200)
        if number % 200 == 0 or number == len(work):
            elapsed = time.time() - start
            say(f"batch {number} of {len(work)}, loss {mean:.4f}, {elapsed:.0f} s,"
                f" about {elapsed / number * (len(work) - number):.0f} s to go")
    model.eval()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("minilm")
    parser.add_argument("outdir")
    parser.add_argument("--texts", type=int, default=40000)
    parser.add_argument("--seed", type=int, default=20)
    parser.add_argument("--threads", type=int, default=min(2, os.cpu_count() or 1))
    options = parser.parse_args()
    clock, processor = time.time(), time.process_time()
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    tokenizer = tokenizer_of(options.minilm)
    rows = marked(tokenizer, texts.training(options.texts, options.seed))
    say(f"{len(rows)} texts, {sum(len(ids) for ids, _ in rows)} tokens")
    model = transformers.AutoModelForTokenClassification.from_pretrained(
        options.minilm, id2label=dict(enumerate(LABELS)), label2id={label: n for n, label in enumerate(LABELS)},
        dtype=torch.float32, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0)  # no text comes twice
    fit(model, rows, options.seed)
    os.makedirs(options.outdir, exist_ok=True)
    model.save_pretrained(options.outdir)
    tokenizer.backend_tokenizer.no_truncation()  # that of marked() would travel in tokenizer.json
    tokenizer.save_pretrained(options.outdir)
    shutil.copyfile(os.path.join(options.minilm, "vocab.txt"), os.path.join(options.outdir, "vocab.txt"))
    say(f"{options.outdir}: {time.time() - clock:.0f} s, {time.process_time() - processor:.0f} s of processor time,"
        f" {options.threads} threads")


if __name__ == "__main__":
    main()
