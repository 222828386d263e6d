// SPDX-License-Identifier: Apache-2.0
// Windows of any size find what the whole text gives, at every offset around a border; and no text makes a recogniser
// slow or reads outside the window.
import Foundation
import Tasks
import Testing

/// The spans of `text` read in windows: as `redact` does, in `capacity` bytes of memory, `portion` bytes at a time.
func windowed(_ text: [UInt8], capacity: Int, portion: Int) -> [PatternSpan] {
  let window = UnsafeMutableRawBufferPointer.allocate(byteCount: capacity, alignment: 16)
  defer { window.deallocate() }
  let scanner = PatternScanner()
  var found: [PatternSpan] = []
  // The window holds text[origin ..< origin + count]; `from` is where the scanner is, in the window.
  var (origin, count, from) = (0, 0, 0)
  while true {
    let more = min(portion, capacity - count, text.count - origin - count)
    if more > 0 {
      text.withUnsafeBytes {
        (window.baseAddress! + count).copyMemory(from: $0.baseAddress! + origin + count, byteCount: more)
      }
      count += more
    }
    let isEnd = origin + count == text.count
    scan: while true {
      switch scanner.next(in: UnsafeRawBufferPointer(rebasing: window[0..<count]), from: from, isEnd: isEnd) {
      case .found(var span):
        from = span.end
        span.begin += origin
        span.end += origin
        found.append(span)
      case .none(let before):
        from = before
        break scan
      }
    }
    if isEnd { return found }
    let drop = max(0, from - PatternScanner.lookbehindByteCount)
    window.baseAddress!.copyMemory(from: window.baseAddress! + drop, byteCount: count - drop)
    (origin, count, from) = (origin + drop, count - drop, from - drop)
  }
}

private let planted = [
  "ann@example.com", "jürgen@müller.de", "https://example.com/a?b=c", "DE89 3704 0044 0532 0130 00", "10.20.30.40",
  "2001:db8::8a2e:370:7334", "4111 1111 1111 1111", "+49 30 901820", "(212) 555-0123", "....x@y.org",
  // Not entities, because of what lies around them.
  "ann@example.com_", "é4111111111111111", "1.10.20.30.40", "4111 1111 1111 1111-2",
]

@Suite("Recognisers in windows")
struct WindowTests {
  @Test("at every offset around a border", arguments: planted)
  func everyOffset(entity: String) {
    let filler = Array("Wörter und, so weiter. ".utf8)
    let capacity = PatternScanner.lookaheadByteCount + 300
    for offset in 180..<420 {
      var text = (0..<offset).map { filler[$0 % filler.count] }
      text[offset - 1] = 32
      let alone = spans([32] + Array(entity.utf8) + [32]).map {
        PatternSpan(kind: $0.kind, begin: $0.begin - 1 + offset, end: $0.end - 1 + offset)
      }
      text += Array(entity.utf8) + [32]
      text += (0..<2600).map { filler[$0 % filler.count] }
      #expect(windowed(text, capacity: capacity, portion: 300) == alone, "offset \(offset)")
    }
  }

  @Test("random mixtures of what entities are made of, in windows of random sizes")
  func mixtures() {
    let parts =
      planted + [
        " ", " ", "\n", ".", ",", "@", ":", "://", "www.", "0", "12", "345", "+", "-", "(", ")", "/", "é", "漢", "_",
        "a",
        "com", "\u{00A0}", "1.2.3.4", "::", "ffff", "http://", String(repeating: "a", count: 70),
      ]
    var random = SystemRandomNumberGenerator()
    for _ in 0..<300 {
      var text: [UInt8] = []
      while text.count < 6000 { text += Array(parts.randomElement(using: &random)!.utf8) }
      if Bool.random() { text[Int.random(in: 0..<text.count)] = UInt8.random(in: 128...255) }
      let whole = spans(text)
      for _ in 0..<3 {
        let capacity = PatternScanner.lookaheadByteCount + Int.random(in: 100...3000)
        let other = windowed(text, capacity: capacity, portion: Int.random(in: 1...3000))
        #expect(other == whole, "\(String(decoding: text, as: UTF8.self))")
      }
      for span in whole { #expect(span.end - span.begin <= PatternScanner.entityByteCountMax) }
    }
  }

  @Test("every start of a text: nothing outside it is read, and nothing crashes")
  func hostileBytes() {
    var random = SystemRandomNumberGenerator()
    let page = Int(sysconf(Int32(_SC_PAGESIZE)))
    let map = mmap(nil, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)!
    defer { munmap(map, 2 * page) }
    mprotect(map + page, page, PROT_NONE)
    for round in 0..<4000 {
      let count = Int.random(in: 0...200, using: &random)
      let start = map + page - count
      let source = Array(planted.randomElement(using: &random)!.utf8)
      for i in 0..<count {
        let byte = round % 2 == 0 ? UInt8.random(in: 0...255, using: &random) : source[i % source.count]
        start.storeBytes(of: byte, toByteOffset: i, as: UInt8.self)
      }
      var from = 0
      let window = UnsafeRawBufferPointer(start: start, count: count)
      while case .found(let span) = PatternScanner().next(in: window, from: from, isEnd: true) {
        #expect(span.begin >= from && span.end > span.begin && span.end <= count)
        from = span.end
      }
    }
  }

  @Test("time grows with the text, whatever it is")
  func neverQuadratic() {
    let hostile = [
      "a", "a@", "a@a.", "a--", "a.a@a.", "1 ", "12 ", "1234 ", "+1 ", "0 1 ", "(1) ", "1:", "::1", "f:", "DE89",
      "1.1.",
      "http://", "http://[", "www.", "www.a", "é", "é@", "a-", "'", "a'", "\u{00A0}", "1\u{202F}", "\u{80}",
    ]
    for part in hostile {
      let bytes = Array(part.utf8)
      func seconds(_ count: Int) -> Double {
        let text = (0..<count).map { bytes[$0 % bytes.count] }
        // Of this thread: others may be at work on the same processor.
        var (start, end) = (timespec(), timespec())
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &start)
        _ = spans(text)
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &end)
        return Double(end.tv_sec - start.tv_sec) + Double(end.tv_nsec - start.tv_nsec) * 1e-9
      }
      // 4 MB would take hours where time grows with the square; 2 µs a byte is far above what is seen.
      #expect(seconds(1 << 20) < 2.1, "\(part)")
    }
  }
}
