// SPDX-License-Identifier: Apache-2.0
// `hardtack perplexity`: how well a model predicts a text, counted as llama.cpp counts it or as Hugging Face does.
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
      the last window, when not full, is left out: as llama.cpp's llama-perplexity counts.
      With --stride N windows begin N tokens apart, and each scores what the one before has not, the first all of its \
      own; nothing is put before a window, and the last may be short: as Hugging Face's guide to the perplexity of \
      fixed-length models counts. The result is exp of the mean negative log-likelihood of a scored token.
      """)

  @Argument(help: "The bundle.")
  var bundle: String
  @Argument(help: "A UTF-8 text file.")
  var file: String
  @Option(name: [.short, .long], help: "Tokens of a window; by default 512, or what the model takes.")
  var context: Int?
  @Option(help: "Tokens from the start of a window to that of the next, which then overlap; 1 … the context.")
  var stride: Int?
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
    guard stride ?? 1 >= 1 else { throw ValidationError("--stride takes 1 or more.") }
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
    guard ids.count >= (stride == nil ? context : 2) else {
      throw ModelProblem(
        "the text has \(ids.count) tokens, one window needs \(stride == nil ? context : 2)", code: 3,
        hint: "--context N makes it shorter")
    }
    if let stride, stride > context {
      throw ModelProblem("--stride \(stride) leaves tokens out of windows of \(context)", code: 2)
    }
    var options = PlanOptions(context: context, chunk: min(chunk, context), kv: kind(model), threads: threads)
    options.outputs = min(16, options.chunk)
    var session = try model.session(options, isa: isa)
    let score =
      stride.map { slide(ids, context: context, stride: $0, &session) }
      ?? halves(ids, context: context, first: model.tokenizer?.prefix.first, &session)
    report(try score.get(), context)
  }

  /// What was scored.
  private struct Score {
    var sum = 0.0
    var count = 0
    var windows = 0
  }

  /// As llama.cpp counts: windows side by side, the second half of each.
  private func halves(
    _ ids: [UInt32], context: Int, first: UInt32?, _ session: inout Session
  ) -> Result<Score, SessionError> {
    var score = Score()
    let bar = ProgressBar("perplexity")
    defer { bar.clear() }
    let windows = ids.count / context
    for window in 0..<windows {
      var part = Array(ids[(window * context)..<((window + 1) * context)])
      if let first { part[0] = first }
      do throws(SessionError) {
        try feed(part, from: context / 2 + 1, &session, &score)
      } catch { return .failure(error) }
      bar.update(done: UInt64(window + 1), of: UInt64(windows))
    }
    return .success(score)
  }

  /// As Hugging Face counts: windows that overlap, of each what the one before has not scored.
  private func slide(
    _ ids: [UInt32], context: Int, stride: Int, _ session: inout Session
  ) -> Result<Score, SessionError> {
    var score = Score()
    let bar = ProgressBar("perplexity")
    defer { bar.clear() }
    var (begin, scored) = (0, 0)
    while scored < ids.count {
      let end = min(begin + context, ids.count)
      let part = Array(ids[begin..<end])
      do throws(SessionError) {
        try feed(part, from: max(1, scored - begin), &session, &score)
      } catch { return .failure(error) }
      (begin, scored) = (begin + stride, end)
      bar.update(done: UInt64(end), of: UInt64(ids.count))
    }
    return .success(score)
  }

  /// Runs one window and scores its tokens from index `first` on.
  private func feed(
    _ part: [UInt32], from first: Int, _ session: inout Session, _ score: inout Score
  ) throws(SessionError) {
    session.rewind(to: 0)
    score.windows += 1
    // A closure of `feed` cannot have what is being changed in it.
    var (sum, count) = (0.0, 0)
    let ids = UnsafeMutableBufferPointer<UInt32>.allocate(capacity: part.count)
    defer { ids.deallocate() }
    _ = ids.initialize(from: part)
    try session.feed(UnsafeBufferPointer(ids), firstOutput: first - 1) { position, logits in
      guard position + 1 < part.count else { return }
      sum += Perplexity.negativeLogLikelihood(logits, of: part[position + 1])
      count += 1
    }
    score.sum += sum
    score.count += count
  }

  private func kind(_ model: LocalModel) -> ht_kv {
    switch kv {
    case "f16": HT_KV_F16
    case "q8": HT_KV_Q8
    case "f32": HT_KV_F32
    default: model.program.kvDefault
    }
  }

  private func report(_ score: Score, _ context: Int) {
    let value = String(format: "%.4f", exp(score.sum / Double(score.count)))
    if json {
      let how = stride.map { ",\"stride\":\($0)" } ?? ""
      let counts = "\"tokens\":\(score.count),\"windows\":\(score.windows),\"context\":\(context)"
      print("{\"perplexity\":\(value),\(counts)\(how)}")
    } else {
      print("perplexity \(value) over \(score.count) tokens of \(score.windows) windows")
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
