// SPDX-License-Identifier: Apache-2.0
// An encoder as data: what families differ in. A family fills it from a source, EncoderGraph.swift turns it into ops.
import Format
import ModelFiles
import Ops

/// What stands behind the last layer.
enum EncoderHead: Equatable {
  /// The hidden rows, and the pooler where the checkpoint has one.
  case none
  /// One row of labels for a text.
  case sequenceClassification
  /// One row of labels for each token.
  case tokenClassification
  /// Two numbers for each token: start and end of an answer.
  case questionAnswering
  /// The vocabulary, for tokens that are masked.
  case maskedLanguageModel
}

/// What a family puts before the matrix of labels when it classifies a text.
enum SequenceHead: Equatable {
  /// The pooler, a tanh behind it, then `classifier`.
  case pooler
  /// `pre_classifier`, a function behind it, then `classifier`.
  case preClassifier(Apply.Function)
  /// The first token's row as it is, then `classifier`.
  case firstToken
  /// `classifier.dense`, a function behind it, then `classifier.out_proj`.
  case dense(Apply.Function)
}

/// Scores that depend on the distance of key and query, in buckets: T5's, which MPNet has too.
struct RelativeBias: Equatable {
  var tensor: String
  var bucketCount: Int
  var distanceMax: Int
}

/// Everything that the graph of an encoder depends on.
struct Encoder {
  /// As messages name it.
  var family: String
  var names: EncoderNames
  var vocab = 0
  var hidden = 0
  /// Columns of the embeddings; another number than `hidden` where a matrix stands between.
  var embeddingSize = 0
  var heads = 0
  var feedForward = 0
  var contextMax = 0
  var epsilon: Float = 1e-12
  /// Prefixes of the layers' tensors, in the order in which they run; shared layers come again.
  var layers: [String] = []
  /// Types of tokens; 0: no table.
  var typeCount = 0
  /// Of the first token in the table of positions.
  var positionOffset = 0
  var function = Apply.Function.geluErf
  var relativeBias: RelativeBias?
  var head = EncoderHead.none
  var sequenceHead = SequenceHead.pooler
  var labelCount = 0
  /// Whether the vocabulary's matrix is that of the embedding.
  var isTied = true
  /// What `embed` gives of an encoder without head; nil: nothing.
  var pooling: SentencePooling?

  var headDim: Int { heads > 0 ? hidden / heads : 0 }

  init(family: String, names: EncoderNames) {
    self.family = family
    self.names = names
  }

  /// What stands before the names of the base model's tensors, by what is there.
  func prefix(in builder: GraphBuilder) -> String {
    names.prefixes.first { builder.has("\($0)\(names.words).weight") } ?? names.prefixes[0]
  }

  /// Sizes that make sense together. What a format's limits forbid is refused here, in words.
  func check() throws(PackError) {
    func within(_ key: String, _ value: Int, _ range: ClosedRange<Int>) throws(PackError) {
      guard range.contains(value) else {
        throw .badSetting(key: key, found: "\(value)", expected: "\(range.lowerBound) … \(range.upperBound)")
      }
    }
    try within("hidden size", hidden, 1...(1 << 17))
    try within("embedding size", embeddingSize, 1...(1 << 17))
    try within("layer count", layers.count, 1...1024)
    try within("vocabulary size", vocab, 1...(1 << 20))
    try within("head count", heads, 1...1024)
    try within("feed-forward size", feedForward, 1...(1 << 18))
    try within("longest text", contextMax, 1...(1 << 20))
    try within("type count", typeCount, 0...(1 << 16))
    guard hidden % heads == 0, headDim % 2 == 0 else {
      throw .badSetting(key: "hidden size", found: "\(hidden)", expected: "\(heads) heads of an even width")
    }
    guard epsilon > 0, epsilon.isFinite else {
      throw .badSetting(key: "norm epsilon", found: "\(epsilon)", expected: "a positive number")
    }
  }
}
