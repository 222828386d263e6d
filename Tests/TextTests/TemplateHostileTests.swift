// SPDX-License-Identifier: Apache-2.0
// Sections that no compiler made: each rule by a section that breaks just it, then seeded mutations.
import Foundation
import Packager
import Testing
import Text

/// SplitMix64 (Steele, Lea and Flood 2014).
private struct Seeded {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
    return z ^ z >> 31
  }

  mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(max(bound, 1))) }
}

@Suite("A template section that lies")
struct TemplateHostileTests {
  private static let source = """
    {% macro m(a, b=2) %}{{ a }}{{ b }}{{ caller() }}{{ kwargs }}{{ varargs }}{% endmacro %}
    {% for x, y in d.items() if x %}{{ loop.index }}{{ x ~ y }}{% set z %}c{{ x|upper }}{% endset %}{{ z }}
    {% if loop.last %}{% break %}{% endif %}{% endfor %}{% call m(1, k=3) %}body{% endcall %}
    {{ 1 < n < 3 }}{{ [1, n, 'a'][1:] }}{{ {'k': n}.k }}{{ l|map(attribute='q')|select('defined')|join(',') }}
    {% for t in tree recursive %}{{ t.v }}{{ loop(t.k) if t.k }}{% endfor %}{{ m(*l, **d) }}{{ 'a,b'.split(',')[-1] }}
    """
  private static let input = """
    {"d": {"p": 1, "q": "w"}, "n": 2, "l": [{"q": 1}, {}], "tree": [{"v": 1, "k": [{"v": 2}]}], "messages": []}
    """

  private func u32(_ bytes: [UInt8], _ at: Int) -> Int { (0..<4).reduce(0) { $0 | Int(bytes[at + $1]) << (8 * $1) } }

  /// Where a table starts.
  private func table(_ table: TemplateTable, _ bytes: [UInt8]) -> Int {
    u32(bytes, TemplateLayout.directoryOffset + 8 * table.rawValue)
  }

  private func rule(_ section: [UInt8]) -> String {
    do {
      _ = try TestTemplate(section: section)
      return "taken"
    } catch { return String("\(error)".prefix { $0 != "(" }) }
  }

  @Test("Each rule, broken alone")
  func rules() throws {
    let good = try compileTemplate(Self.source)
    #expect(rule(good) == "taken")
    func broken(_ offset: Int, _ value: UInt8) -> String {
      var bytes = good
      bytes[offset] = value
      return rule(bytes)
    }
    #expect(rule(Array(good.prefix(63))) == "truncated")
    #expect(broken(0, 0) == "wrongMagic")
    #expect(broken(4, 9) == "unknownVersion")
    #expect(broken(8, good[8] ^ 8) == "byteCountWrong")
    #expect(broken(12, 1) == "reservedNotZero")
    #expect(broken(16, 72) == "tableMisplaced")
    #expect(broken(6, 2) == "tableByteCountWrong")
    let (functions, code, constants) = (table(.functions, good), table(.code, good), table(.constants, good))
    #expect(broken(constants, 9) == "constantWrong")
    #expect(broken(constants + 1, 1) == "constantWrong")
    #expect(broken(table(.entries, good) + 4, 1) == "entryWrong")
    #expect(broken(functions + 28, 1) == "functionWrong")
    #expect(broken(functions + 32 + 8, 1) == "functionWrong")
    #expect(broken(code, 99) == "unknownOperation")
    #expect(broken(code + 1, 1) == "operandWrong")
    #expect(broken(code + 2, 1) == "stackWrong")
    let codeCount = u32(good, TemplateLayout.directoryOffset + 8 * TemplateTable.code.rawValue + 4) / 8
    let jumps = (0..<codeCount).filter { TemplateOp(rawValue: good[code + 8 * $0]) == .jump }
    #expect(broken(code + 8 * (try #require(jumps.first)) + 6, 1) == "jumpWrong")
    var padded = good + [UInt8](repeating: 0, count: 8)
    for i in 0..<4 { padded[8 + i] = UInt8(padded.count >> (8 * i) & 255) }
    #expect(rule(padded) == "byteCountWrong")
  }

  /// HARDTACK_FUZZ, else 100,000 in release: an unoptimised build is 50 times slower.
  private static var mutationCount: Int {
    if let count = ProcessInfo.processInfo.environment["HARDTACK_FUZZ"].flatMap({ Int($0) }) { return count }
    #if DEBUG
      return 3_000
    #else
      return 100_000
    #endif
  }

  @Test("Seeded mutations: refused, or rendered within bounds; nothing outside the section and the scratch is touched")
  func mutations() throws {
    let good = try compileTemplate(Self.source)
    var random = Seeded(state: 0x7E3A_11 &+ UInt64(Self.mutationCount))
    var taken = 0
    var limits = TemplateLimits()
    limits.steps = 20_000
    let section = GuardedBytes(good, alignment: 8)
    let scratch = GuardedBytes(byteCount: 300_000, alignment: 16)
    let input = GuardedBytes(Array(Self.input.utf8))
    let tables = [TemplateTable.code, .functions, .constants, .code].map { table($0, good) }
    for round in 0..<Self.mutationCount {
      section.bytes.copyBytes(from: good)
      for _ in 0...random.below(3) {
        // Mostly where it hurts: instructions, then functions and constants.
        let start = round % 5 == 0 ? 0 : tables[random.below(tables.count)]
        let at = min(start + random.below(round % 5 == 0 ? good.count : 900), good.count - 1)
        section.bytes[at] = random.below(2) == 0 ? UInt8(truncatingIfNeeded: random.next()) : section.bytes[at] ^ 1
      }
      guard let view = try? TemplateView(checking: UnsafeRawBufferPointer(section.bytes)) else { continue }
      taken += 1
      let text = try? view.render(
        TemplateInput(json: UnsafeRawBufferPointer(input.bytes)), scratch: scratch.bytes, limits: limits)
      if let text { #expect(text.count <= 300_000) }
    }
    // A test that only ever met refusals would show nothing about the machine.
    #expect(taken > Self.mutationCount / 50, "\(taken) of \(Self.mutationCount)")
  }

  @Test("Damaged sources are refused with a place, or compile")
  func sources() throws {
    var random = Seeded(state: 42 &+ UInt64(Self.mutationCount))
    let good = Array(Self.source.utf8)
    var refused = 0
    let pieces = ["{%", "%}", "{{", "}}", "(", ")", "|", "'", "{#", " in ", "not ", "if ", "[", "*", "..", "\\"]
    for _ in 0..<(Self.mutationCount / 20) {
      var bytes = good
      for _ in 0...random.below(3) {
        let at = random.below(bytes.count)
        switch random.below(3) {
        case 0: bytes.remove(at: at)
        case 1: bytes.insert(contentsOf: Array(pieces[random.below(pieces.count)].utf8), at: at)
        default: bytes[at] = UInt8(32 + random.below(95))
        }
      }
      do throws(TemplateCompileError) {
        let section = try compileTemplate(String(decoding: bytes, as: UTF8.self))
        let template = try? TestTemplate(section: section, scratchByteCount: 300_000)
        // What the compiler emits its own reader takes.
        #expect(template != nil, "\(String(decoding: bytes, as: UTF8.self))")
        var limits = TemplateLimits()
        limits.steps = 100_000
        _ = template?.render(Self.input, limits: limits)
      } catch {
        refused += 1
        #expect(error.line >= 1 && error.column >= 1)
      }
    }
    #expect(refused > 10)
  }
}
