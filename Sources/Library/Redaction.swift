// SPDX-License-Identifier: Apache-2.0
// Texts without their entities, as `hardtack redact` gives them: with a tagger, or by the exact recognisers alone.
import Board
import Format
import Foundation
import Storage
import Tasks

/// What is taken out of a text, and what is put in its place. docs/tasks.md, redact.
public struct RedactionOptions: Sendable {
  /// What stands for an entity: `{label}` in it is its label, `{id}` its pseudonym. One character stands for each of
  /// the entity's. Nil: `[{label}]`, and with a key `[{label}-{id}]`.
  public var replacement: String?
  /// The secret of pseudonyms, 16 bytes or more. The same text, label and key give the same one.
  public var key: [UInt8]?
  /// These labels alone; empty: all.
  public var only: Set<String> = []
  public var except: Set<String> = []
  /// Labels of the recognisers to ask; nil: all. ``patternLabels`` has them.
  public var patterns: Set<String>?
  /// Of a tagger's entities; nil: as the bundle says.
  public var minScore: Float?
  public var strategy = EntityStrategy.simple

  public init() {}

  /// `URL`, `EMAIL`, `IBAN`, `IP`, `CARD`, `PHONE`.
  public static var patternLabels: [String] {
    var labels: [String] = []
    for raw in 0..<UInt8(PatternKind.count) {
      let label = "\(PatternKind(rawValue: raw)!.label)"
      if !labels.contains(label) { labels.append(label) }
    }
    return labels
  }
}

/// A text without its entities, and these.
public struct Redaction: Sendable, Equatable {
  public var text: String
  /// What was taken out, in order, with its places in the original. The score of an exact find is 1.
  public var entities: [Entity]

  /// By the exact recognisers, without a model.
  public init(ofPatternsIn text: String, _ options: RedactionOptions = RedactionOptions()) throws {
    do { try self.init(text, options, nil) } catch let failure as Failure { throw HardtackError(failure) }
  }

  init(_ text: String, _ options: RedactionOptions, _ reader: UnsafeMutablePointer<TagReader>?) throws {
    let room = UnsafeMutableRawBufferPointer.allocate(
      byteCount: Redactor.roomByteCount(lengthMax: reader?.pointee.lengthMax ?? 0), alignment: 16)
    defer { room.deallocate() }
    var (out, entities, places) = ([UInt8](), [Entity](), Places(text))
    try options.withChoice(reader?.pointee.record) { choice in
      var redactor = Redactor(reader, choice, room: room)
      try withBytes(text) { bytes in
        var at = 0
        repeat {
          let free = redactor.free()
          let count = min(free.count, bytes.count - at)
          free.copyBytes(from: bytes[at..<(at + count)])
          at += count
          try redactor.take(count, isEnd: at == bytes.count)
          while true {
            let step = redactor.next()
            if step == .none { break }
            if step == .text {
              out += redactor.text
              continue
            }
            redactor.replace { out += $0 }
            let region = redactor.region
            let label = String(decoding: redactor.label, as: UTF8.self)
            entities.append(places.entity(label, region.score, region.begin..<region.end))
          }
        } while at < bytes.count
      }
    }
    (self.text, self.entities) = (String(decoding: out, as: UTF8.self), entities)
  }
}

extension RedactionOptions {
  /// Calls `body` with the same for `Redactor`.
  fileprivate func withChoice<Result>(
    _ record: TaskRecord?, _ body: (RedactionChoice) throws -> Result
  ) throws -> Result {
    if let key, key.count < 16 { throw HardtackError("a key has 16 bytes or more, not \(key.count)") }
    let digest = key.map { key in key.withUnsafeBytes { bytes in streamDigest { update in update(bytes) } } }
    let template = replacement ?? (key == nil ? "[{label}]" : "[{label}-{id}]")
    // A set that is empty is no name, not one that is empty.
    let asked = patterns.map { $0.isEmpty ? ["none"] : $0 } ?? []
    let names = [only, except, asked].map { $0.sorted().joined(separator: ",") }
    return try withUnsafeTemporaryAllocation(byteCount: 32, alignment: 8) { room in
      if let digest { room.put(digest, at: 0) }
      return try withBytes(template) { template in
        try withBytes(names[0]) { only in
          try withBytes(names[1]) { except in
            try withBytes(names[2]) { patterns in
              var choice = RedactionChoice(replacement: template)
              if !only.isEmpty { choice.only = only }
              if !except.isEmpty { choice.except = except }
              if self.patterns != nil { choice.patterns = patterns }
              choice.minScore = minScore ?? record?.threshold ?? 0
              if digest != nil { choice.key = UnsafeRawPointer(room.baseAddress!) }
              guard choice.hasID == (digest != nil) else {
                throw HardtackError("a key and {id} in the replacement belong together")
              }
              if let unknown = choice.unknown(record) {
                throw HardtackError("there is no label \(String(decoding: unknown, as: UTF8.self))")
              }
              return try body(choice)
            }
          }
        }
      }
    }
  }
}
