// SPDX-License-Identifier: Apache-2.0
// Encodes one block: for each segment the arrangement that comes out smallest, then one zstd frame.
import CCodec
import Format
import Storage

/// One worker's encoder and buffers. The bytes it gives are a function of the planned block alone.
final class BlockEncoder {
  private static let room = BlockHeader.transformedByteCountMax + (1 << 16)
  private static let cutCountMax = 4_096
  /// Bytes that share an entropy table at most.
  private static let tableReach = 1 << 16
  /// A segment smaller than this is not worth a search.
  private static let searchByteCountMin = 1 << 12

  private let encoder: OpaquePointer
  private let transformed = UnsafeMutableRawBufferPointer.allocate(byteCount: room, alignment: 64)
  private let candidate = UnsafeMutableRawBufferPointer.allocate(byteCount: room, alignment: 64)
  private let coded = UnsafeMutableRawBufferPointer.allocate(byteCount: 2 * room, alignment: 64)
  private let cutRoom = UnsafeMutableBufferPointer<Int>.allocate(capacity: cutCountMax)

  init?() {
    guard let encoder = codec_encoder_create() else { return nil }
    self.encoder = OpaquePointer(encoder)
  }

  deinit {
    codec_encoder_destroy(UnsafeMutableRawPointer(encoder))
    transformed.deallocate()
    candidate.deallocate()
    coded.deallocate()
    cutRoom.deallocate()
  }

  /// The stored bytes of `block`, whose expanded bytes are `bytes`.
  func encode(_ block: PlannedBlock, _ bytes: UnsafeRawBufferPointer) -> [UInt8] {
    let isWeights = block.segments.contains { if case .bytes = $0.content { false } else { true } }
    var segments: [Segment] = []
    var cuts: [Int] = []
    var from = 0
    var to = 0
    for planned in block.segments {
      let part = bytes.part(from, planned.byteCount)
      let segment = choose(planned, part, isWeights: isWeights)
      let out = UnsafeMutableRawBufferPointer(rebasing: transformed[to...])
      cuts += split(segment, part, into: out).cuts.map { $0 + to }
      segments.append(segment)
      from += planned.byteCount
      to += segment.transformedByteCount
      cuts.append(to)
    }
    let payload = UnsafeRawBufferPointer(rebasing: transformed[0..<to])
    let codedByteCount = code(payload, cuts: isWeights ? cuts : [], isWeights: isWeights)
    let pays = codedByteCount.map { $0 < to } ?? false
    let stored = pays ? UnsafeRawBufferPointer(coded).part(0, codedByteCount!) : payload
    return record(block, segments, stored, coding: pays ? BlockHeader.codingZstd : BlockHeader.codingRaw)
  }

  private func record(
    _ block: PlannedBlock, _ segments: [Segment], _ payload: UnsafeRawBufferPointer, coding: UInt8
  ) -> [UInt8] {
    let header = BlockHeader(
      expandedByteCount: block.byteCount, payloadByteCount: payload.count, segmentCount: segments.count,
      coding: coding)
    var out = [UInt8](repeating: 0, count: header.recordsByteCount)
    out.withUnsafeMutableBytes { room in
      header.write(into: room)
      for (i, segment) in segments.enumerated() {
        let at = BlockHeader.byteCount + i * Segment.byteCount
        segment.write(into: UnsafeMutableRawBufferPointer(rebasing: room[at..<(at + Segment.byteCount)]))
      }
    }
    out += payload
    return out
  }

  /// The smallest of the arrangements that fit; but a later one, which is slower to undo, must gain 1/400.
  private func choose(_ planned: PlannedSegment, _ bytes: UnsafeRawBufferPointer, isWeights: Bool) -> Segment {
    var best = Segment(copying: planned.byteCount)
    guard planned.byteCount >= BlockEncoder.searchByteCountMin else {
      if case .numbers(let width, _) = planned.content {
        return Segment(planes: width, byteCount: planned.byteCount)
      }
      if case .panels(let panels) = planned.content { return Segment(panels: panels) }
      return best
    }
    var bestByteCount = Int.max
    for segment in arrangements(of: planned) {
      guard let (fitting, cuts) = trySplit(segment, bytes) else { continue }
      let payload = UnsafeRawBufferPointer(candidate).part(0, fitting.transformedByteCount)
      let byteCount = code(payload, cuts: isWeights ? cuts : [], isWeights: isWeights) ?? payload.count
      if bestByteCount == .max || byteCount + byteCount / 400 < bestByteCount {
        (best, bestByteCount) = (fitting, byteCount)
      }
    }
    return best
  }

  /// What is tried, simplest first.
  private func arrangements(of planned: PlannedSegment) -> [Segment] {
    switch planned.content {
    case .bytes:
      return [Segment(copying: planned.byteCount), Segment(planes: 4, byteCount: planned.byteCount)]
    case .numbers(let width, let inPanels):
      let planes = Segment(planes: width, byteCount: planned.byteCount)
      return inPanels ? [planes, Segment(fewNumbers: width, byteCount: planned.byteCount)] : [planes]
    case .panels(let panels):
      var all: [Segment] = []
      for order in [CODEC_ORDER_LINES, CODEC_ORDER_COLUMNS, CODEC_ORDER_SCALES, CODEC_ORDER_FEW] {
        var arranged = panels
        arranged.order = order.rawValue
        var segment = Segment(panels: arranged)
        guard segment.isAllowed else { continue }
        all.append(segment)
        segment.rankCount = 1  // a wish: the table's size comes with the attempt
        all.append(segment)
      }
      return all
    }
  }

  private func trySplit(_ segment: Segment, _ bytes: UnsafeRawBufferPointer) -> (Segment, [Int])? {
    let (fitting, cuts) = split(segment, bytes, into: candidate)
    guard let fitting, fitting.transformedByteCount <= bytes.count + bytes.count / 8 else { return nil }
    return (fitting, cuts)
  }

  /// Transforms `bytes` into `out`; nil when they cannot be arranged like this.
  private func split(
    _ segment: Segment, _ bytes: UnsafeRawBufferPointer, into out: UnsafeMutableRawBufferPointer
  ) -> (segment: Segment?, cuts: [Int]) {
    let from = bytes.baseAddress!.assumingMemoryBound(to: UInt8.self)
    let to = out.baseAddress!.assumingMemoryBound(to: UInt8.self)
    switch segment.transform {
    case Segment.transformPlanes:
      let width = Int(segment.variant)
      let count = bytes.count / width
      codec_split_planes(from, count, Int32(width), to)
      let done = count * width
      UnsafeMutableRawBufferPointer(rebasing: out[done...]).copyMemory(from: bytes.part(done, bytes.count - done))
      return (segment, (1...width).map { $0 * count })
    case Segment.transformFewNumbers:
      let width = Int(segment.variant)
      let groupCount = bytes.count / (512 * width)
      guard segment.isAllowed, codec_split_few_numbers(from, groupCount, Int32(width), to) == 1 else {
        return (nil, [])
      }
      return (segment, (1...(16 * width)).map { $0 * groupCount * 16 })
    case Segment.transformPanels:
      var panels = segment.panels
      var cutCount = 0
      let written = codec_split_panels(
        from, &panels, segment.rankCount > 0 ? 1 : 0, to, cutRoom.baseAddress!, cutRoom.count, &cutCount)
      guard written >= 0 else { return (nil, []) }
      return (Segment(panels: panels), Array(cutRoom[0..<cutCount]))
    default:
      out.copyMemory(from: bytes)
      return (segment, [])
    }
  }

  /// Into `coded`; nil when it does not fit, which is when it does not pay.
  private func code(_ bytes: UnsafeRawBufferPointer, cuts: [Int], isWeights: Bool) -> Int? {
    var offsets: [Int] = []
    if isWeights {
      var before = 0
      for cut in cuts + [bytes.count] {
        var at = before + BlockEncoder.tableReach
        while at + BlockEncoder.tableReach / 2 < cut {
          offsets.append(at)
          at += BlockEncoder.tableReach
        }
        offsets.append(cut)
        before = cut
      }
    }
    let n = codec_encode(
      UnsafeMutableRawPointer(encoder), isWeights ? 1 : 19, isWeights ? 1 : 0, bytes.baseAddress, bytes.count,
      offsets, offsets.count, coded.baseAddress, coded.count)
    return n < 0 ? nil : n
  }
}
