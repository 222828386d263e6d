// SPDX-License-Identifier: Apache-2.0
// The Unicode properties that tokenizer regexes and normalizers name, read from the texts in UnicodeData.swift.

enum UnicodeProperties {
  /// In the order of the letters in `UnicodeData.generalCategories`.
  private static let categoryNames = [
    "Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd", "Nl", "No", "Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po",
    "Sm", "Sc", "Sk", "So", "Zs", "Zl", "Zp", "Cc", "Cf", "Cs", "Co", "Cn",
  ]

  private static let categories: [String: CodePointSet] = {
    var ranges: [[ClosedRange<UInt32>]] = Array(repeating: [], count: categoryNames.count)
    var start: UInt32 = 0
    var open: (category: Int, length: UInt32)?
    func close() {
      guard let run = open else { return }
      let length = max(run.length, 1)
      ranges[run.category].append(start...(start + length - 1))
      start += length
    }
    for byte in bytes(UnicodeData.generalCategories) {
      if let digit = base36(byte) {
        open!.length = open!.length * 36 + digit
      } else {
        close()
        let marks: [UInt8] = [0x21, 0x23, 0x24, 0x25]  // ! # $ %
        open = (byte >= 0x41 && byte <= 0x5A ? Int(byte) - 0x41 : 26 + marks.firstIndex(of: byte)!, 0)
      }
    }
    close()
    var result: [String: CodePointSet] = [:]
    for (name, list) in zip(categoryNames, ranges) { result[name] = CodePointSet(list) }
    return result
  }()

  /// White_Space, which is also what `\s` means in the regexes of tokenizers.
  static let whiteSpace = CodePointSet([
    0x09...0x0D, 0x20...0x20, 0x85...0x85, 0xA0...0xA0, 0x1680...0x1680, 0x2000...0x200A, 0x2028...0x2029,
    0x202F...0x202F, 0x205F...0x205F, 0x3000...0x3000,
  ])

  /// A general category (`Lu`) or a group of them (`L`); nil for any other property.
  static func property(_ name: String) -> CodePointSet? {
    if let set = categories[name] { return set }
    guard name.count == 1, "LMNPSZC".contains(name) else { return nil }
    return categoryNames.filter { $0.hasPrefix(name) }.reduce(CodePointSet()) { $0.union(categories[$1]!) }
  }

  /// What `\w` means to Oniguruma.
  static let word = ["L", "M", "Nd", "Nl", "Pc"].reduce(ranges(UnicodeLater.alsoWord)) { $0.union(property($1)!) }

  /// The same to the library's other regex engine: superscripts and fractions are none, joiners are.
  static let plainWord = word.minus(CodePointSet([0xB2...0xB3, 0xB9...0xB9, 0xBC...0xBE]))
    .union(CodePointSet(0x200C...0x200D))

  /// What the library's own pre-tokenizers take for punctuation.
  static let punctuation = property("P")!.union(
    CodePointSet([0x24...0x24, 0x2B...0x2B, 0x3C...0x3E, 0x5E...0x5E, 0x60...0x60, 0x7C...0x7C, 0x7E...0x7E])
  ).minus(ranges(UnicodeLater.noPunctuation)).union(ranges(UnicodeLater.alsoPunctuation))

  static let bertMarks = property("Mn")!.minus(ranges(UnicodeLater.noNonspacingMarks))
    .union(ranges(UnicodeLater.alsoNonspacingMarks))
  static let marks = property("M")!.minus(ranges(UnicodeLater.noMarks)).union(ranges(UnicodeLater.alsoMarks))

  /// What BERT's cleaning removes: control, format and private characters, but no tab and no line end.
  static let bertControl = ["Cc", "Cf", "Co"].reduce(CodePointSet([0...0, 0xFFFD...0xFFFD])) {
    $0.union(property($1)!)
  }.minus(CodePointSet([0x09...0x0A, 0x0D...0x0D])).minus(ranges(UnicodeLater.noControl))

  /// The ideographs that BERT sets apart; the bounds are those of its reference.
  static let bertChinese = CodePointSet([
    0x4E00...0x9FFF, 0x3400...0x4DBF, 0x20000...0x2A6DF, 0x2A700...0x2B73F, 0x2B740...0x2B81F, 0x2B920...0x2CEAF,
    0xF900...0xFAFF, 0x2F800...0x2FA1F,
  ])

  /// Compatibility decompositions that the models' tokenizers do not know.
  static let laterCompatibility = ranges(UnicodeLater.noCompatibility)

  static let caseOrbits: [[UInt32]] = words(UnicodeData.caseOrbits).map { numbers($0) }

  /// Canonical combining class of every code point that has one, as runs.
  static let combiningClasses: [(codePoints: ClosedRange<UInt32>, value: UInt8)] = {
    var result: [(ClosedRange<UInt32>, UInt8)] = []
    var start: UInt32 = 0
    for word in words(UnicodeData.combiningClasses) {
      let pair = numbers(word)
      let length = pair.count > 1 ? pair[1] : 1
      if pair[0] != 0 { result.append((start...(start + length - 1), UInt8(pair[0]))) }
      start += length
    }
    return result
  }()

  struct Decomposition {
    let codePoint: UInt32
    let parts: [UInt32]
    /// False where the parts never compose again (singletons and the composition exclusions).
    let composes: Bool
  }

  static let decompositions: [Decomposition] = words(UnicodeData.decompositions).map { word in
    let list = word.split(whereSeparator: { $0 == 0x2E || $0 == 0x21 }).map { number($0) }
    return Decomposition(codePoint: list[0], parts: Array(list[1...]), composes: !word.contains(0x21))
  }

  private static func bytes(_ text: StaticString) -> UnsafeBufferPointer<UInt8> {
    UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
  }

  private static func words(_ text: StaticString) -> [Slice<UnsafeBufferPointer<UInt8>>] {
    bytes(text).split(separator: 0x20)
  }

  /// `41-5A B5` in hexadecimal.
  private static func ranges(_ text: StaticString) -> CodePointSet {
    CodePointSet(
      words(text).map { word in
        let bounds = word.split(separator: 0x2D).map { UInt32(String(decoding: $0, as: UTF8.self), radix: 16)! }
        return bounds[0]...bounds[bounds.count - 1]
      })
  }

  private static func numbers(_ word: Slice<UnsafeBufferPointer<UInt8>>) -> [UInt32] {
    word.split(separator: 0x2E).map { number($0) }
  }

  private static func number(_ digits: Slice<UnsafeBufferPointer<UInt8>>) -> UInt32 {
    digits.reduce(0) { $0 * 36 + base36($1)! }
  }

  private static func base36(_ byte: UInt8) -> UInt32? {
    switch byte {
    case 0x30...0x39: UInt32(byte) - 0x30
    case 0x61...0x7A: UInt32(byte) - 0x61 + 10
    default: nil
    }
  }
}
