// SPDX-License-Identifier: Apache-2.0
// The command line as words of bytes, and the numbers in them.
import Format

/// `argv`, in place.
struct Arguments {
  let count: Int
  private let vector: UnsafePointer<UnsafePointer<CChar>>

  init(_ count: Int32, _ vector: UnsafePointer<UnsafePointer<CChar>>) {
    self.count = Int(count)
    self.vector = vector
  }

  subscript(index: Int) -> Word {
    let start = vector[index]
    var end = start
    while end.pointee != 0 { end += 1 }
    return Word(start: start, count: end - start)
  }

  /// Whether one of them is `text`.
  func has(_ text: StaticString) -> Bool {
    for index in 0..<count where self[index].equals(text) { return true }
    return false
  }
}

/// A walk over the words.
struct ArgumentCursor {
  private let arguments: Arguments
  private(set) var index: Int

  init(_ arguments: Arguments, from index: Int) {
    self.arguments = arguments
    self.index = index
  }

  mutating func next() -> Word? {
    if index >= arguments.count { return nil }
    index += 1
    return arguments[index - 1]
  }

  /// The word after a flag.
  mutating func value(of flag: Word) throws(Failure) -> Word {
    guard let word = next() else { throw .usage("a value must follow", flag) }
    return word
  }
}

extension UnsafeRawBufferPointer {
  func equals(_ text: StaticString) -> Bool {
    guard count == text.utf8CodeUnitCount else { return false }
    for i in 0..<count where self[i] != text.utf8Start[i] { return false }
    return true
  }

  /// A zero-terminated path: words of `argv` are.
  var path: UnsafePointer<CChar> { baseAddress!.assumingMemoryBound(to: CChar.self) }

  /// The decimal number at `at`, which moves past it; nil without a digit or past Int.max.
  func number(_ at: inout Int) -> Int? {
    var value = 0
    let start = at
    while at < count, self[at] >= 48, self[at] <= 57 {
      let (product, high) = value.multipliedReportingOverflow(by: 10)
      let (sum, carry) = product.addingReportingOverflow(Int(self[at] - 48))
      if high || carry { return nil }
      value = sum
      at += 1
    }
    return at > start ? value : nil
  }

  func integer(_ flag: Word, _ least: Int, _ most: Int) throws(Failure) -> Int {
    var at = 0
    guard let value = number(&at), at == count, value >= least, value <= most else {
      throw .range(flag, self, Double(least), Double(most))
    }
    return value
  }

  /// A number such as 0.7 or -1.
  func decimal(_ flag: Word, _ least: Float, _ most: Float) throws(Failure) -> Float {
    var at = 0
    let isNegative = count > 0 && self[0] == 45
    if isNegative { at = 1 }
    guard let whole = number(&at) else { throw .range(flag, self, Double(least), Double(most)) }
    var value = Double(whole)
    if at < count, self[at] == 46 {
      at += 1
      var unit = 0.1
      while at < count, self[at] >= 48, self[at] <= 57 {
        value += Double(self[at] - 48) * unit
        unit /= 10
        at += 1
      }
    }
    let result = Float(isNegative ? -value : value)
    guard at == count, result >= least, result <= most else { throw .range(flag, self, Double(least), Double(most)) }
    return result
  }

  /// A byte count: 4096, 512K, 512M, 2G.
  func byteCount(_ flag: StaticString) throws(Failure) -> UInt64 {
    var at = 0
    guard let value = number(&at), value >= 0 else { throw .value(flag, self, takes: "bytes such as 512M") }
    var shift = 0
    if at < count {
      switch self[at] {
      case 75, 107: shift = 10
      case 77, 109: shift = 20
      case 71, 103: shift = 30
      default: throw .value(flag, self, takes: "bytes such as 512M")
      }
      at += 1
    }
    guard at == count, value < 1 << (62 - shift) else { throw .value(flag, self, takes: "bytes such as 512M") }
    return UInt64(value) << UInt64(shift)
  }

  /// Calls `body` with each number of a comma list; empty numbers are refused.
  func forEachNumber(_ flag: StaticString, _ body: (Int) throws(Failure) -> Void) throws(Failure) {
    var at = 0
    if count == 0 { return }
    while true {
      guard let value = number(&at) else { throw .value(flag, self, takes: "numbers such as 1,2,3") }
      try body(value)
      if at == count { return }
      guard self[at] == 44 else { throw .value(flag, self, takes: "numbers such as 1,2,3") }
      at += 1
    }
  }
}
