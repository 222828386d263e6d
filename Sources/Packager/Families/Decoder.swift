// SPDX-License-Identifier: Apache-2.0
// A decoder as data: what families differ in. A family fills it from a source, DecoderGraph.swift turns it into ops.
import Format
import ModelFiles

/// The gate of the feed-forward.
enum GateFunction { case silu, geluTanh }

/// Whether projections have a bias.
enum BiasRule {
  case absent, required
  /// GGUF has no setting: what is there counts.
  case asStored
}

/// What one layer does in its own way.
struct DecoderLayer {
  var heads: Int
  var kvHeads: Int
  var feedForward: Int
  /// Positions that a query sees, itself included; 0: all.
  var window = 0
  /// Index into ``Decoder/ropes``.
  var rope = 0
}

/// Everything that the graph of a decoder depends on.
struct Decoder {
  /// As messages name it.
  var family: String
  var names: DecoderNames
  var vocab = 0
  var hidden = 0
  var headDim = 0
  var contextMax = 0
  var epsilon: Float = 0
  var layers: [DecoderLayer] = []
  /// One for each kind of layer.
  var ropes: [Rotary] = []
  /// Multiplies scores; 1/√head_dim where a family says nothing else.
  var attentionScale: Float = 0
  /// 0: none.
  var attentionSoftcap: Float = 0
  var finalSoftcap: Float = 0
  var embeddingScale = EmbeddingScale.one
  /// Norms of each head of queries and keys, before RoPE.
  var hasQueryKeyNorms = false
  /// Norms after attention and after the feed-forward too, before each is added to its input.
  var hasPostNorms = false
  /// Added to the weights of norms: 1 where the source stores w − 1.
  var normOffset: Float = 0
  var gate = GateFunction.silu
  var queryKeyValueBias = BiasRule.absent
  var attentionOutputBias = BiasRule.absent
  var feedForwardBias = BiasRule.absent
  /// Whether one matrix holds query, key and value, and one gate and up.
  var isFused = false
  /// Whether the embedding is the output matrix too.
  var isTied = false
  /// Whether rows of query and key are stored for RoPE on adjacent pairs, as GGUF does for llama.
  var hasPairedRows = false

  enum EmbeddingScale {
    case one
    /// √hidden as f32.
    case rootOfHidden
    /// √hidden rounded to the type of the embedding.
    case rootOfHiddenInItsType
  }

  init(family: String, names: DecoderNames) {
    self.family = family
    self.names = names
  }

  /// Every layer sees the last `window` positions, or all for 0 and for a window that is never full.
  mutating func setWindow(_ window: Int, where isWindowed: (Int) -> Bool = { _ in true }) {
    for index in layers.indices where isWindowed(index) { layers[index].window = window >= contextMax ? 0 : window }
  }

  /// The width of a head and the length of a sequence: what else is computed from them comes after this.
  func checkWidths() throws(PackError) {
    try Decoder.within("head size", headDim, 2...1024)
    try Decoder.within("context length", contextMax, 1...(1 << 20))
    guard headDim % 2 == 0 else {
      throw .badSetting(key: "head size", found: "\(headDim)", expected: "an even number")
    }
  }

  private static func within(_ key: String, _ value: Int, _ range: ClosedRange<Int>) throws(PackError) {
    guard range.contains(value) else {
      throw .badSetting(key: key, found: "\(value)", expected: "\(range.lowerBound) … \(range.upperBound)")
    }
  }

  /// Sizes that make sense together. What a format's limits forbid is refused here, in words.
  func check() throws(PackError) {
    try checkWidths()
    try Decoder.within("hidden size", hidden, 1...(1 << 17))
    try Decoder.within("layer count", layers.count, 1...1024)
    try Decoder.within("vocabulary size", vocab, 1...(1 << 20))
    for layer in layers {
      try Decoder.within("head count", layer.heads, 1...1024)
      try Decoder.within("KV head count", layer.kvHeads, 1...layer.heads)
      try Decoder.within("feed-forward size", layer.feedForward, 1...(1 << 18))
      try Decoder.within("sliding window", layer.window, 0...(1 << 20))
      guard layer.heads % layer.kvHeads == 0 else {
        throw .badSetting(
          key: "KV head count", found: "\(layer.kvHeads)", expected: "a divisor of \(layer.heads) heads")
      }
    }
    func positive(_ key: String, _ value: Float) throws(PackError) {
      guard value > 0, value.isFinite else {
        throw .badSetting(key: key, found: "\(value)", expected: "a positive number")
      }
    }
    try positive("norm epsilon", epsilon)
    try positive("attention scale", attentionScale)
    for (key, cap) in [("attention softcap", attentionSoftcap), ("final softcap", finalSoftcap)] where cap != 0 {
      try positive(key, cap)
    }
    for rope in ropes { try rope.check(headDim: headDim) }
  }
}
