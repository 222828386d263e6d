// SPDX-License-Identifier: Apache-2.0
// Published encoders and encoder–decoders by the values of their cards.
import Packager

/// A published encoder or encoder–decoder; `published.weightCount` is what the packager takes from its checkpoint.
struct PublishedEncoder: Sendable {
  var published: PublishedModel
  /// A pooler that the checkpoint has and no head reads: `pack` keeps it as an output.
  var hasPooler: Bool

  init(_ name: String, weights: Int, hasPooler: Bool = false, _ config: String) {
    published = PublishedModel(name, weights: weights, config)
    self.hasPooler = hasPooler
  }
}

/// config.json of BERT and what has its settings.
private func bert(
  _ type: String = "bert", vocab: Int = 30522, hidden: Int = 768, layers: Int = 12, feedForward: Int = 3072,
  heads: Int = 12, positions: Int = 512, types: Int = 2, more: String = ""
) -> String {
  """
  {"model_type": "\(type)", "vocab_size": \(vocab), "hidden_size": \(hidden), "num_hidden_layers": \(layers),
   "intermediate_size": \(feedForward), "num_attention_heads": \(heads), "max_position_embeddings": \(positions),
   "type_vocab_size": \(types), "hidden_act": "gelu"\(more)}
  """
}

private func labels(_ count: Int) -> String {
  ", \"id2label\": {" + (0..<count).map { "\"\($0)\": \"\($0)\"" }.joined(separator: ", ") + "}"
}

private func distilBERT(vocab: Int = 30522, _ architecture: String, _ more: String = "") -> String {
  """
  {"model_type": "distilbert", "architectures": ["\(architecture)"], "vocab_size": \(vocab), "dim": 768,
   "hidden_dim": 3072, "n_heads": 12, "n_layers": 6, "max_position_embeddings": 512, "activation": "gelu"\(more)}
  """
}

let publishedEncoders: [PublishedEncoder] = [
  PublishedEncoder(
    "all-MiniLM-L6-v2", weights: 22_713_216, hasPooler: true,
    bert(hidden: 384, layers: 6, feedForward: 1536)),
  PublishedEncoder(
    "ms-marco-MiniLM-L6-v2, reranker", weights: 22_713_601,
    bert(
      hidden: 384, layers: 6, feedForward: 1536,
      more: ", \"architectures\": [\"BertForSequenceClassification\"]" + labels(1))),
  PublishedEncoder(
    "bge-small-en-v1.5", weights: 33_360_000, hasPooler: true,
    bert(hidden: 384, layers: 12, feedForward: 1536)),
  PublishedEncoder("bge-base-en-v1.5", weights: 109_482_240, hasPooler: true, bert()),
  PublishedEncoder(
    "bge-large-en-v1.5", weights: 335_141_888, hasPooler: true,
    bert(hidden: 1024, layers: 24, feedForward: 4096, heads: 16)),
  PublishedEncoder(
    "multilingual-e5-small", weights: 117_653_760, hasPooler: true,
    bert(vocab: 250_037, hidden: 384, layers: 12, feedForward: 1536)),
  PublishedEncoder(
    "all-mpnet-base-v2", weights: 109_486_464, hasPooler: true,
    bert("mpnet", vocab: 30527, positions: 514, more: ", \"relative_attention_num_buckets\": 32")),
  PublishedEncoder("distilbert-base-uncased, fill", weights: 66_985_530, distilBERT("DistilBertForMaskedLM")),
  PublishedEncoder(
    "distilbert-base-uncased-finetuned-sst-2-english", weights: 66_955_010,
    distilBERT("DistilBertForSequenceClassification", labels(2))),
  PublishedEncoder(
    "distilbert-base-cased-distilled-squad", weights: 65_192_450,
    distilBERT(vocab: 28996, "DistilBertForQuestionAnswering")),
  PublishedEncoder(
    "bert-base-uncased, fill", weights: 109_514_298,
    bert(more: ", \"architectures\": [\"BertForMaskedLM\"]")),
  PublishedEncoder(
    "bert-base-NER", weights: 107_726_601,
    bert(vocab: 28996, more: ", \"architectures\": [\"BertForTokenClassification\"]" + labels(9))),
  PublishedEncoder(
    "roberta-base, fill", weights: 124_697_433,
    bert(
      "roberta", vocab: 50265, positions: 514, types: 1,
      more: ", \"pad_token_id\": 1, \"layer_norm_eps\": 1e-05, \"architectures\": [\"RobertaForMaskedLM\"]")),
  PublishedEncoder(
    "xlm-roberta-base, fill", weights: 278_295_186,
    bert(
      "xlm-roberta", vocab: 250_002, positions: 514, types: 1,
      more: ", \"pad_token_id\": 1, \"layer_norm_eps\": 1e-05, \"architectures\": [\"XLMRobertaForMaskedLM\"]")),
  PublishedEncoder(
    "electra-small-discriminator, two labels", weights: 13_549_314,
    bert(
      "electra", hidden: 256, layers: 12, feedForward: 1024, heads: 4,
      more: ", \"embedding_size\": 128, \"architectures\": [\"ElectraForSequenceClassification\"]" + labels(2))),
  PublishedEncoder(
    "albert-base-v2, fill", weights: 11_221_680,
    bert("albert", vocab: 30000, more: ", \"embedding_size\": 128, \"architectures\": [\"AlbertForMaskedLM\"]")
      .withFunction("gelu_new")),
  PublishedEncoder(
    "mobilebert-uncased", weights: 24_581_888,
    bert(
      "mobilebert", hidden: 512, layers: 24, feedForward: 512, heads: 4,
      more: """
          , "embedding_size": 128, "intra_bottleneck_size": 128, "num_feedforward_networks": 4, "trigram_input": true,
         "use_bottleneck": true, "use_bottleneck_attention": false, "key_query_shared_bottleneck": true,
         "normalization_type": "no_norm", "classifier_activation": false
        """
    ).withFunction("relu")),
]

extension String {
  fileprivate func withFunction(_ function: String) -> String {
    split(separator: "\"gelu\"", omittingEmptySubsequences: false).joined(separator: "\"\(function)\"")
  }
}

/// config.json of T5.
private func t5(
  _ type: String = "t5", vocab: Int = 32128, width: Int, layers: Int, heads: Int, feedForward: Int,
  _ more: String = ""
) -> String {
  """
  {"model_type": "\(type)", "vocab_size": \(vocab), "d_model": \(width), "d_kv": 64, "d_ff": \(feedForward),
   "num_layers": \(layers), "num_heads": \(heads), "relative_attention_num_buckets": 32, "n_positions": 512,
   "layer_norm_epsilon": 1e-06\(more)}
  """
}

private let gated = ", \"feed_forward_proj\": \"gated-gelu\", \"tie_word_embeddings\": false"

let publishedEncoderDecoders: [PublishedEncoder] = [
  PublishedEncoder("t5-small", weights: 60_506_624, t5(width: 512, layers: 6, heads: 8, feedForward: 2048)),
  PublishedEncoder("t5-base", weights: 222_903_552, t5(width: 768, layers: 12, heads: 12, feedForward: 3072)),
  PublishedEncoder(
    "flan-t5-small", weights: 76_961_152,
    t5(width: 512, layers: 8, heads: 6, feedForward: 1024, gated)),
  PublishedEncoder(
    "flan-t5-base", weights: 247_577_856,
    t5(width: 768, layers: 12, heads: 12, feedForward: 2048, gated)),
  PublishedEncoder(
    "mt5-small", weights: 300_176_768,
    t5("mt5", vocab: 250_112, width: 512, layers: 8, heads: 6, feedForward: 1024, gated)),
  // With the bias on the logits, which PyTorch does not count; the tables of sines are computed.
  PublishedEncoder(
    "opus-mt-en-de", weights: 73_886_208 + 58101,
    """
    {"model_type": "marian", "vocab_size": 58101, "d_model": 512, "encoder_layers": 6, "decoder_layers": 6,
     "encoder_attention_heads": 8, "decoder_attention_heads": 8, "encoder_ffn_dim": 2048, "decoder_ffn_dim": 2048,
     "max_position_embeddings": 512, "activation_function": "swish", "scale_embedding": true,
     "static_position_embeddings": true, "normalize_before": false, "add_bias_logits": false}
    """),
]
