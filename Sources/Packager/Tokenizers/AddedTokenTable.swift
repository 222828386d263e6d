// SPDX-License-Identifier: Apache-2.0
// The table of added tokens: what is looked for in the text before anything else is done with it.

import ModelFiles
import Text

extension TokenizerCompiler {
  /// Sorted by the bytes that are looked for; of several with the same bytes the first listed. One that is looked for
  /// in normalized text is looked for in its own normalized form, which is a symbol of its own where it differs.
  ///
  /// - Returns: the symbols, with those forms behind them.
  mutating func writeAdded(_ symbols: ByteStrings) throws(TokenizerCompileError) -> ByteStrings {
    var symbols = symbols
    let forms = try normalizedForms()
    var patterns: [(bytes: ArraySlice<UInt8>, symbol: UInt32, token: TokenizerSource.AddedToken)] = []
    var seen = Set<ArraySlice<UInt8>>()
    for (index, token) in source.added.enumerated() {
      var bytes = source.tokens[Int(token.id)]
      var symbol = token.id
      if let form = forms[index], !form.elementsEqual(bytes) {
        bytes = form[...]
        symbol = UInt32(symbols.count)
      }
      // What is not UTF-8 occurs in no text.
      guard !bytes.isEmpty, bytes.count <= TokenizerLayout.addedTokenByteCountMax,
        String(validating: bytes, as: UTF8.self) != nil, seen.insert(bytes).inserted
      else { continue }
      if symbol >= source.tokens.count { symbols.append(bytes) }
      patterns.append((bytes, symbol, token))
    }
    guard symbols.count <= TokenizerLayout.symbolsMax else {
      throw .overLimit(part: "symbols", found: symbols.count, limit: TokenizerLayout.symbolsMax)
    }
    patterns.sort { $0.bytes.lexicographicallyPrecedes($1.bytes) }
    var first = [UInt32](repeating: 0, count: 257)
    tables.set(
      .added,
      patterns.flatMap { bytes, symbol, token -> [UInt32] in
        first[Int(bytes.first!) + 1] += 1
        var flags: UInt32 = token.isSpecial ? TokenizerLayout.addedIsSpecial : 0
        if token.stripsLeft { flags |= TokenizerLayout.addedStripsLeft }
        if token.stripsRight { flags |= TokenizerLayout.addedStripsRight }
        if token.isNormalized { flags |= TokenizerLayout.addedIsNormalized }
        if token.isWord { flags |= TokenizerLayout.addedIsWord }
        return [token.id, flags, symbol]
      })
    for byte in 1...256 { first[byte] += first[byte - 1] }
    tables.set(.addedFirst, first)
    if symbols.count > source.tokens.count, source.model != .sentencePieceBPE || tables[.priorities].isEmpty == false {
      try extendPriorities(to: symbols.count)
    }
    writeSymbols(symbols)
    return symbols
  }

  private mutating func extendPriorities(to count: Int) throws(TokenizerCompileError) {
    let missing = count - tables[.priorities].count / 4
    guard !tables[.priorities].isEmpty, missing > 0 else { return }
    tables[.priorities] += [UInt8](repeating: 0, count: 4 * missing)
  }

  /// By place in the list of added tokens: the normalized form of those that are looked for in normalized text.
  private func normalizedForms() throws(TokenizerCompileError) -> [Int: [UInt8]] {
    let indexes = source.added.indices.filter {
      source.added[$0].isNormalized && !source.added[$0].patternIsNormalized
        && source.tokens[Int(source.added[$0].id)].count <= TokenizerLayout.addedTokenByteCountMax
    }
    if indexes.isEmpty || source.steps.isEmpty { return [:] }
    return try Self.open(tables.laidOut()) { view in
      var result: [Int: [UInt8]] = [:]
      for index in indexes {
        let token = source.tokens[Int(source.added[index].id)]
        let scratch = UnsafeMutableRawBufferPointer.allocate(
          byteCount: view.encodeScratchByteCount(textByteCount: token.count), alignment: 8)
        defer { scratch.deallocate() }
        guard String(validating: token, as: UTF8.self) != nil,
          let count = try? token.withUnsafeBufferPointer({ try view.normalizedCopy($0, scratch: scratch) })
        else { continue }
        result[index] = Array(scratch[..<count])
      }
      return result
    }
  }
}
