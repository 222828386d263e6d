#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes Sources/Packager/Tokenizers/UnicodeLater.swift: where Hugging Face's tokenizers go by an older Unicode.

    pip install tokenizers==0.23.3 unicodedata2==16.0.0
    Tools/make_unicode_later.py > Sources/Packager/Tokenizers/UnicodeLater.swift

Models have learnt from text that was cut and normalized so. Found by asking the library for each code point.
"""
import unicodedata2 as u
from tokenizers import Regex, normalizers, pre_tokenizers

ALL = [c for c in range(0x110000) if not 0xD800 <= c < 0xE000]
DECOMPOSED = normalizers.NFKD()
CANONICAL = normalizers.NFD()


def category(c):
    return u.category(chr(c))


def changed(normalizer, result):
    return {c for c in ALL if normalizer.normalize_str(chr(c)) == result}


def cut(pre, parts):
    return {c for c in ALL if len(pre.pre_tokenize_str("a" + chr(c) + "a")) == parts}


def ranges(values):
    out = []
    for c in sorted(values):
        if out and c == out[-1][1] + 1:
            out[-1][1] = c
        else:
            out.append([c, c])
    return " ".join("%X" % a if a == b else "%X-%X" % (a, b) for a, b in out)


def literal(name, doc, values):
    print(f"\n  /// {doc}\n  static let {name}: StaticString = \"\"\"")
    text, lines = ranges(values), [""]
    for word in text.split():
        if len(lines[-1]) + len(word) + 1 > 112:
            lines.append("")
        lines[-1] += word + " "
    for i, line in enumerate(lines):
        print(f"    {line.rstrip() if i + 1 == len(lines) else line}" + ("\\" if i + 1 < len(lines) else ""))
    print('    """')


def main():
    print("// SPDX-License-Identifier: Apache-2.0")
    print("// Code points that tokenizers take for something else than Unicode 16.0 does, in hexadecimal; written by")
    print("// Tools/make_unicode_later.py. `UnicodeProperties` reads them.\n")
    print("enum UnicodeLater {", end="")
    bert = normalizers.BertNormalizer
    ours = {c for c in ALL if category(c)[0] == "P"} | set(map(ord, "$+<=>^`|~"))
    theirs = cut(pre_tokenizers.Punctuation(), 3)
    literal("noPunctuation", "Punctuation of Unicode 16.0 that is none to them.", ours - theirs)
    literal("alsoPunctuation", "No punctuation of Unicode 16.0, but to them.", theirs - ours)
    ours = {c for c in ALL if category(c) == "Mn"}
    theirs = changed(bert(False, False, True, False), "")
    literal("noNonspacingMarks", "Mn of Unicode 16.0 that BERT's normalizer leaves.", ours - theirs)
    literal("alsoNonspacingMarks", "No Mn of Unicode 16.0, but taken by BERT's normalizer.", theirs - ours)
    ours = {c for c in ALL if category(c)[0] == "M"}
    theirs = changed(normalizers.StripAccents(), "")
    literal("noMarks", "M of Unicode 16.0 that StripAccents leaves.", ours - theirs)
    literal("alsoMarks", "No M of Unicode 16.0, but taken by StripAccents.", theirs - ours)
    ours = {c for c in ALL if category(c) in ("Cc", "Cf", "Co")} | {0, 0xFFFD}
    ours -= {9, 10, 13}
    theirs = changed(bert(True, False, False, False), "")
    assert not theirs - ours
    literal("noControl", "Control and format characters of Unicode 16.0 that BERT's normalizer leaves.", ours - theirs)
    later = {c for c in ALL if DECOMPOSED.normalize_str(chr(c)) != u.normalize("NFKD", chr(c))
             and CANONICAL.normalize_str(chr(c)) == u.normalize("NFD", chr(c))}
    literal("noCompatibility", "Compatibility decompositions of Unicode 16.0 that they do not know.", later)
    word = pre_tokenizers.Split(Regex(r"\w"), "removed")
    theirs = {c for c in ALL if len(word.pre_tokenize_str("." + chr(c) + ".")) > 1}
    ours = {c for c in ALL if category(c)[0] in "LM" or category(c) in ("Nd", "Nl", "Pc")}
    assert not ours - theirs
    doc = "In `\\\\w` besides letters, marks, decimal digits, letter numbers and connectors."
    literal("alsoWord", doc, theirs - ours)
    print("}")


main()
