// SPDX-License-Identifier: Apache-2.0
// A tokenizer as its source describes it, the same for GGUF and tokenizer.json. The packager compiles it to tables.

public struct TokenizerSource: Sendable {
  public enum Model: Sendable, Equatable {
    /// GPT-2's: ranked merges over bytes.
    case byteLevelBPE
    /// SentencePiece's: characters merged by the score of what they give; bytes for what has no token.
    case sentencePieceBPE
    /// The cut with the best sum of scores.
    case unigram
    /// Words cut from the left into the longest tokens; those that begin a word are spelled with a space in front.
    case wordPiece
  }

  public enum Role: UInt8, Sendable {
    case normal
    /// Has a meaning to the model and none as text: left out of plain text, taken from it only on request.
    case special
    /// Matched in the text before it is split.
    case added
    /// One byte, for characters without a token.
    case byte
    case unknown
    case unused
    /// A piece that a text is cut into, which has no id: the unknown token stands for it. Unigram only.
    case unlisted
  }

  public struct Merge: Sendable, Equatable {
    public var left: UInt32
    public var right: UInt32
    public var merged: UInt32

    public init(left: UInt32, right: UInt32, merged: UInt32) {
      (self.left, self.right, self.merged) = (left, right, merged)
    }
  }

  /// A step of the pre-tokenizer.
  public struct Split: Sendable, Equatable {
    public enum Behaviour: Sendable {
      case isolated
      case matchesRemoved
      case gapsRemoved
      case mergedWithPrevious
      case mergedWithNext
      case contiguous
    }

    public var pattern: String
    public var behaviour: Behaviour
    /// The source has turned spaces into ▁ (U+2581) by now, so its regex meets ▁ where the text here has a space.
    public var spacesAreMeta = false
    /// What is looked for is a punctuation mark as Hugging Face's library knows them; the regex says it roughly.
    public var isPunctuation = false

    public init(pattern: String, behaviour: Behaviour = .isolated) {
      (self.pattern, self.behaviour) = (pattern, behaviour)
    }
  }

  public struct AddedToken: Sendable, Equatable {
    public var id: UInt32
    public var isSpecial: Bool
    public var stripsLeft = false
    public var stripsRight = false
    /// Looked for after normalizing instead of before.
    public var isNormalized = false
    /// What is looked for, where it is not what the token stands for: ▁ (U+2581) that is decoded as a space.
    public var spelling: [UInt8]?
    /// What is looked for is the token as it is spelled here, not its normalized form.
    public var patternIsNormalized = false
    /// Only where no character of a word stands on either side.
    public var isWord = false

    public init(id: UInt32, isSpecial: Bool) { (self.id, self.isSpecial) = (id, isSpecial) }
  }

  /// Where something is done: at the ends of the text, beside special tokens, beside other added tokens.
  public struct Places: OptionSet, Sendable {
    public let rawValue: UInt16
    public init(rawValue: UInt16) { self.rawValue = rawValue }
    public static let text = Places(rawValue: 1)
    public static let special = Places(rawValue: 2)
    public static let added = Places(rawValue: 4)
    public static let all: Places = [.text, .special, .added]
  }

  /// A step of the normalizer.
  public enum Step: Sendable, Equatable {
    case nfc, nfd, nfkc, nfkd
    case lowercase
    /// Removes combining marks: all, or only those without width.
    case stripAccents(onlyNonspacing: Bool)
    /// BERT's: control characters go, white space becomes spaces.
    case bertClean
    /// BERT's: a space on either side of Chinese characters.
    case bertChinese
    /// SentencePiece's normalizer map.
    case charsmap([UInt8])
    case replaceText([UInt8], by: [UInt8])
    case replaceRegex(String, by: [UInt8])
    case strip(left: Bool, right: Bool)
    /// Spaces at the ends go, runs of them become one.
    case tidySpaces(Places)
    /// A space in front; if `late`, of each stretch between added tokens of any kind.
    case prefixSpace(Places, unlessThere: Bool, late: Bool)
    /// SentencePiece's own: also where a user's symbol comes first.
    case dummyPrefix(Places)
  }

  public var model: Model
  /// What each token stands for, in bytes.
  public var tokens: ByteStrings
  public var roles: [Role]
  /// Best first. Byte-level BPE only.
  public var merges: [Merge] = []
  /// Higher is sooner. SentencePiece and unigram only.
  public var scores: [Float] = []
  /// The token of each single byte.
  public var byteTokens: [UInt32?] = Array(repeating: nil, count: 256)
  /// A whole word that is a token is taken without merging.
  public var wordsBypassMerges = false
  /// A piece that does not begin with a space gets one in front.
  public var piecesBeginWithSpace = false
  /// The first space is left out when decoding.
  public var dropsDecodedSpace = false
  /// UNK behind UNK is one.
  public var fusesUnknown = false
  /// Spans of tokens leave out the spaces at their ends; but not the only one that begins a text. Byte-level BPE only.
  public var trimsSpans = false
  public var keepsFirstSpace = false
  /// Code points of the longest word that WordPiece cuts.
  public var wordCodePointsMax = 100
  public var steps: [Step] = []
  public var splits: [Split] = []
  public var added: [AddedToken] = []
  public var prefix: [UInt32] = []
  public var suffix: [UInt32] = []
  public var bos: UInt32?
  public var eos: UInt32?
  public var unknown: UInt32?
  public var pad: UInt32?
  /// All tokens that end a generated text.
  public var ends: [UInt32] = []

  public init(model: Model, tokens: ByteStrings, roles: [Role]) {
    (self.model, self.tokens, self.roles) = (model, tokens, roles)
  }
}

/// Byte strings one behind the other: a vocabulary without an allocation a token.
public struct ByteStrings: Sendable, Equatable {
  public private(set) var bytes: [UInt8] = []
  /// One more than there are strings.
  public private(set) var offsets: [Int] = [0]

  public init() {}

  public var count: Int { offsets.count - 1 }

  public mutating func append(_ string: some Sequence<UInt8>) {
    bytes.append(contentsOf: string)
    offsets.append(bytes.count)
  }

  public subscript(index: Int) -> ArraySlice<UInt8> { bytes[offsets[index]..<offsets[index + 1]] }
}

/// From byte string to its index: open addressing over a `ByteStrings`.
public struct ByteStringIndex: Sendable {
  private let strings: ByteStrings
  private var slots: [Int32]

  /// - Parameter duplicate: called with two indexes that hold the same bytes; the first one is kept.
  public init(_ strings: ByteStrings, duplicate: (Int, Int) -> Void = { _, _ in }) {
    self.strings = strings
    slots = Array(repeating: -1, count: Swift.max(16, (strings.count * 2).nextPowerOfTwo))
    for index in 0..<strings.count {
      let found = strings.bytes.withUnsafeBufferPointer { all in
        slot(of: UnsafeBufferPointer(rebasing: all[strings.offsets[index]..<strings.offsets[index + 1]]))
      }
      if slots[found] >= 0 { duplicate(Int(slots[found]), index) } else { slots[found] = Int32(index) }
    }
  }

  public func index(of bytes: UnsafeBufferPointer<UInt8>) -> Int? {
    let found = slots[slot(of: bytes)]
    return found < 0 ? nil : Int(found)
  }

  public func index(of bytes: some Collection<UInt8>) -> Int? {
    if let found = bytes.withContiguousStorageIfAvailable({ index(of: $0) }) { return found }
    return Array(bytes).withUnsafeBufferPointer { index(of: $0) }
  }

  /// The slot that holds these bytes, or the empty one where they belong.
  private func slot(of bytes: UnsafeBufferPointer<UInt8>) -> Int {
    // Seeded anew in each process, so that no file can aim at one slot; results do not depend on the order of slots.
    var hasher = Hasher()
    hasher.combine(bytes: UnsafeRawBufferPointer(bytes))
    var slot = hasher.finalize() & (slots.count - 1)
    while slots[slot] >= 0 {
      let index = Int(slots[slot])
      let start = strings.offsets[index]
      let isSame =
        strings.offsets[index + 1] - start == bytes.count
        && strings.bytes.withUnsafeBufferPointer { all in
          for offset in 0..<bytes.count where all[start + offset] != bytes[offset] { return false }
          return true
        }
      if isSame { break }
      slot = (slot + 1) & (slots.count - 1)
    }
    return slot
  }
}

extension Int {
  fileprivate var nextPowerOfTwo: Int { self <= 1 ? 1 : 1 << (Int.bitWidth - (self - 1).leadingZeroBitCount) }
}
