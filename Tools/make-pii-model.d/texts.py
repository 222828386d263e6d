# SPDX-License-Identifier: Apache-2.0
"""Texts with their entities: templates of texts/LANGUAGE.txt filled with values, joined to documents, made untidy."""
import os
import random
import re

from values import SEEN, UNSEEN, Values

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "texts")
LABELS = {"NAME": "NAME", "ORG": "ORGANISATION", "ADDRESS": "ADDRESS", "LOC": "LOCATION", "PHONE": "PHONE",
          "EMAIL": "EMAIL", "DATE": "DATE", "ID": "ID", "USER": "USERNAME"}
MAKERS = {"NAME": Values.name, "ORG": Values.organisation, "ADDRESS": Values.address, "LOC": Values.place,
          "PHONE": Values.phone, "EMAIL": Values.email, "DATE": Values.date, "ID": Values.identity, "USER": Values.user}
CHOICE = re.compile(r"\[([^\[\]]*\|[^\[\]]*)\]")
BRACES = re.compile(r"\{\{|\}\}|\{([A-Za-z]+)(?:\.([a-z]+))?\}")
WORD = re.compile(r"[^\W\d_]{3,}")
STAMPS = ["{DATE.iso} {clock}", "{DATE.stamp}", "{DATE.log} {clock}", "[{DATE.iso} {clock}]"]


def read(language):
    """The sections of a language's file: name to lines."""
    sections, current = {}, None
    with open(os.path.join(FOLDER, language + ".txt"), encoding="utf-8") as file:
        for line in file.read().splitlines():
            if re.fullmatch(r"\[[a-z]+\]", line):
                current = sections.setdefault(line[1:-1], [])
            elif line and current is not None and not line.startswith("# "):
                current.append(line.replace("\\n", "\n").replace("\\t", "\t"))
    return sections


def fill(template, values):
    """(text, spans): spans are (first character, character behind the last, label)."""
    template = CHOICE.sub(lambda found: values.random.choice(found.group(1).split("|")), template)
    template = template.replace("{stamp}", values.random.choice(STAMPS))
    text, spans, at = "", [], 0
    for found in BRACES.finditer(template):
        text += untidy(template[at:found.start()], values)
        at = found.end()
        key, kind = found.group(1), found.group(2)
        if key is None:
            text += found.group(0)[0]
        elif key in MAKERS:
            value = MAKERS[key](values, kind).strip()
            spans.append((len(text), len(text) + len(value), LABELS[key]))
            text += value
        else:
            text += values.plain(key)
    return text + untidy(template[at:], values), spans


def another(word, values):
    """A word of the language, with a capital where `word` has one."""
    made = values.plain("word")
    return made[:1].upper() + made[1:] if word[0].isupper() else made


def untidy(literal, values):
    """The words around entities, some of them another word of the language, and a slip now and then: what stands there
    is not to be learnt by heart. Never in what tests read."""
    if values.test:
        return literal
    literal = WORD.sub(lambda found: another(found[0], values) if values.chance(0.15) else found[0], literal)
    if not values.chance(0.06) or len(literal) < 8:
        return literal
    at = values.number(1, len(literal) - 2)
    if not literal[at].isalpha():
        return literal
    return literal[:at] + values.pick("", literal[at] * 2, values.random.choice("aeinrst")) + literal[at + 1:]


def trimmed(text, spans):
    """Without blanks around it."""
    lead = len(text) - len(text.lstrip())
    return text.strip(), [(a - lead, b - lead, label) for a, b, label in spans]


def joined(parts, between):
    text, spans = "", []
    for part, found in parts:
        text += between if text else ""
        spans += [(a + len(text), b + len(text), label) for a, b, label in found]
        text += part
    return text, spans


class Source:
    """Texts of some locales; `test` takes the templates and the list entries that training never sees."""

    def __init__(self, locales, seed, test):
        self.random = random.Random(seed)
        self.test = test
        self.locales = []
        section = "test" if test else "train"
        common = read("any")[section]
        for number, locale in enumerate(locales):
            lists = read(locale[:2])
            self.locales.append((Values(locale, lists, 1000 * seed + 10 * number, test), lists[section], common))

    def single(self, values, own, common):
        template = self.random.choice(common if self.random.random() < 0.2 else own)
        text, spans = trimmed(*fill(template, values))
        if not self.test and text.endswith(".") and values.chance(0.15) and (not spans or spans[-1][1] < len(text)):
            text = text[:-1]
        if not self.test and values.chance(0.05):
            mark = values.pick(">", "-", "*", "•", "1.", "a)", "NB:", "\"", "(")
            text, spans = joined([(mark, []), (text, spans)], " ")
        return text, spans

    def document(self, count):
        """`count` texts of one locale after one another."""
        values, own, common = self.random.choice(self.locales)
        between = self.random.choice([" ", " ", "\n", "\n", "\n\n", " - ", "  "]) if count > 1 else ""
        return joined([self.single(values, own, common) for _ in range(count)], between)


def training(count, seed):
    """`count` texts for training: half of them one template, the others two to seven. English twice as often."""
    locales = [locale for language in SEEN.values() for locale in language]
    source = Source(locales + ["en_US", "en_GB"], seed, test=False)
    return [source.document(1 if source.random.random() < 0.5 else source.random.randint(2, 7)) for _ in range(count)]


# What is judged: name, locales, whether templates are those of training.
def judged():
    return [("seen locales", [locale for language in SEEN.values() for locale in language]),
            ("unseen locales", [locale for language, all in UNSEEN.items() for locale in all if language != "sv"]),
            ("unseen language (Swedish)", UNSEEN["sv"])]


def test(locales, count, seed):
    """`count` texts on templates and list entries that training never sees."""
    source = Source(locales, seed, test=True)
    return [source.document(1 if source.random.random() < 0.7 else source.random.randint(2, 4)) for _ in range(count)]
