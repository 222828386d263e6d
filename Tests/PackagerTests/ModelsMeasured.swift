// SPDX-License-Identifier: Apache-2.0
// What docs/models.md says that was measured: kept as text, no test computes it.

extension ModelsDocument {
  static let measured = [
    "## What a text costs, measured",
    "",
    "Millions of instructions of one text through the board's `tack`, one thread, as `Tools/count-instructions` counts",
    "them: all of `logits --ids`, less all of `plan`, which opens and checks the same bundle. MiniLM is",
    "all-MiniLM-L6-v2 as published; DistilBERT has the base model's shape and random weights.",
    "",
    "| bundle | instruction set | 16 tokens | 64 tokens | 128 tokens |",
    "|---|---|---|---|---|",
    "| MiniLM, q8 | aarch64 neon (Cortex-A53) | 80.1 M | 327.8 M | 676.3 M |",
    "| MiniLM, q8 | aarch64 dotprod (Cortex-A76) | 34.2 M | 144.2 M | 309.0 M |",
    "| MiniLM, q8 | x86-64 avx2 | 44.8 M | | |",
    "| MiniLM, f32 kept | aarch64 neon | 71.9 M | | 611.1 M |",
    "| DistilBERT, q8 | aarch64 neon | 293.5 M | | 2409.4 M |",
    "| DistilBERT, q8 | aarch64 dotprod | 114.2 M | | 974.4 M |",
    "| DistilBERT, f32 kept | aarch64 neon | 275.3 M | | |",
    "",
    "Counted under qemu, exactly: the machine where this was measured gives no counters of its processor, so there is",
    "nothing of avx512vnni. Empty cells were not measured. Instructions are no seconds: processors take more than one",
    "a cycle, and wait for memory besides.",
    "",
    "Memory of the same passes in MiB, by `Tools/test-memory BUNDLE…`, x86-64, one thread. Of the file those pages are",
    "resident that were read; the system can have them back.",
    "",
    "| bundle | file | tokens | arena planned | anonymous mapped | anonymous resident | of files resident |",
    "|---|---|---|---|---|---|---|",
    "| MiniLM, q8 | 25.3 | 128 | 1.7 | 1.8 | 1.6 | 15.6 |",
    "| MiniLM, q8 | 25.3 | 512 | 6.4 | 6.5 | 6.4 | 17.8 |",
    "| DistilBERT, q8 | 70.7 | 128 | 3.2 | 3.4 | 3.2 | 51.1 |",
    "| DistilBERT, q8 | 70.7 | 512 | 12.7 | 12.8 | 12.7 | 55.4 |",
    "",
  ]
}
