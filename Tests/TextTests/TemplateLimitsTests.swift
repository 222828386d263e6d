// SPDX-License-Identifier: Apache-2.0
// What a template may not do: run on, grow, nest without end, or change what it was given.
import Packager
import Testing
import Text

@Suite("Limits of templates")
struct TemplateLimitsTests {
  @Test("Endless recursion ends as too deep")
  func recursion() {
    let source = "{% macro f(n) %}{{ f(n + 1) }}{% endmacro %}{{ f(0) }}"
    #expect(TestTemplate.render(source).fault == .tooDeep)
    let loop = "{% for x in [1] recursive %}{{ loop([1]) }}{% endfor %}"
    #expect(TestTemplate.render(loop).fault == .tooDeep)
  }

  @Test("Long work ends as too many steps")
  func steps() throws {
    let nested = "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}"
    #expect(TestTemplate.render(nested).fault == .tooManySteps)
    // Inside one operation: a search for a part that almost matches everywhere.
    let search =
      "{% set a = 'a' * 400000 %}{% set b = 'a' * 200000 ~ 'b' %}{% for i in range(99) %}{{ b in a }}{% endfor %}"
    let got = try TestTemplate(search, scratchByteCount: 16 << 20).render("{}")
    #expect(got.fault == .tooManySteps)
    let strip = "{% set a = 'a' * 400000 %}{% for i in range(999) %}{{ a.strip(a)|length }}{% endfor %}"
    #expect(try TestTemplate(strip, scratchByteCount: 16 << 20).render("{}").fault == .tooManySteps)
    let few = try TestTemplate("{{ 1 + 1 }}")
    var limits = TemplateLimits()
    limits.steps = 3
    #expect(few.render("{}", limits: limits).fault == .tooManySteps)
  }

  @Test(
    "What grows ends when the scratch memory is full",
    arguments: [
      "{% set ns = namespace(s='xxxxxxxx') %}{% for i in range(60) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}",
      "{{ 'x' * 1000000000000 }}", "{{ [1] * 1000000000000 }}", "{{ 'x'.center(1000000000000) }}",
      "{{ 'x\ny'|indent(1000000000000) }}", "{{ {'a': [1, 2]}|tojson(indent=1000000000000) }}",
      "{% set ns = namespace(l=[1]) %}{% for i in range(60) %}{% set ns.l = ns.l + ns.l %}{% endfor %}",
      "{% set ns = namespace(l=[1]) %}{% for i in range(99) %}{% set ns.l = [ns.l, ns.l] %}{% endfor %}{{ ns.l }}",
    ])
  func growth(source: String) {
    let fault = TestTemplate.render(source).fault
    #expect(
      fault == .scratchFull || fault == .outputFull || fault == .tooManySteps, "\(source): \(String(describing: fault))"
    )
  }

  @Test("Output is bounded")
  func output() {
    #expect(TestTemplate.render("{% for i in range(99999) %}{{ 'x' * 99 }}{% endfor %}").fault != nil)
  }

  @Test("A list inside itself cannot be; a deep one is too deep to print or compare")
  func depth() {
    let source = "{% set ns = namespace(l=[]) %}{% for i in range(200) %}{% set ns.l = [ns.l] %}{% endfor %}"
    #expect(TestTemplate.render(source + "{{ ns.l }}").fault == .tooDeep)
    #expect(TestTemplate.render(source + "{{ ns.l|tojson }}").fault == .tooDeep)
    let twins = source + "{% set nt = namespace(l=[]) %}{% for i in range(200) %}{% set nt.l = [nt.l] %}{% endfor %}"
    #expect(TestTemplate.render(twins + "{{ ns.l == nt.l }}").fault == .tooDeep)
    let input = String(repeating: "[", count: 500) + String(repeating: "]", count: 500)
    #expect(TestTemplate.render("{{ x }}", "{\"x\": \(input)}").fault == .tooDeep)
  }

  @Test("A range over 100,000 is refused")
  func range() { #expect(TestTemplate.render("{{ range(100001) }}").fault == .tooLarge) }

  @Test("Every size of scratch memory gives the text or says that it is full")
  func starved() throws {
    let source =
      "{% for m in messages %}{{ m.role|upper ~ ': ' ~ m.content|tojson }}\n{% endfor %}{{ messages|length }}"
    let section = try compileTemplate(source)
    let json =
      "{\"messages\": ["
      + (0..<40).map { "{\"role\": \"r\($0)\", \"content\": \"\\u00e9 text\"}" }
      .joined(separator: ",") + "]}"
    var refusals = 0
    var texts: Set<String> = []
    for byteCount in stride(from: 60_000, through: 400_000, by: 1_009) {
      let template = try TestTemplate(section: section, scratchByteCount: byteCount)
      switch template.render(json) {
      case .text(let text): texts.insert(text)
      case .fault(let fault, _, _):
        refusals += 1
        #expect(fault == .scratchFull || fault == .outputFull)
      case .refused: refusals += 1
      }
    }
    #expect(texts.count == 1 && refusals > 10)
  }

  @Test("Errors say where and about what")
  func details() {
    #expect(TestTemplate.render("\n\n{{ raise_exception('no ' ~ 1) }}") == .fault(.raised, line: 3, "no 1"))
    #expect(TestTemplate.render("a\n{{ b.c }}") == .fault(.undefined, line: 2, "b"))
    #expect(TestTemplate.render("{{ [].append(1) }}") == .fault(.unsafeAttribute, line: 1, "append"))
    #expect(TestTemplate.render("{{ 9223372036854775807 + 1 }}").fault == .tooLarge)
  }

  @Test(
    "Hostile JSON is refused at its byte",
    arguments: [
      ("", 0), ("[]", 2), ("{", 1), ("{\"a\":1", 6), ("{\"a\":01}", 7), ("{\"a\":1.}", 7), ("{\"a\":\"\u{1}\"}", 6),
      ("{\"a\":\"\\x\"}", 8), ("{\"a\":1}x", 7), ("{a:1}", 1), ("{\"a\":tru}", 8), ("{\"a\":\"\\u12", 10), ("null", 4),
    ])
  func hostileJSON(json: String, offset: Int) {
    #expect(TestTemplate.render("x", json) == .refused("inputWrong(offset: \(offset))"), "\(json)")
  }

  @Test("JSON's numbers, escapes and duplicate keys are read as Python reads them")
  func input() {
    let json =
      #"{"x": [1, -0, 1.50, 1e3, 12345678901234567890, "\ud83d\ude00\ud800", "\/\b"], "d": {"a": 1, "b": 2, "a": 3}}"#
    let want = "[1, 0, 1.5, 1000.0, 12345678901234567890, '😀\u{FFFD}', '/\\x08']{'a': 3, 'b': 2}"
    #expect(TestTemplate.render("{{ x }}{{ d }}", json) == .text(want))
  }
}
