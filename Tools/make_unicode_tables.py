#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes Sources/Packager/Tokenizers/UnicodeData.swift: what the tokenizer compiler knows about Unicode 16.0.

    pip install unicodedata2==16.0.0
    Tools/make_unicode_tables.py > Sources/Packager/Tokenizers/UnicodeData.swift

Version 16.0 because Hugging Face tokenizers' regex engine (Oniguruma, as of tokenizers 0.23) has that one.
"""
import sys
import unicodedata2 as u

assert u.unidata_version == "16.0.0", u.unidata_version
LAST = 0x10FFFF
CATEGORIES = ["Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd", "Nl", "No", "Pc", "Pd", "Ps", "Pe", "Pi", "Pf",
              "Po", "Sm", "Sc", "Sk", "So", "Zs", "Zl", "Zp", "Cc", "Cf", "Cs", "Co", "Cn"]
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ!#$%"


def base36(n):
    digits = ""
    while True:
        n, r = divmod(n, 36)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[r] + digits
        if n == 0:
            return digits


def runs(value):
    """(value, length) over all code points."""
    out, start, last = [], 0, value(0)
    for cp in range(1, LAST + 1):
        v = value(cp)
        if v != last:
            out.append((last, cp - start))
            start, last = cp, v
    out.append((last, LAST + 1 - start))
    return out


def literal(name, doc, text):
    print(f"  /// {doc}")
    print(f'  static let {name}: StaticString = """')
    width = 112
    lines = [text[i:i + width] for i in range(0, len(text), width)]
    for i, line in enumerate(lines):
        print(f"    {line}" + ("\\" if i + 1 < len(lines) else ""))
    print('    """')


def simple_fold(cp):
    """Simple case folding: CaseFolding's C and S rows. Where full folding has several characters, S is the lower case."""
    c = chr(cp)
    full = c.casefold()
    if len(full) == 1:
        return ord(full)
    lower = c.lower()
    return ord(lower) if len(lower) == 1 else cp


def main():
    general = "".join(LETTERS[CATEGORIES.index(v)] + (base36(n) if n > 1 else "")
                      for v, n in runs(lambda cp: u.category(chr(cp))))
    combining = "".join(f"{base36(v)}{'.' + base36(n) if n > 1 else ''} " for v, n in runs(lambda cp: u.combining(chr(cp))))
    folds = {}
    for cp in range(LAST + 1):
        if not 0xD800 <= cp < 0xE000:
            folds.setdefault(simple_fold(cp), set()).add(cp)
    orbits = " ".join(".".join(base36(c) for c in sorted(s | {f})) for f, s in sorted(folds.items()) if len(s | {f}) > 1)
    decompositions = []
    for cp in range(LAST + 1):
        d = u.decomposition(chr(cp))
        if d and not d.startswith("<"):
            parts = [int(x, 16) for x in d.split()]
            # A pair that does not compose again is excluded from composition.
            excluded = len(parts) == 1 or u.normalize("NFC", "".join(map(chr, parts))) != chr(cp)
            decompositions.append(base36(cp) + "".join(("!" if excluded else ".") + base36(p) for p in parts))
    print("// SPDX-License-Identifier: Apache-2.0")
    print("// Unicode 16.0 in short texts, written by Tools/make_unicode_tables.py. Numbers are base 36; `UnicodeProperties`")
    print("// reads them.\n")
    print("enum UnicodeData {")
    literal("generalCategories", "Runs from U+0000: a category (A … Z ! # $ % for Lu Ll Lt Lm Lo Mn Mc Me Nd … Cn), its length if over 1.", general)
    print()
    literal("combiningClasses", "Runs from U+0000: `class` or `class.length`, each followed by a space.", combining)
    print()
    literal("caseOrbits", "Code points with one simple case folding, joined by dots.", orbits)
    print()
    literal("decompositions", "Canonical decompositions, `cp.a.b`; `!` in place of `.` where the pair never composes again.", " ".join(decompositions))
    print("}")


if __name__ == "__main__":
    sys.exit(main())
