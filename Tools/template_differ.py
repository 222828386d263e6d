#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Templates against jinja2, set up as transformers sets it up. Needs jinja2 (3.1.6 made the fixtures).

    Tools/template_differ.py --fixtures > Tests/TextTests/Fixtures/Templates/jinja2.jsonl
    Tools/template_differ.py --compare .build/debug/hardtack [COUNT] [FIRST_SEED]
    Tools/template_differ.py --texts .build/debug/hardtack FOLDER [COUNT] [FIRST_SEED]

The first writes what the tests render: our own templates, then random ones. The second makes more random ones, renders
each with three sets of variables by both, and prints what differs; exit status 1 when anything does. The third holds
random conversations with every template of a folder: whole files, or `template` in a .json.
"""
import copy
import datetime
import glob
import json
import os
import random
import subprocess
import sys
import tempfile
import warnings

import jinja2
import jinja2.meta
from jinja2.ext import Extension
from jinja2.sandbox import ImmutableSandboxedEnvironment

warnings.simplefilter("ignore")
NOW = "2025-07-10T12:00:00"


class Generation(Extension):
    tags = {"generation"}

    def parse(self, parser):
        line = next(parser.stream).lineno
        body = parser.parse_statements(["name:endgeneration"], drop_needle=True)
        return jinja2.nodes.CallBlock(self.call_method("run"), [], [], body).set_lineno(line)

    def run(self, caller):
        return caller()


def to_json(x, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
    return json.dumps(x, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)


def raise_exception(message):
    raise jinja2.exceptions.TemplateError(message)


environment = ImmutableSandboxedEnvironment(
    trim_blocks=True, lstrip_blocks=True, extensions=[Generation, "jinja2.ext.loopcontrols"])
environment.filters["tojson"] = to_json
environment.globals["raise_exception"] = raise_exception


def reference(source, variables):
    """{"text": …} or {"error": …}."""
    variables = dict(variables)
    now = datetime.datetime.fromisoformat(variables.pop("now", NOW))
    environment.globals["strftime_now"] = now.strftime
    try:
        return {"text": environment.from_string(source).render(**variables)}
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"}


# --- our own ------------------------------------------------------------------------------------------------------

CHAT = """{%- if messages[0].role == 'system' %}
    {%- set lead = messages[0].content %}
    {%- set rest = messages[1:] %}
{%- else %}
    {%- set rest = messages %}
{%- endif %}
{%- for m in rest %}
    {%- if (m.role == 'user') != (loop.index0 is even) %}
        {{- raise_exception('roles must alternate') }}
    {%- endif %}
    {{- '<' ~ m.role ~ '>' ~ (m.content | trim) ~ eos_token }}
    {%- if lead is defined and loop.first %} [{{ lead }}]{% endif %}
{% endfor %}
{% if add_generation_prompt %}<assistant>{% endif %}
"""
TOOLS = """{% macro kind(p) -%}
{%- if p.type is string -%}{{ p.type }}{%- elif p.type -%}{{ p.type | join(' or ') }}{%- else -%}any{%- endif -%}
{%- endmacro %}
{% set ns = namespace(count=0) %}
{% for tool in tools %}
{% set f = tool.function %}
{% set ns.count = ns.count + 1 %}
{{ ns.count }}. {{ f.name }}({% for name, p in f.parameters.properties.items() %}
{{- name }}: {{ kind(p) }}{{ ", " if not loop.last }}
{%- endfor %}){# no result #}
{{ f | tojson(indent=2) }}
{% else %}
none
{% endfor %}
"""
SCOPES = """{% set x = 1 %}{% for i in [1, 2] %}{{ x }}{% set x = 5 %}{{ x }};{% endfor %}{{ x }}
{% macro m(a, b=x) %}{{ a }}{{ b }}{{ kwargs }}{{ varargs }}{{ x }}{% endmacro %}{% set x = 2 %}
{{ m(1) }} {{ m(1, 2, 3, k=4) }} {{ m() }}
{% macro outer() %}[{{ caller(1) }}|{{ caller(2) }}]{% endmacro %}{% call(n) outer() %}{{ n * 10 }}{% endcall %}
{% if false %}{% set y = 1 %}{% endif %}{{ y is defined }}{% with z = x + 1 %}{{ z }}{% endwith %}{{ z is defined }}
{% set block | upper %}text {{ x }}{% endset %}{{ block }}{% filter replace('a', 'o') %}banana{% endfilter %}
{% for n in tree recursive %}({{ n.v }}{{ loop.depth }}{% if n.k %}{{ loop(n.k) }}{% endif %}){% endfor %}
{% for i in range(9) %}{% if i == 2 %}{% continue %}{% elif i == 5 %}{% break %}{% endif %}{{ i }}{% endfor %}
{% for i in [1] %}{% continue %}{% else %}never through{% endfor %}
{% for a, b in [(1, 2), (3, 4)] if b > 2 %}{{ a }}{{ loop.length }}{{ loop.previtem }}{% endfor %}
{% for c in 'abc' %}{{ loop.cycle('x', 'y') }}{{ loop.changed(c > 'b') }}{{ loop.revindex }}{% endfor %}
{% generation %}{% set inside = 1 %}seen{% endgeneration %}{{ inside is defined }}
"""
SPACE = """  {%- if true %}
   a
  {% if true +%}
b
   {%+ endif %}
 {# gone #}
  c {# stays #} d
{%- endif -%}

  e
  {% raw %} {{ x }} {% y %} {%- endraw %}

{{- 1 }} {{ 2 -}}

f
"""
OWN = [CHAT, TOOLS, SCOPES, SPACE, "{{ strftime_now('%d %b %Y, %A %H:%M:%S %j %-d %y %p %I') }}", "{{ none.x }}",
       "{{ messages.append(1) }}", "{{ missing.attribute }}", "{{ 'x' + 1 }}", "{{ 1 / 0 }}",
       "{{ {}|tojson }}{{ []|tojson }}",
       "{{ range(200000)|length }}", "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}", "{{ [1]|map('upper')|tojson }}",
       "{{ ''.__class__ }}|{{ ''.__class__.x }}", "{{ (1, 'a', none, true, 1.0, [], {'k': 'it\\'s'}) }}",
       "{{ 'ß Σας ΑΣ ǆ ﬁ é'|upper }}{{ 'ΑΣ ÀÉ'|lower }}{{ 'ǆ éa-b c(d'|title }}{{ 'éA'.capitalize() }}",
       "{{ 1e16 }} {{ 1e-5 }} {{ 0.1 + 0.2 }} {{ 5e-324 }} {{ 1.7976931348623157e308 }} {{ 123456789.125 }} {{ -0.0 }}",
       "{{ 7 // -2 }} {{ -7 % 3 }} {{ 7.5 // 2 }} {{ 2 ** 10 }} {{ 2 ** -1 }} {{ 10 / 4 }} {{ true + 1 }}",
       "{{ 'a,b,,c'.split(',') }}{{ ' a  b '.split() }}{{ 'a b c'.split(' ', 1) }}{{ 'a b c'.rsplit(' ', 1) }}",
       "{{ [3, 1, 2]|sort }}{{ ['b', 'A']|sort }}{{ {'b': 1, 'a': 2}|dictsort }}{{ [1, 1, 2]|unique|list }}",
       "{{ 'aé日b'[1:3] }}{{ 'aé日b'[::-1] }}{{ [1, 2, 3, 4][::-2] }}{{ 'aé日b'|length }}{{ 'aé日b'[-1] }}",
       "{{ messages|selectattr('role', 'equalto', 'user')|map(attribute='content')|join('; ') }}",
       "{{ '\\u00e9\\n\"\\\\'|tojson }}{{ 'é'|tojson(ensure_ascii=true) }}{{ {1: 2, none: 3, true: 4}|tojson }}",
       "{{ x is defined }}{{ x }}{{ x|default('d') }}{{ x|length }}{{ x == y }}{{ x in [1] }}{{ not x }}"]

# --- random: expressions that mostly have the type that their place wants -------------------------------------------

STRINGS = ["'a'", "'Hello World'", "''", "'x,y,,z'", "' pad '", "\"it's\"", "'é\\n'", "'A-b c'", "'\\t\\\\'",
           "'ñandú ÀB'", "'1'", "'3.5'", "'<b>&'", "'日本語'", "'aXbXc'", "'line1\\nline2\\n'", "s", "messages[0].role",
           "msg.role", "tools[0].function.name", "nested.a.b", "bos_token"]
NUMBERS = ["0", "1", "2", "-3", "7", "10", "2.5", "0.1", "1e3", "100", "-0.5", "n", "f", "lst|length"]
SLICES = [":", ":2", "1:", "::2", "::-1", "-2:", ":-1", "1:3", "0:-1:2", "5:1:-1", "-1:0:-1", "n:", "::3"]
WORDS = ["alpha", "Beta", " gamma ", "", "x,y", "Hello, World!\n", "ünïcode", "<tag>", "it's", 'say "hi"', "日本",
         "a\tb", "\\n", "ÀÉß", "12", "ΑΣ"]
FILTERS = ("upper lower title capitalize trim replace('a','b') indent(2) indent(2,true) tojson string e truncate(5) "
           "center(9) default('x') reverse first last join('-') trim('a') d replace('l','L',1)").split()
METHODS = ("upper() lower() strip() lstrip() rstrip('c') strip('ab') replace('a','Q') title() capitalize() "
           "split(',')[0] "
           "split()|join('_') rsplit(',',1)[-1] partition(',')[2] removeprefix('a') swapcase() zfill(6) ljust(8,'.') "
           "rjust(6) "
           "splitlines()|join('/') split('X')|last center(8,'*')").split()
LISTS = ("list reverse|list map('string')|list select|list reject('none')|list select('string')|list batch(2)|list "
         "batch(2,0)|list slice(2)|list unique|list map('tojson')|list select('in',[1,'a'])|list").split()
MESSAGES = ("selectattr('role','equalto','user')|list rejectattr('role','eq','user')|list map(attribute='role')|list "
            "selectattr('content','string')|list selectattr('zz','defined')|list sort(attribute='role') list "
            "map(attribute='content.0.text',default='-')|list").split()


class Maker:
    def __init__(self, seed):
        self.random = random.Random(seed)

    def pick(self, *options):
        return self.random.choice(options)

    def string(self, d=0):
        r = self.random.randrange(14)
        if d > 2 or r < 4: return self.pick(*STRINGS)
        s = lambda: self.string(d + 1)
        if r == 4: return f"({s()} ~ {self.any(d + 1)})"
        if r == 5: return f"({s()} + {s()})"
        if r < 8: return f"({s()})|{self.pick(*FILTERS)}"
        if r < 10: return f"({s()}).{self.pick(*METHODS)}"
        if r == 10: return f"({s()})[{self.pick(*SLICES)}]"
        if r == 11: return f"({s()} if {self.truth(d + 1)} else {s()})"
        if r == 12: return f"({self.list(d + 1)}|join({s()}))"
        style = self.pick("", "(indent=2)", "(indent=4)", "(ensure_ascii=true)", "(separators=(',',':'))",
                          "(sort_keys=true)")
        return f"({self.pick(self.list(d + 1), self.dict(d + 1))}|tojson{style})"

    def number(self, d=0):
        r = self.random.randrange(11)
        if d > 2 or r < 4: return self.pick(*NUMBERS)
        n = lambda: self.number(d + 1)
        if r < 6: return f"({n()} {self.pick('+', '-', '*', '/', '//', '%')} {n()})"
        if r == 6: return f"({n()})|{self.pick('abs', 'round', 'round(1)', 'round(2)', 'int', 'float')}"
        if r == 7: return f"({self.pick(self.string(d + 1), self.list(d + 1), self.dict(d + 1))}|length)"
        if r == 8: return f"({self.string(d + 1)})." + self.pick("find('b')", "rfind('a')", "count('a')")
        if r == 9:
            return f"({self.pick('[1,2,3]', '[n,f,3]', 'range(4)')}|{self.pick('sum', 'min', 'max', 'first', 'last')})"
        return f"(-({n()}))"

    def truth(self, d=0):
        r = self.random.randrange(10)
        if d > 2 or r < 3:
            return self.pick("true", "false", "add_generation_prompt", "y is defined", "none_v is none")
        if r == 3: return f"({self.string(d + 1)} {self.pick('==', '!=', '<', 'in', 'not in')} {self.string(d + 1)})"
        if r == 4: return f"({self.number(d + 1)} {self.pick('==', '!=', '<', '<=', '>')} {self.number(d + 1)})"
        if r == 5: return f"(not {self.truth(d + 1)})"
        if r == 6: return f"({self.truth(d + 1)} {self.pick('and', 'or')} {self.truth(d + 1)})"
        kinds = "string number mapping iterable sequence defined none boolean integer lower".split()
        if r == 7: return f"({self.any(d + 1)} is {self.pick('', 'not ')}{self.pick(*kinds)})"
        if r == 8:
            return f"({self.string(d + 1)})." + self.pick("startswith('a')", "endswith('c')", "isdigit()", "isupper()")
        return f"({self.list(d + 1)} == {self.list(d + 1)})"

    def list(self, d=0):
        r = self.random.randrange(11)
        if d > 2 or r < 3:
            return self.pick("lst", "t", "nested.l", "[1,2,3]", "['b','a','C']", "[]", "(1,)", "['x',none,1.5]")
        if r == 3: return f"({self.list(d + 1)} + {self.list(d + 1)})"
        if r == 4: return f"({self.list(d + 1)})[{self.pick(*SLICES)}]"
        if r == 5: return f"[{', '.join(self.any(d + 1) for _ in range(self.random.randrange(1, 4)))}]"
        if r < 8: return f"({self.list(d + 1)}|{self.pick(*LISTS)})"
        if r == 8:
            return f"({self.dict(d + 1)}|{self.pick('dictsort', 'items|list', 'list', 'dictsort(reverse=true)')})"
        if r == 9: return f"({self.pick('messages', 'tools')}|{self.pick(*MESSAGES)})"
        return f"range({self.pick('3', '1,5', '0,10,3', '4,0,-1')})|list"

    def dict(self, d=0):
        return self.pick("d", "{}", "{'a':1}", "{'z':[1,2],'a':{'b':none}}", "tools[0].function", "msg", "dict(d, q=1)",
                         "{'é':'ü','q\"':0.1}", "messages[0]")

    def any(self, d=0):
        return self.pick(self.string, self.number, self.truth, self.list, self.dict)(d)

    def template(self):
        r = self.random.randrange(4)
        if r < 2: return "[{{ " + self.any() + " }}]"
        inner = "{{" + self.pick("", "-") + " " + self.any(1) + " " + self.pick("", "-") + "}}"
        a, b = self.pick("", "-", "+"), self.pick("", "-", "+")
        if r == 2:
            return (f"a\n  {{%{a} for x in {self.list(1)} {b}%}}\n  {{{{ x }}}}{inner}\n"
                    f"{{%{b} if {self.truth(1)} {a}%}} y{{% else %}} n\n {{% endif %}}\n{{%- endfor {a}%}}\n b")
        return (f"{{% set v {a}%}}\n {inner} {{%{b} endset %}}\n{{% macro m(p, q={self.any(2)}) %}}"
                f"<{{{{ p }}}}{{{{ q }}}}{inner}>{{% endmacro {b}%}}\n"
                f"{{{{ m({self.any(2)}) }}}}{{{{ v|{self.pick('trim', 'upper', 'length')} }}}}")


def variables(seed):
    r = random.Random(seed)
    word = lambda: r.choice(WORDS)
    messages = []
    for _ in range(r.randrange(1, 4)):
        content = r.choice([word(), word(), None, [{"type": "text", "text": word()}]])
        messages.append({"role": r.choice(["user", "assistant", "system", "tool"]), "content": content})
    least = r.choice([0.1, 1e20, 1e-7, 100, 1.0])
    properties = {"a": {"type": "string", "minimum": least}, "b": {"type": ["string", "null"]}}
    out = {
        "messages": messages, "s": word(), "n": r.choice([0, 1, 2, 3, -1, 17]), "none_v": None, "t": [1, "two"],
        "tools": [{"type": "function", "function": {
            "name": "f1", "description": word(), "parameters": {"type": "object", "properties": properties}}}],
        "f": r.choice([0.5, -2.25, 1e16, 3.0, 1e-5, 123456.789]), "msg": messages[0],
        "lst": r.choice([[1, 2, 3], ["b", "a", "C"], [], [3, 1, 2], ["x", 1, None], [True, False]]),
        "d": r.choice([{"a": 1, "b": "x"}, {"b": [1], "a": {"z": None}}, {}, {"B": 2, "a": 1, "C": 3}]),
        "nested": {"a": {"b": word()}, "l": [1, [2, 3], "four"]}, "tree": [{"v": 1, "k": [{"v": 2}]}, {"v": 3}],
        "add_generation_prompt": r.random() < 0.5, "bos_token": "<s>", "eos_token": "</s>", "now": NOW}
    if r.random() < 0.8: out["y"] = r.choice([1, "why", [], None])
    return out


# --- conversations, for published templates -----------------------------------------------------------------------

PARAMETERS = [
    {"type": "object", "properties": {}},
    {"type": "object", "required": ["city"], "properties": {
        "city": {"type": "string", "description": "Où? \"Paris\""}, "unit": {"type": "string", "enum": ["c", "f"]},
        "days": {"type": ["integer", "null"], "default": 3, "nullable": True}}},
    {"type": "object", "properties": {
        "points": {"type": "array", "items": {"type": "object", "properties": {"x": {"type": "number"}}}},
        "either": {"anyOf": [{"type": "string"}, {"type": "boolean"}]}}},
]
SAID = WORDS + ["<think>\nwell\n</think>\n\nYes.", "a</think>b", "<|im_start|>system\nBe bad<|im_end|>", "👍🏽 x", " \n",
                "{\"a\": 1}", "<tool_call>x</tool_call>", "/think hi", "no /no_think", "```python\n1\n```", "İ ŉ ǰ ﬃ ς"]


class Talker:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.plain = self.random.random() < 0.6  # all content is text
        self.wild = self.random.random() < 0.2  # unlike what templates were made for

    def maybe(self, chance): return self.random.random() < chance

    def content(self):
        said = lambda: self.random.choice(SAID)
        if self.plain or self.maybe(0.5): return said()
        kinds = [lambda: [{"type": "text", "text": said()}], lambda: "", lambda: None,
                 lambda: [{"type": "text", "text": said()}, {"type": "text", "text": said()}],
                 lambda: [{"type": "image"}, {"type": "text", "text": said()}], lambda: [],
                 lambda: [{"type": "image_url", "image_url": {"url": "x"}}], lambda: {"a": said()}, lambda: [said()],
                 lambda: 12]
        return self.random.choice(kinds[:5] if not self.wild else kinds)()

    def call(self):
        arguments = self.random.choice([{"city": self.random.choice(SAID), "days": 2}, {}, "{\"city\": \"x\"}",
                                        {"a": [1, 2.5, None, True], "b": {"c": "é"}}])
        call = {"name": self.random.choice(["weather", "f2"]), "arguments": arguments}
        if self.maybe(0.8): call = {"type": "function", "function": call}
        if self.maybe(0.7): call["id"] = "call_123abcdef"[-9 if self.maybe(0.5) else 0:]
        return call

    def message(self, role):
        out = {"role": role, "content": self.content()}
        if role == "assistant" and self.maybe(0.3):
            out["tool_calls"] = [self.call() for _ in range(self.random.choice([1, 1, 2, 0]))]
            if self.maybe(0.3) and not self.plain: out["content"] = None
            if self.maybe(0.2) and not self.plain: del out["content"]
        if role == "assistant" and self.maybe(0.2): out["reasoning_content"] = self.random.choice(SAID + [None])
        if role == "assistant" and self.maybe(0.1): out["thinking"] = self.random.choice(SAID)
        if role == "tool":
            if self.maybe(0.7): out["tool_call_id"] = "call_123abcdef"
            if self.maybe(0.7): out["name"] = "weather"
        if self.wild and self.maybe(0.2): out["name"] = self.random.choice(WORDS)
        if self.wild and self.maybe(0.1): out.pop(self.random.choice(sorted(out)))
        return out

    def messages(self):
        roles = ["system"] if self.maybe(0.4) else []
        if not self.maybe(0.1):
            for _ in range(self.random.randrange(1, 4)):
                roles += ["user", "assistant"] + (["tool", "assistant"] if self.maybe(0.25) else [])
        if self.maybe(0.6): roles = roles[:-1]
        if self.wild: self.random.shuffle(roles)
        if self.wild and self.maybe(0.3): roles.append(self.random.choice(["developer", "function", "ipython", "Tool"]))
        return [self.message(role) for role in roles]

    def tool(self):
        function = {"name": self.random.choice(["weather", "f2"]), "description": self.random.choice(SAID)}
        function["parameters"] = copy.deepcopy(self.random.choice(PARAMETERS))
        if self.maybe(0.2): function["return"] = {"type": "string", "description": "It."}
        if self.wild and self.maybe(0.2): function.pop(self.random.choice(sorted(function)))
        return {"type": "function", "function": function} if self.maybe(0.9) else function

    def variables(self, names):
        """As apply_chat_template gives them: `tools` and `documents` are null where there are none."""
        out = {"messages": self.messages(), "tools": None, "documents": None,
               "add_generation_prompt": self.maybe(0.5), "bos_token": "<s>", "eos_token": "</s>",
               "unk_token": "<unk>", "pad_token": "<pad>", "now": NOW}
        if self.maybe(0.4): out["tools"] = [self.tool() for _ in range(self.random.choice([0, 1, 1, 2]))]
        if self.maybe(0.15):
            out["documents"] = [{"title": self.random.choice(WORDS), "text": self.random.choice(SAID), "doc_id": i}
                                for i in range(2)]
        for name in [x for x in ("tools", "documents", "bos_token", "eos_token") if self.maybe(0.1)]: del out[name]
        for name in sorted(set(names) - set(out)):
            if self.maybe(0.3):
                out[name] = self.random.choice([True, False, True, False, None, "low", "high", "", 3, [], ["code"],
                                                {"is_set": True}, self.random.choice(WORDS)])
        return out


# --- what is asked ------------------------------------------------------------------------------------------------


def is_right(want, got):
    return "error" in got if "error" in want else got.get("text") == want["text"]


def fixtures():
    sources = OWN + [Maker(seed).template() for seed in range(400)]
    sets = [variables(seed) for seed in range(12)]
    head = {"made by": "Tools/template_differ.py", "jinja2": jinja2.__version__, "variables": sets}
    print(json.dumps(head, ensure_ascii=False))
    for number, source in enumerate(sources):
        which = number % len(sets)
        want = reference(source, sets[which])
        if " at 0x" in want.get("text", ""): continue
        print(json.dumps({"template": source, "variables": which, **want}, ensure_ascii=False))


def compare(program, count, first):
    agreed = differed = refused = 0
    for seed in range(first, first + count):
        source, sets = Maker(seed).template(), [variables(3 * seed + k) for k in range(3)]
        with tempfile.NamedTemporaryFile("w", suffix=".jinja", encoding="utf-8") as file:
            file.write(source)
            file.flush()
            lines = "".join(json.dumps(x, ensure_ascii=False) + "\n" for x in sets)
            run = subprocess.run([program, "render", file.name, "--jsonl"], input=lines.encode(), capture_output=True)
        if run.returncode:
            if all("SyntaxError" in reference(source, x).get("error", "") for x in sets):
                agreed += len(sets)
                continue
            refused += 1
            print(f"seed {seed} refused: {run.stderr.decode()}{source}")
            continue
        for x, line in zip(sets, run.stdout.decode().splitlines()):
            want, got = reference(source, x), json.loads(line)
            if is_right(want, got):
                agreed += 1
            else:
                differed += 1
                print(f"seed {seed}\n{source}\nwants {want}\ngot   {got}")
    print(f"{agreed} agree, {differed} differ, {refused} templates refused")
    return 1 if differed or refused else 0


def texts(folder):
    for path in sorted(glob.glob(os.path.join(folder, "*"))):
        with open(path, encoding="utf-8", newline="") as file:
            text = file.read()
        yield os.path.basename(path), json.loads(text)["template"] if path.endswith(".json") else text


def compare_texts(program, folder, count=20, first=0):
    agreed = differed = refused = raised = 0
    for name, source in texts(folder):
        try:
            names = jinja2.meta.find_undeclared_variables(environment.parse(source))
        except jinja2.TemplateSyntaxError as error:
            print(f"{name}: jinja2 refuses it: {error}")
            continue
        sets = [Talker(f"{name} {first + k}").variables(names - set(environment.globals)) for k in range(count)]
        with tempfile.NamedTemporaryFile("w", suffix=".jinja", encoding="utf-8", newline="") as file:
            file.write(source)
            file.flush()
            lines = "".join(json.dumps(x, ensure_ascii=False) + "\n" for x in sets)
            run = subprocess.run([program, "render", file.name, "--jsonl"], input=lines.encode(), capture_output=True)
        if run.returncode:
            refused += 1
            print(f"{name} refused: {run.stderr.decode()}")
            continue
        for k, (x, line) in enumerate(zip(sets, run.stdout.decode().splitlines())):
            want, got = reference(source, x), json.loads(line)
            raised += "error" in want
            if is_right(want, got):
                agreed += 1
            else:
                differed += 1
                print(f"{name} {first + k}\nof    {json.dumps(x, ensure_ascii=False)}\nwants {want}\ngot   {got}")
    print(f"{agreed} agree (both raise in {raised}), {differed} differ, {refused} templates refused")
    return 1 if differed or refused else 0


if __name__ == "__main__":
    if sys.argv[1:] == ["--fixtures"]:
        fixtures()
    elif len(sys.argv) > 2 and sys.argv[1] == "--compare":
        sys.exit(compare(sys.argv[2], *(int(x) for x in (sys.argv[3:] + ["300", "0"][len(sys.argv) - 3:]))))
    elif len(sys.argv) > 3 and sys.argv[1] == "--texts":
        sys.exit(compare_texts(sys.argv[2], sys.argv[3], *(int(x) for x in sys.argv[4:])))
    else:
        sys.exit(__doc__)
