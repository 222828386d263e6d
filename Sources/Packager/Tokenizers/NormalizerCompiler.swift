// SPDX-License-Identifier: Apache-2.0
// The normalizer's steps as records, tries and rewrites. specs/tokenizer.md §8.

import Foundation
import ModelFiles
import Text

/// What the steps need in the section.
struct CompiledSteps {
  private(set) var records: [UInt8] = []
  private(set) var trie: [UInt64] = []
  private(set) var rewrites: [UInt64] = []
  private(set) var rewriteBytes: [UInt8] = []
  private(set) var needsForms = false
  /// Regexes to replace; the record names them by their place in this list, until `place(regexStages:)`.
  private(set) var regexes: [String] = []

  private var indexes: [[UInt8]: UInt32] = [:]
  private var surrounding: UInt32?
  /// Some step has taken all compatibility characters apart: rules for them make the text no longer any more.
  private var isDecomposed = false

  /// - Parameters:
  ///   - vocabulary: units of the vocabulary's trie, which comes first.
  ///   - stageCount: stages of the splitter, behind which those of the regexes stand.
  init(_ source: TokenizerSource, vocabulary: [UInt64], stageCount: Int) throws(TokenizerCompileError) {
    trie = vocabulary
    for step in source.steps { try add(step, stageCount) }
    if source.added.contains(where: \.isWord) {
      let word = UnicodeProperties.plainWord.codePoints.map { ($0, Rewrite.text([])) }
      try addRules(TokenizerLayout.stepWordCharacters, word.map { (Self.utf8($0.0), $0.1) })
    }
    guard records.count / 16 <= TokenizerLayout.stepsMax else {
      throw .overLimit(part: "steps of the normalizer", found: records.count / 16, limit: TokenizerLayout.stepsMax)
    }
  }

  private enum Rewrite {
    case text([UInt8])
    case surrounded
  }

  private static func utf8(_ codePoint: UInt32) -> [UInt8] {
    UnicodeScalar(codePoint).map { Array(String(Character($0)).utf8) } ?? []
  }

  private mutating func record(
    _ operation: UInt16, flags: UInt16 = 0, first: Int = 0, count: Int = 0, growth: Int = 1
  ) throws(TokenizerCompileError) {
    guard growth <= TokenizerLayout.growthMax else {
      throw .overLimit(
        part: "bytes that a normalizer makes of one", found: growth, limit: Int(TokenizerLayout.growthMax))
    }
    let words = [UInt32(operation) | UInt32(flags) << 16, UInt32(first), UInt32(count), UInt32(growth)]
    for word in words { withUnsafeBytes(of: word.littleEndian) { records.append(contentsOf: $0) } }
  }

  private mutating func add(_ step: TokenizerSource.Step, _ stageCount: Int) throws(TokenizerCompileError) {
    switch step {
    case .nfc: try addForm(composes: true)
    case .nfd: try addForm(composes: false)
    case .nfkc, .nfkd:
      try addRules(TokenizerLayout.stepRewrite, Self.compatibility)
      try addForm(composes: step == .nfkc)
      isDecomposed = true
    case .lowercase: try addRules(TokenizerLayout.stepRewrite, Self.lowercase)
    case .stripAccents(let onlyNonspacing):
      let marks = onlyNonspacing ? UnicodeProperties.bertMarks : UnicodeProperties.marks
      try addRules(TokenizerLayout.stepRewrite, marks.codePoints.map { (Self.utf8($0), .text([])) })
    case .bertClean: try addRules(TokenizerLayout.stepRewrite, Self.bertClean)
    case .bertChinese:
      try addRules(
        TokenizerLayout.stepRewrite, UnicodeProperties.bertChinese.codePoints.map { (Self.utf8($0), .surrounded) })
    case .charsmap(let bytes):
      try addRules(TokenizerLayout.stepRewrite, try Charsmap(bytes).rules.map { ($0.key, .text($0.replacement)) })
      isDecomposed = false
    case .replaceText(let text, let content):
      try addRules(
        TokenizerLayout.stepRewrite, flags: TokenizerLayout.rewriteIsOfLast, [(text, .text(content))])
      isDecomposed = isDecomposed && Self.isDecomposed(content)
    case .replaceRegex(let regex, let content):
      try record(
        TokenizerLayout.stepReplace, first: stageCount + regexes.count, count: Int(try rewrite(.text(content))),
        growth: max(1, content.count))
      regexes.append(regex)
      isDecomposed = isDecomposed && Self.isDecomposed(content)
    case .strip(let left, let right):
      try record(
        TokenizerLayout.stepStrip,
        flags: (left ? TokenizerLayout.stripsLeft : 0) | (right ? TokenizerLayout.stripsRight : 0))
    case .tidySpaces(let places):
      let flags = places.rawValue | places.rawValue << TokenizerLayout.endShift | TokenizerLayout.spacesCollapse
      try record(TokenizerLayout.stepSpaces, flags: flags)
    case .dummyPrefix(let places):
      try record(
        TokenizerLayout.stepPrefix, flags: places.rawValue | TokenizerLayout.prefixStandsAlone, growth: 2)
    case .prefixSpace(let places, let unlessThere, let late):
      let flags =
        places.rawValue | (unlessThere ? TokenizerLayout.prefixUnlessSpace : 0)
        | (late ? TokenizerLayout.prefixIsLate : 0)
      try record(TokenizerLayout.stepPrefix, flags: flags, growth: 2)
    }
  }

  private mutating func addForm(composes: Bool) throws(TokenizerCompileError) {
    needsForms = true
    try record(TokenizerLayout.stepNormalForm, flags: composes ? TokenizerLayout.formComposes : 0, growth: 3)
  }

  private mutating func rewrite(_ rewrite: Rewrite) throws(TokenizerCompileError) -> UInt32 {
    guard rewrites.count < TokenizerLayout.rewritesMax else {
      throw .overLimit(part: "rules of the normalizer", found: rewrites.count + 1, limit: TokenizerLayout.rewritesMax)
    }
    let index = UInt32(rewrites.count)
    switch rewrite {
    case .surrounded:
      if let surrounding { return surrounding }
      surrounding = index
      rewrites.append(1 << 63)
    case .text(let bytes):
      if let known = indexes[bytes] { return known }
      guard bytes.count <= 0xFFFF else {
        throw .overLimit(part: "bytes of a replacement", found: bytes.count, limit: 0xFFFF)
      }
      guard String(validating: bytes, as: UTF8.self) != nil else {
        throw .charsmap("a replacement that is not UTF-8")
      }
      indexes[bytes] = index
      rewrites.append(UInt64(rewriteBytes.count) | UInt64(bytes.count) << 32)
      rewriteBytes += bytes
    }
    return index
  }

  /// A step with a trie of its own. Of rules with one key the first counts.
  private mutating func addRules(
    _ operation: UInt16, flags: UInt16 = 0, _ rules: [(key: [UInt8], rewrite: Rewrite)]
  ) throws(TokenizerCompileError) {
    var entries: [(key: ArraySlice<UInt8>, value: UInt32)] = []
    var seen = Set<[UInt8]>()
    var growth = 1
    for (key, rule) in rules where !key.isEmpty && seen.insert(key).inserted {
      entries.append((key[...], try rewrite(rule)))
      if isDecomposed, !Self.isDecomposed(key) { continue }
      switch rule {
      case .text(let bytes): growth = max(growth, (bytes.count + key.count - 1) / key.count)
      case .surrounded: growth = max(growth, (key.count + 2 + key.count - 1) / key.count)
      }
    }
    let units = try ByteTrieBuilder.units(entries, sharing: true)
    try record(operation, flags: flags, first: trie.count, count: units.count, growth: growth)
    trie += units
  }

  // MARK: Unicode

  private static var lowercase: [(key: [UInt8], rewrite: Rewrite)] {
    allScalars { scalar in
      let lower = scalar.properties.lowercaseMapping
      return lower.utf8.elementsEqual(String(Character(scalar)).utf8) ? nil : .text(Array(lower.utf8))
    }
  }

  /// Full compatibility decompositions of what has one that is not the canonical one.
  private static var compatibility: [(key: [UInt8], rewrite: Rewrite)] {
    allScalars { scalar in
      if UnicodeProperties.laterCompatibility.contains(scalar.value) { return nil }
      let text = String(Character(scalar))
      let whole = text.decomposedStringWithCompatibilityMapping
      return whole.unicodeScalars.elementsEqual(text.decomposedStringWithCanonicalMapping.unicodeScalars)
        ? nil : .text(Array(whole.utf8))
    }
  }

  /// Whether no character of this has a compatibility decomposition that is not the canonical one, and is known.
  private static func isDecomposed(_ key: [UInt8]) -> Bool {
    let text = String(decoding: key, as: UTF8.self)
    if text.unicodeScalars.contains(where: { UnicodeProperties.laterCompatibility.contains($0.value) }) { return true }
    return text.decomposedStringWithCompatibilityMapping.unicodeScalars.elementsEqual(
      text.decomposedStringWithCanonicalMapping.unicodeScalars)
  }

  private static var bertClean: [(key: [UInt8], rewrite: Rewrite)] {
    let gone = UnicodeProperties.bertControl
    return gone.union(UnicodeProperties.whiteSpace).codePoints.map { codePoint in
      (utf8(codePoint), .text(gone.contains(codePoint) ? [] : [0x20]))
    }
  }

  private static func allScalars(_ rule: (UnicodeScalar) -> Rewrite?) -> [(key: [UInt8], rewrite: Rewrite)] {
    (0...CodePointSet.last).compactMap { codePoint in
      guard let scalar = UnicodeScalar(codePoint), let found = rule(scalar) else { return nil }
      return (Array(String(Character(scalar)).utf8), found)
    }
  }
}
