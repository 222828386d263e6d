// SPDX-License-Identifier: Apache-2.0
// Stop texts against a search that has the whole text before it, however the bytes come.
import TestBundles
import Testing

import Tasks

/// Feeds `text` byte by byte; returns what was released and which stop came.
private func feed(_ text: [UInt8], _ stops: [[UInt8]], checkWaiting: Bool = true) -> (released: [UInt8], found: Int?) {
  let room = UnsafeMutableRawPointer.allocate(byteCount: StopTexts.roomByteCount, alignment: 16)
  let copies = stops.map { stop in
    let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: stop.count, alignment: 1)
    bytes.copyBytes(from: stop)
    return bytes
  }
  defer {
    room.deallocate()
    copies.forEach { $0.deallocate() }
  }
  var texts = StopTexts(room: room)
  for copy in copies {
    let isTaken = texts.add(UnsafeRawBufferPointer(copy))
    #expect(isTaken)
  }
  var released: [UInt8] = []
  for (index, byte) in text.enumerated() {
    if texts.take(byte, release: { released += $0 }) { return (released, texts.found) }
    // What waits is the longest end of the text that a stop begins with, and no more.
    let seen = text[...index]
    let held = stops.flatMap { stop in
      (1..<max(2, stop.count)).filter { seen.suffix($0).elementsEqual(stop.prefix($0)) }
    }
    let longest = held.filter { n in n < stops.map(\.count).max()! }.max() ?? 0
    if checkWaiting { #expect(texts.waitingCount == longest, "\(text) \(stops) at \(index)") }
    #expect(released.count + texts.waitingCount == index + 1)
  }
  texts.finish { released += $0 }
  return (released, nil)
}

/// The stop that is whole first, the longest of those that are whole at once.
private func search(_ text: [UInt8], _ stops: [[UInt8]]) -> (released: [UInt8], found: Int?) {
  for end in text.indices {
    let whole = stops.indices.filter { text[...end].suffix(stops[$0].count).elementsEqual(stops[$0]) }
    guard let longest = whole.map({ stops[$0].count }).max() else { continue }
    return (Array(text[..<(end + 1 - longest)]), whole.first { stops[$0].count == longest })
  }
  return (text, nil)
}

@Suite("Stop texts")
struct StopTextsTests {
  @Test("are found as a search of the whole text finds them")
  func likeSearch() {
    var random = Seeded(5)
    var foundCount = 0
    for _ in 0..<4000 {
      let letters = 2 + random.below(2)
      let text = (0..<random.below(40)).map { _ in UInt8(97 + random.below(letters)) }
      let stops = (0...random.below(4)).map { _ in
        (0...random.below(6)).map { _ in UInt8(97 + random.below(letters)) }
      }
      let (found, expected) = (feed(text, stops), search(text, stops))
      #expect(found.released == expected.released, "\(text) \(stops)")
      #expect(found.found == expected.found, "\(text) \(stops)")
      foundCount += found.found == nil ? 0 : 1
    }
    #expect(foundCount > 1000 && foundCount < 3900)
  }

  @Test("of any length up to the limit, with every kind of repetition")
  func long() {
    for unit in 1...7 {
      let stop = (0..<StopTexts.byteCountMax).map { UInt8(97 + $0 % unit) }
      let text = Array("xyz".utf8) + stop.dropFirst(unit) + stop
      let found = feed(text, [stop], checkWaiting: false)
      #expect(found.found == 0)
      #expect(found.released == search(text, [stop]).released)
    }
  }

  @Test("too long, empty or too many are refused")
  func refused() {
    let room = UnsafeMutableRawPointer.allocate(byteCount: StopTexts.roomByteCount, alignment: 16)
    let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: 300, alignment: 1)
    bytes.initializeMemory(as: UInt8.self, repeating: 97)
    defer {
      room.deallocate()
      bytes.deallocate()
    }
    var texts = StopTexts(room: room)
    func part(_ count: Int) -> UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: bytes[0..<count]) }
    var taken: [Bool] = []
    for count in [0, 257] + (0..<16).map({ 256 - $0 }) + [5] { taken.append(texts.add(part(count))) }
    #expect(taken == [false, false] + [Bool](repeating: true, count: 16) + [false])
    #expect(texts.count == 16)
  }
}
