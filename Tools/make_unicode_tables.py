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
# Hugging Face tokenizers' normal forms are those of Unicode 9.0: what has a combining class or a decomposition and came
# later is left alone there, and models have learnt from such text. (Found by asking it for each code point.)
LATER = """7FD 897-89F 8CA-8D3 9FE C3C D3B-D3C EBA 1715 1ABF-1ACE 1DF6-1DFA A82C 10D24-10D27 10D69-10D6D 10EAB-10EAC
10EFD-10EFF 10F46-10F50 10F82-10F85 11070 1133B 113CE-113D0 1145E 11839-1183A 1193D-1193E 11943 119E0 11A34 11A47 11A99
11D42 11D44-11D45 11D97 11F41-11F42 1612F 16FF0-16FF1 1E08F 1E130-1E136 1E2AE 1E2EC-1E2EF 1E4EC-1E4EF 1E5EE-1E5EF
105C9 105E4 11383 11385 1138E 11391 113C5 113C7-113C8 11938 16121-16128 16D68-16D6A"""
NORMALIZED = set(range(LAST + 1)) - {
    cp for part in LATER.split() for cp in range(int(part.split("-")[0], 16), int(part.split("-")[-1], 16) + 1)}
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
    """Simple case folding, CaseFolding's C and S rows: where full folding has more characters, S is the lower case."""
    c = chr(cp)
    full = c.casefold()
    if len(full) == 1:
        return ord(full)
    lower = c.lower()
    return ord(lower) if len(lower) == 1 else cp


def main():
    general = "".join(LETTERS[CATEGORIES.index(v)] + (base36(n) if n > 1 else "")
                      for v, n in runs(lambda cp: u.category(chr(cp))))
    combining = "".join(f"{base36(v)}{'.' + base36(n) if n > 1 else ''} "
                        for v, n in runs(lambda cp: u.combining(chr(cp)) if cp in NORMALIZED else 0))
    folds = {}
    for cp in range(LAST + 1):
        if not 0xD800 <= cp < 0xE000:
            folds.setdefault(simple_fold(cp), set()).add(cp)
    orbits = " ".join(".".join(base36(c) for c in sorted(s | {f}))
                      for f, s in sorted(folds.items()) if len(s | {f}) > 1)
    decompositions = []
    for cp in range(LAST + 1):
        d = u.decomposition(chr(cp)) if cp in NORMALIZED else ""
        if d and not d.startswith("<"):
            parts = [int(x, 16) for x in d.split()]
            # A pair that does not compose again is excluded from composition.
            excluded = len(parts) == 1 or u.normalize("NFC", "".join(map(chr, parts))) != chr(cp)
            decompositions.append(base36(cp) + "".join(("!" if excluded else ".") + base36(p) for p in parts))
    print("// SPDX-License-Identifier: Apache-2.0")
    print("// Unicode 16.0 in short texts, written by Tools/make_unicode_tables.py. Numbers are base 36;")
    print("// `UnicodeProperties` reads them.\n")
    print("enum UnicodeData {")
    literal("generalCategories",
            "Runs from U+0000: a category (A … Z ! # $ % for Lu Ll Lt Lm Lo Mn Mc Me Nd … Cn), its length if over 1.",
            general)
    print()
    literal("combiningClasses", "Runs from U+0000: `class` or `class.length`, spaces between.", combining.rstrip())
    print()
    literal("caseOrbits",
            "Code points with one simple case folding, joined by dots.", orbits)
    print()
    literal("decompositions",
            "Canonical decompositions, `cp.a.b`; `!` in place of `.` where the pair never composes again.",
            " ".join(decompositions))
    print("}")


if __name__ == "__main__":
    sys.exit(main())
