// SPDX-License-Identifier: Apache-2.0
// `hardtack perplexity`: how well a model predicts a text, counted as llama.cpp counts it.
import ArgumentParser
import CKernels
import Foundation
import ModelFiles
import Runtime

struct Perplexity: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measure how well a model predicts a text.",
    discussion: """
      The text is cut into windows of --context tokens, each starting with the model's own first token where it has \
      one. The second half of each window is scored, so that every scored token has at least half a window before it; \
      the last window, when not full, is left out. The result is exp of the mean negative log-likelihood.
      """)

  @Argument(help: "The bundle.")
  var bundle: String
  @Argument(help: "A UTF-8 text file.")
  var file: String
  @Option(name: [.short, .long], help: "Tokens of a window; by default 512, or what the model takes.")
  var context: Int?
  @Option(help: "Tokens of a call.")
  var chunk = 128
  @Option(name: [.short, .long], help: "Threads; by default all processors.")
  var threads = ProcessInfo.processInfo.activeProcessorCount
  @Option(help: "f32, f16 or q8: how the cache holds keys and values; by default f32 for float weights, else f16.")
  var kv: String?
  @Option(help: "The kernel set; by default the best of this processor.")
  var isa: String?
  @Flag(help: "Print one JSON object.")
  var json = false

  func validate() throws {
    guard (1...64).contains(threads) else { throw ValidationError("--threads takes 1 … 64.") }
    guard context ?? 2 >= 2 else { throw ValidationError("--context takes 2 or more.") }
    guard chunk >= 1 else { throw ValidationError("--chunk takes 1 or more.") }
    guard kv == nil || ["f32", "f16", "q8"].contains(kv) else { throw ValidationError("--kv takes f32, f16 or q8.") }
  }

  func run() throws {
    let model = try LocalModel(path: bundle)
    let text = try FileBytes(path: file)
    let ids = try withExtendedLifetime(text) { try model.encode(text.bytes, addSpecial: true) }
    let contextMax = model.program.contextMax
    let context = context ?? min(512, contextMax)
    guard (2...max(2, contextMax)).contains(context) else {
      throw ModelProblem(
        "a context of \(context) tokens was asked for, the model takes 2 … \(contextMax)", code: 4)
    }
    guard ids.count >= context else {
      throw ModelProblem(
        "the text has \(ids.count) tokens, one window needs \(context)", code: 3, hint: "--context N makes it shorter")
    }
    var options = PlanOptions(context: context, chunk: min(chunk, context), kv: kind(model), threads: threads)
    options.outputs = min(16, options.chunk)
    var session = try model.session(options, isa: isa)
    var (sum, count) = (0.0, 0)
    let bar = ProgressBar("perplexity")
    let windows = ids.count / context
    for window in 0..<windows {
      var part = Array(ids[(window * context)..<((window + 1) * context)])
      if let first = model.tokenizer?.prefix.first { part[0] = first }
      session.rewind(to: 0)
      try part.withUnsafeBufferPointer { part in
        try session.feed(part, firstOutput: context / 2) { position, logits in
          guard position + 1 < context else { return }
          sum += Perplexity.negativeLogLikelihood(logits, of: part[position + 1])
          count += 1
        }
      }
      bar.update(done: UInt64(window + 1), of: UInt64(windows))
    }
    bar.clear()
    report(exp(sum / Double(count)), count, windows, context)
  }

  private func kind(_ model: LocalModel) -> ht_kv {
    switch kv {
    case "f16": HT_KV_F16
    case "q8": HT_KV_Q8
    case "f32": HT_KV_F32
    default: model.program.kvDefault
    }
  }

  private func report(_ perplexity: Double, _ count: Int, _ windows: Int, _ context: Int) {
    let value = String(format: "%.4f", perplexity)
    if json {
      print("{\"perplexity\":\(value),\"tokens\":\(count),\"windows\":\(windows),\"context\":\(context)}")
    } else {
      print("perplexity \(value) over \(count) tokens of \(windows) windows")
    }
  }

  /// −log softmax(logits)[id], in double.
  private static func negativeLogLikelihood(_ logits: UnsafeBufferPointer<Float>, of id: UInt32) -> Double {
    var largest = -Float.infinity
    for x in logits where x > largest { largest = x }
    var sum = 0.0
    for x in logits { sum += exp(Double(x - largest)) }
    return log(sum) + Double(largest - logits[Int(id)])
  }
}
