// SPDX-License-Identifier: Apache-2.0
// `hardtack pack`: a model file or folder into a bundle.
import ArgumentParser
import CSystem
import Foundation
import Hardtack
import ModelFiles
import Packager

struct Pack: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Pack a GGUF file or a Hugging Face folder into a bundle.",
    discussion: "The target gets its name when all of it is on disk and its own reader has accepted it.")

  @Argument(help: "A GGUF file, a safetensors file, or a folder with config.json.")
  var source: String
  @Option(name: [.short, .customLong("output")], help: "The bundle to write.")
  var output: String
  @Option(help: "keep: exactly what the source holds; f16, q8, q6, q4 convert and report the error of each tensor.")
  var weights: WeightChoice = .keep
  @Option(
    help: "Bits of the activations before every matmul: 8, or 16 (two int8 planes); by default over 8 where it pays.")
  var activations: ActivationChoice?
  @Flag(help: "Convert tensors that are quantized already, too.")
  var requantize = false
  @Option(help: "The bundle's name; by default the source's.")
  var name: String?
  @Option(help: "What it is for, where the source leaves a choice: chat; rerank; one of T5's tasks, with its prefix.")
  var task: String?
  @Option(help: "Names of the labels with commas between, where config.json has none.")
  var labels: String?
  @Option(help: "Put in front of each text that an encoder–decoder reads, such as 'translate English to German: '.")
  var prefix: String?
  @Flag(help: "Leave the tokenizer out: the bundle takes token ids only.")
  var noTokenizer = false
  @Flag(help: "Leave the chat template out, one that is refused for instance.")
  var noTemplate = false
  @Flag(help: "Pack the tokenizer alone.")
  var tokenizerOnly = false
  @Flag(name: .customLong("compress"), help: "Write the compressed form for shipping; `expand` makes the mappable one.")
  var isCompressed = false
  @Option(name: [.short, .long], help: "Threads; by default all processors.")
  var threads: Int = ProcessInfo.processInfo.activeProcessorCount

  func validate() throws {
    guard !(noTokenizer && tokenizerOnly) else {
      throw ValidationError("--no-tokenizer and --tokenizer-only leave nothing to pack.")
    }
    guard (1...64).contains(threads) else { throw ValidationError("--threads takes 1 … 64.") }
  }

  func run() throws {
    var options = PackOptions()
    options.weights = weights
    options.requantize = requantize
    options.activations = activations
    options.name = name
    options.task = task
    options.labels = labels?.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    options.prefix = prefix
    options.withTokenizer = !noTokenizer
    options.tokenizerOnly = tokenizerOnly
    options.withTemplate = !noTemplate
    options.threads = threads
    sys_clean_up_on_signals()
    let start = Date()
    let bar = ProgressBar("packing")
    let deliver: (String) throws -> Void = {
      bar.clear()
      try compress($0, to: output, threads: threads)
    }
    let report: PackReport
    do {
      report = try pack(
        path: source, target: isCompressed ? output + ".mappable" : output, options: options,
        conformance: makeConformance, deliver: isCompressed ? deliver : nil
      ) { bar.update(done: $0, of: $1) }
    } catch let error as any Explained where options.withTokenizer && isTokenizerMissing(error) {
      bar.clear()
      throw ModelProblem(
        error.message, code: 3, hint: "--no-tokenizer packs the model without it; the bundle then takes token ids only")
    }
    bar.clear()
    for error in report.tensorErrors {
      print("\(error.name): \(error.format.name), relative error \(String(format: "%.5f", error.relativeError))")
    }
    let seconds = String(format: "%.2f", Date().timeIntervalSince(start))
    let identity = report.identity.prefix(8)
    var bytes = "\(report.fileByteCount) bytes"
    if isCompressed { bytes = "\(try FileBytes(path: output).bytes.count) bytes of \(bytes)" }
    note("packed \(output): \(report.architecture), \(bytes), \(seconds) s  #\(identity)")
  }
}

/// Whether a source was refused since it has no tokenizer at all.
private func isTokenizerMissing(_ error: any Explained) -> Bool {
  if case PackError.source(let inner) = error { return isTokenizerMissing(inner) }
  if case TokenizerSourceError.missing(let part) = error { return part.contains("tokenizer") }
  return false
}

extension WeightChoice: ExpressibleByArgument {}
extension ActivationChoice: ExpressibleByArgument {}

/// One line on standard error.
func note(_ text: String) { FileHandle.standardError.write(Data((text + "\n").utf8)) }
