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

/// The marks of a machine's output and heap, and the memory whose bytes are trusted.
struct TemplateTrust {
  /// The mark of `output + i` is `marks[i]`.
  let marks: UnsafeMutablePointer<UInt8>
  let output: UnsafeMutablePointer<UInt8>
  let byteCount: Int
  let source: UnsafeBufferPointer<UInt8>
  let bos: UnsafeBufferPointer<UInt8>?
  let eos: UnsafeBufferPointer<UInt8>?

  @inline(never)
  func copy(from bytes: UnsafePointer<UInt8>, to target: UnsafeMutablePointer<UInt8>, _ count: Int) {
    let to = marks + (target - output)
    let from = bytes - UnsafePointer(output)
    if from >= 0, from + count <= byteCount {
      UnsafeMutableRawPointer(to).copyMemory(from: marks + from, byteCount: count)
    } else {
      to.update(repeating: isTrusted(bytes, count) ? 1 : 0, count: count)
    }
  }

  func set(_ target: UnsafeMutablePointer<UInt8>, _ count: Int, to mark: UInt8) {
    (marks + (target - output)).update(repeating: mark, count: count)
  }

  private func isTrusted(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> Bool {
    func lies(in part: UnsafeBufferPointer<UInt8>?) -> Bool {
      guard let part, let start = part.baseAddress else { return false }
      return bytes >= start && bytes + count <= start + part.count
    }
    return lies(in: source) || lies(in: bos) || lies(in: eos)
  }
}

extension TemplateMachine {
  mutating func startTrust(_ marks: UnsafeMutablePointer<UInt8>?, _ input: TemplateInput) {
    guard let marks else { return }
    trust = TemplateTrust(
      marks: marks, output: output, byteCount: outputLimit + heapLimit,
      source: UnsafeBufferPointer(start: view.text, count: view.textByteCount), bos: input.bos, eos: input.eos)
  }

  /// A role as a template may trust it: a word, copied to where it has marks.
  @inline(never)
  mutating func trustedRole(_ value: TemplateValue) -> TemplateValue {
    guard let trust, value.tag == .string, value.count > 0, value.count <= 64 else { return value }
    for c in value.text {
      let letter = c | 32
      guard (letter >= 97 && letter <= 122) || (c >= 48 && c <= 57) || c == 45 || c == 95 else { return value }
    }
    let start = begin()
    put(value.bytes, value.count)
    let copy = end(start)  // empty where the heap is full, which is said later
    trust.set(heap + start, copy.count, to: 1)
    return copy
  }
}
