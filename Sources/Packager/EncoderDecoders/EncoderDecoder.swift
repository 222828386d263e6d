// SPDX-License-Identifier: Apache-2.0
// An encoder–decoder as data: what families differ in. A family fills it from config.json, EncoderDecoderGraph.swift
// turns it into ops.
import Format
import ModelFiles
import Ops

/// A family of encoder–decoders.
struct EncoderDecoderFamily: Sendable {
  var modelTypes: [String]
  var model: @Sendable (JSONFields, String) throws -> EncoderDecoder
}

/// A new family is a line here and a file.
let encoderDecoderFamilies: [EncoderDecoderFamily] = [.t5, .marian]

/// Everything that the graph of an encoder–decoder depends on.
struct EncoderDecoder {
  /// One of the two stacks of layers.
  struct Stack {
    var layerCount = 0
    var heads = 0
    var headDim = 0
    /// Of attention's scores.
    var scale: Float = 1
    var feedForward = 0
    var names = StackNames()
    /// Scores by distance: in which layers' tensors they are (T5: the first one's, for all), and their tensor's name.
    var relativeBias: RelativeBias?
    var hasBiasInEachLayer = false
    /// Of queries, keys and values each.
    var columns: Int { heads * headDim }
  }

  /// What stands in front of a block's matrices (T5), or behind its sum (Marian).
  enum Norm: Equatable { case rmsBefore, layerBehind }

  /// Where the positions of tokens come from.
  enum Positions: Equatable { case byDistance, sinusoidal }

  var family: String
  var vocab = 0
  var hidden = 0
  var contextMax = 0
  var epsilon: Float = 1e-6
  var encoder = Stack()
  var decoder = Stack()
  var function = Apply.Function.relu
  /// Feed-forward of two matrices, `f(gate)·up`.
  var isGated = false
  var norm = Norm.rmsBefore
  var positions = Positions.byDistance
  var hasBiases = false
  var embeddingScale: Float = 1
  /// Names that the embedding shared by both stacks may have; where none is there, each stack has its own.
  var sharedNames: [String] = []
  var encoderWords = ""
  var decoderWords = ""
  /// The matrix of the output; empty: the decoder's embedding.
  var output = ""
  /// Whether the settings say that the output is an embedding: what a checkpoint stores counts for more.
  var isTied = true
  /// Of the hidden row before the output.
  var outputScale: Float = 1
  /// A vector (1, vocab) added to the logits; empty: none.
  var outputBias = ""
  /// Known names of tensors that change nothing: copies of others.
  var ignored: [String] = []
  var activations = ActivationPolicy(nil)

  init(family: String) { self.family = family }

  /// Sizes that make sense together. What a format's limits forbid is refused here, in words.
  func check() throws(PackError) {
    func within(_ key: String, _ value: Int, _ range: ClosedRange<Int>) throws(PackError) {
      guard range.contains(value) else {
        throw .badSetting(key: key, found: "\(value)", expected: "\(range.lowerBound) … \(range.upperBound)")
      }
    }
    try within("hidden size", hidden, 1...(1 << 17))
    try within("vocabulary size", vocab, 1...(1 << 20))
    try within("longest text", contextMax, 1...(1 << 16))
    for stack in [encoder, decoder] {
      try within("layer count", stack.layerCount, 1...256)
      try within("head count", stack.heads, 1...1024)
      try within("head size", stack.headDim, 2...512)
      guard stack.headDim % 2 == 0 else {
        throw .badSetting(key: "head size", found: "\(stack.headDim)", expected: "an even number")
      }
      try within("feed-forward size", stack.feedForward, 1...(1 << 18))
      if let bias = stack.relativeBias {
        try within("relative_attention_num_buckets", bias.bucketCount, 4...4096)
        try within("relative_attention_max_distance", bias.distanceMax, bias.bucketCount / 2 + 1...(1 << 20))
      }
    }
    guard epsilon > 0, epsilon.isFinite else {
      throw .badSetting(key: "norm epsilon", found: "\(epsilon)", expected: "a positive number")
    }
  }
}

/// The tensor names of one stack, without `.weight`; those of a block without its layer's prefix.
struct StackNames: Sendable {
  /// Of the block: its matrices, its norm.
  struct Attention: Sendable {
    var query = "q"
    var key = "k"
    var value = "v"
    var output = "o"
    var norm = "layer_norm"
  }

  /// Before a layer's number, and behind it.
  var layer = ""
  var selfAttention = Attention()
  /// Of a decoder alone.
  var crossAttention = Attention()
  var gate = ""
  var up = ""
  var down = ""
  var feedForwardNorm = ""
  /// Behind the last layer; empty: none.
  var finalNorm = ""

  func prefix(_ index: Int) -> String { "\(layer)\(index)." }
}

extension StackNames.Attention {
  init(_ block: String, _ query: String, _ key: String, _ value: String, _ output: String, norm: String) {
    self.init(
      query: "\(block).\(query)", key: "\(block).\(key)", value: "\(block).\(value)", output: "\(block).\(output)",
      norm: norm)
  }
}
