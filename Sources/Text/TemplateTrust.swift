// SPDX-License-Identifier: Apache-2.0
// Which bytes of a rendered prompt the template itself wrote. A user's `<|im_start|>` is text; only what the template's
// source, its roles and the tokenizer's own bos and eos spell out can be special tokens. Kept as one byte beside each
// byte of output and heap, so it follows every copy; what is made byte by byte (a filter's work) is not trusted.

/// A rendered prompt, and for each byte of it 1 where the template itself wrote it, else 0.
public struct MarkedText: @unchecked Sendable {
  public var text: UnsafeRawBufferPointer
  public var trusted: UnsafePointer<UInt8>
}

extension TemplateView {
  /// Scratch memory that `render` takes at least.
  public static var scratchByteCountLeast: Int { TemplateMachine.scratchByteCountMin }

  /// Scratch memory for `renderMarked`: as `scratchByteCount`, twice.
  public static func markedScratchByteCount(inputByteCount: Int) -> Int {
    2 * scratchByteCount(inputByteCount: inputByteCount)
  }

  /// `render`, with marks. Half of `scratch` is for them.
  ///
  /// The strings under the key `role` in the input are trusted where they are words of letters, digits, `_` and `-`:
  /// templates build tokens such as `<|user|>` of them.
  public func renderMarked(
    _ input: TemplateInput, scratch: UnsafeMutableRawBufferPointer, limits: TemplateLimits = TemplateLimits()
  ) throws(TemplateError) -> MarkedText {
    let half = (scratch.count / 2) & ~15
    let marks = scratch.baseAddress.map { ($0 + half).assumingMemoryBound(to: UInt8.self) }
    let text = try render(
      input, scratch: UnsafeMutableRawBufferPointer(rebasing: scratch[0..<half]), limits: limits, marks: marks)
    // The output is the first of the memory that has marks.
    return MarkedText(text: text, trusted: UnsafePointer(marks.unsafelyUnwrapped))
  }
}

extension TemplateMachine {
  /// Marks bytes that were copied from `bytes` to the output or heap: as what is copied is marked, or comes from where
  /// only what is trusted lies.
  @inline(never)
  mutating func copyMarks(from bytes: UnsafePointer<UInt8>, to target: UnsafeMutablePointer<UInt8>, _ count: Int) {
    guard let marks else { return }
    let to = marks + (target - output)
    let from = bytes - UnsafePointer(output)
    if from >= 0, from &+ count <= outputLimit &+ heapLimit {
      UnsafeMutableRawPointer(to).copyMemory(from: marks + from, byteCount: count)
    } else {
      let source = TemplateValue.string(view.text, view.textByteCount)
      let isTrusted = lies(bytes, count, in: source) || lies(bytes, count, in: bos) || lies(bytes, count, in: eos)
      to.update(repeating: isTrusted ? 1 : 0, count: count)
    }
  }

  private mutating func lies(_ bytes: UnsafePointer<UInt8>, _ count: Int, in part: TemplateValue) -> Bool {
    guard part.tag == .string else { return false }
    return bytes >= part.bytes && bytes + count <= part.bytes + part.count
  }

  @inline(never)
  mutating func setMarks(_ target: UnsafeMutablePointer<UInt8>, _ count: Int, to mark: UInt8) {
    if let marks { (marks + (target - output)).update(repeating: mark, count: count) }
  }

  /// A role as a template may trust it: a word, copied to where it has marks.
  @inline(never)
  mutating func trustedRole(_ value: TemplateValue) -> TemplateValue {
    guard marks != nil, value.tag == .string, value.count > 0, value.count <= 64 else { return value }
    for c in value.text {
      let letter = c | 32
      guard (letter >= 97 && letter <= 122) || (c >= 48 && c <= 57) || c == 45 || c == 95 else { return value }
    }
    let start = begin()
    put(value.bytes, value.count)
    let copy = end(start)  // empty where the heap is full, which is said later
    setMarks(heap + start, copy.count, to: 1)
    return copy
  }
}
