// SPDX-License-Identifier: Apache-2.0
// The machine's values: 16 bytes each; what is larger lies in the scratch memory or where it came from. Spec:
// specs/template.md §4.

/// In an order that makes one comparison of each question that is asked often.
enum TemplateTag: UInt8 {
  /// No value at all: a slot that nothing was stored in.
  case missing
  case undefined, none
  case bool, int, float
  /// An integer beyond 64 bits: its digits, as they were read.
  case bigInt
  case string, array, dict, namespace, generator, range, iterator, macro, method, builtin
  /// Where a capture began. Never leaves the stack in code that a compiler made.
  case mark
}

/// Kinds of `.array`.
enum ArrayKind: UInt8 { case list, tuple, keys, values, items }

/// Kinds of `.undefined`: what is to be said when it is used.
enum UndefinedKind: UInt8 { case name, attribute, unsafeAttribute, other }

/// Two words, not five fields: each is passed in a register, and what handles values stays small.
struct TemplateValue: BitwiseCopyable {
  /// A number's bits, or an address.
  var bits: UInt64
  /// Tag and kind in the lowest bytes, where they are cheapest to look at; count in the high half.
  private var meta: UInt64

  init(_ tag: TemplateTag, bits: UInt64 = 0, count: Int = 0, kind: UInt8 = 0) {
    self.bits = bits
    meta = UInt64(tag.rawValue) | UInt64(kind) << 8 | UInt64(UInt32(truncatingIfNeeded: count)) << 32
  }

  /// Bytes of a string, items of a list, entries of a dict.
  var count: Int {
    get { Int(meta >> 32) }
    set { meta = meta & 0xFFFF_FFFF | UInt64(UInt32(truncatingIfNeeded: newValue)) << 32 }
  }
  /// Cases are numbered from 0 as they are written, so the number is the case.
  var tag: TemplateTag { unsafeBitCast(UInt8(truncatingIfNeeded: meta), to: TemplateTag.self) }
  var kind: UInt8 {
    get { UInt8(truncatingIfNeeded: meta >> 8) }
    set { meta = meta & ~0xFF00 | UInt64(newValue) << 8 }
  }

  static var none: TemplateValue { TemplateValue(.none) }
  static var missing: TemplateValue { TemplateValue(.missing) }
  static func bool(_ value: Bool) -> TemplateValue { TemplateValue(.bool, bits: value ? 1 : 0) }
  static func int(_ value: Int) -> TemplateValue { TemplateValue(.int, bits: UInt64(bitPattern: Int64(value))) }
  static func float(_ value: Double) -> TemplateValue { TemplateValue(.float, bits: value.bitPattern) }
  static func string(_ bytes: UnsafePointer<UInt8>, _ count: Int, markup: Bool = false) -> TemplateValue {
    TemplateValue(.string, bits: UInt64(UInt(bitPattern: bytes)), count: count, kind: markup ? 1 : 0)
  }
  static func string(_ bytes: UnsafeBufferPointer<UInt8>) -> TemplateValue {
    guard let start = bytes.baseAddress else { return emptyString }
    return string(start, bytes.count)
  }
  static func string(_ text: StaticString) -> TemplateValue { string(text.utf8Start, text.utf8CodeUnitCount) }
  static var emptyString: TemplateValue { string("") }
  static func array(_ items: UnsafeMutablePointer<TemplateValue>, _ count: Int, _ kind: ArrayKind) -> TemplateValue {
    TemplateValue(.array, bits: UInt64(UInt(bitPattern: items)), count: count, kind: kind.rawValue)
  }
  static func undefined(_ kind: UndefinedKind, _ name: TemplateValue) -> TemplateValue {
    TemplateValue(.undefined, bits: name.bits, count: name.count, kind: kind.rawValue)
  }
  static var undefined: TemplateValue { TemplateValue(.undefined, kind: UndefinedKind.other.rawValue) }

  /// Null where nothing lies there: a count of 0 then.
  var address: UnsafeMutableRawPointer { unsafeBitCast(UInt(bits), to: UnsafeMutableRawPointer.self) }
  /// Of a string.
  var bytes: UnsafePointer<UInt8> { UnsafePointer(address.assumingMemoryBound(to: UInt8.self)) }
  /// Of a list, or entries of a dict: key, value, key, value …
  var items: UnsafeMutablePointer<TemplateValue> { address.assumingMemoryBound(to: TemplateValue.self) }
  var text: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: bytes, count: count) }
  var double: Double { Double(bitPattern: bits) }
  /// Of an int or bool.
  var integer: Int { Int(Int64(bitPattern: bits)) }
  @inline(__always)
  var isInteger: Bool { tag.rawValue &- TemplateTag.bool.rawValue < 2 }
  @inline(__always)
  var isNumber: Bool { tag.rawValue &- TemplateTag.bool.rawValue < 3 }
  /// Of a number.
  var number: Double { tag == .float ? double : Double(integer) }
  @inline(__always)
  var isUndefined: Bool { tag.rawValue <= TemplateTag.undefined.rawValue }
  func pointer<T>(to type: T.Type) -> UnsafeMutablePointer<T> { address.assumingMemoryBound(to: type) }
  @inline(__always)
  private func isOf(_ tag: TemplateTag, _ kind: UInt8) -> Bool {
    UInt16(truncatingIfNeeded: meta) == UInt16(tag.rawValue) | UInt16(kind) << 8
  }
  @inline(__always)
  var isMarkup: Bool { isOf(.string, 1) }
  @inline(__always)
  var isList: Bool { isOf(.array, ArrayKind.list.rawValue) }
  @inline(__always)
  var isTuple: Bool { isOf(.array, ArrayKind.tuple.rawValue) }
  /// A list, tuple or string.
  var isSequence: Bool { tag == .string || (tag == .array && kind <= ArrayKind.tuple.rawValue) }

  /// A dict's entry: key and value. An index is below 2³², so nothing wraps.
  func key(_ index: Int) -> TemplateValue { items[2 &* index] }
  func value(_ index: Int) -> TemplateValue { items[2 &* index &+ 1] }

  /// Of a string: the first bytes, and what is behind them, neither of them markup.
  func prefix(_ count: Int) -> TemplateValue { .string(bytes, count) }
  func suffix(from offset: Int) -> TemplateValue { .string(bytes + offset, count &- offset) }

  /// How long its first part is, up to a separator or the end.
  @inline(never)
  func endOfPart(_ separator: UInt8) -> Int {
    var stop = 0
    while stop < count, bytes[stop] != separator { stop &+= 1 }
    return stop
  }

  func hasSign(_ sign: UInt8) -> Bool { count > 0 && bytes[0] == sign }

  /// Whether this is the string `text`.
  @inline(__always)
  func equals(_ text: StaticString) -> Bool { place(among: text.utf8Start) == 0 }

  /// The place of this string in a list of words with spaces between them, or -1.
  @inline(__always)
  func place(in words: StaticString) -> Int { place(among: words.utf8Start) }

  /// `words` ends with a zero.
  @inline(never)
  private func place(among words: UnsafePointer<UInt8>) -> Int {
    guard tag == .string else { return -1 }
    var word = words
    var place = 0
    while true {
      var length = 0
      var isSame = true
      while word[length] > 32 {
        isSame = isSame && length < count && bytes[length] == word[length]
        length &+= 1
      }
      if isSame, length == count { return place }
      if word[length] == 0 { return -1 }
      word += length &+ 1
      place &+= 1
    }
  }
}

/// A frame: the slots of a running function. Slots follow.
struct TemplateFrameHead {
  var function: Int
  var parent: UnsafeMutablePointer<TemplateFrameHead>?

  static let byteCount = 16
}

extension UnsafeMutablePointer<TemplateFrameHead> {
  var slots: UnsafeMutablePointer<TemplateValue> {
    (UnsafeMutableRawPointer(self) + TemplateFrameHead.byteCount).assumingMemoryBound(to: TemplateValue.self)
  }
}

/// What a call returns to.
struct TemplateCall {
  var returnTo: Int
  var frame: UnsafeMutablePointer<TemplateFrameHead>
  var outputMark: Int
  /// How deep the recursive loop is that runs in the caller.
  var loopDepth: Int
}

/// A loop's state, and what `loop` is.
struct TemplateIterator {
  var source: TemplateValue
  /// Of the next item: an index, in a string a byte offset.
  var position = 0
  var index = -1
  var previous = TemplateValue.missing
  var current = TemplateValue.missing
  /// An item taken ahead, or missing.
  var ahead = TemplateValue.missing
  var changed = TemplateValue.missing
  var gathered: UnsafeMutablePointer<TemplateValue>?
  var gatheredCount = 0
  var gatheredCapacity = 0
  var depth = 0
  /// The function of a recursive loop, or -1, and the frame that it was made in.
  var function = -1
  var parent: UnsafeMutablePointer<TemplateFrameHead>?
}

/// Items that can be taken once.
struct TemplateGenerator {
  var items: TemplateValue
  var position: Int
}

/// `namespace()`: a dict that can grow.
struct TemplateNamespace {
  var dict: TemplateValue
  var capacity: Int
}

struct TemplateRange {
  var start: Int
  /// As it was given; the last item may fall short of it.
  var stop: Int
  var step: Int
  var count: Int
}
