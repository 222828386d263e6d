#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes Sources/Text/TemplateCaseTable.swift: lower case of Unicode's letters as runs, and what does not turn round.

    python3.11 Tools/make_template_case.py > Sources/Text/TemplateCaseTable.swift

With Python 3.11 (Unicode 14), because chat templates' reference texts come from there.
"""
import sys
import unicodedata

assert unicodedata.unidata_version == "14.0.0", unicodedata.unidata_version
POINTS = [c for c in range(0x80, 0x110000) if not 0xD800 <= c < 0xE000]
lower = {c: ord(chr(c).lower()) for c in POINTS if len(chr(c).lower()) == 1 and chr(c).lower() != chr(c)}
upper = {c: ord(chr(c).upper()) for c in POINTS if len(chr(c).upper()) == 1 and chr(c).upper() != chr(c)}
several = {c for c in POINTS if len(chr(c).upper()) > 1}


def runs(mapping):
    """(first, count, stride, first image) of code points with one distance."""
    points, out, i = sorted(mapping), [], 0
    while i < len(points):
        best = (1, 1)
        for stride in (1, 2):
            j = i
            while (j + 1 < len(points) and points[j + 1] == points[j] + stride
                   and mapping[points[j + 1]] - points[j + 1] == mapping[points[i]] - points[i]):
                j += 1
            best = max(best, (j - i + 1, stride))
        out.append((points[i], best[0], best[1], mapping[points[i]]))
        i += best[0]
    return out


def inverse(table, c):
    """Upper case by the first run whose images have c."""
    for first, count, stride, image in table:
        if image <= c < image + count * stride and (c - image) % stride == 0:
            return first + c - image
    return c


table = runs(lower)
exceptions = {c: upper.get(c, c) for c in POINTS
              if c not in several and inverse(table, c) != upper.get(c, c)}


def text(n, digits):
    return "".join(chr(48 + (n >> 6 * (digits - 1 - i) & 63)) for i in range(digits))


def literal(name, doc, encoded, width):
    print(f"  /// {doc}")
    print(f"  static var {name}: StaticString {{\n    #\"\"\"")
    step = 108 // width * width
    rows = [encoded[i:i + step] for i in range(0, len(encoded), step)]
    print("".join(f"    {row}" + ("\\#\n" if row is not rows[-1] else "\n") for row in rows), end="")
    print('    """#\n  }')


print("// SPDX-License-Identifier: Apache-2.0")
print("// Made by Tools/make_template_case.py from Unicode 14. Six bits of a number in a character, from 0x30.\n")
print("extension TemplateUnicode {")
literal("lowerRuns", "Eight characters a run: first (3), count (1 or more, 1), stride (1), first image (3).",
        "".join(text(f, 3) + text(min(n, 63), 1) + text(s, 1) + text(i, 3)
                for f, n, s, i in [(f + k * s, min(n - k, 63), s, i + k * s) for f, n, s, i in table
                                   for k in range(0, n, 63)]), 8)
print()
literal("upperExceptions", "Six characters each: a code point (3), its upper case (3), where runs read backwards err.",
        "".join(text(a, 3) + text(b, 3) for a, b in sorted(exceptions.items())), 6)
print("}")
print(len(table), "runs,", len(exceptions), "exceptions", file=sys.stderr)
