// SPDX-License-Identifier: Apache-2.0
// `hardtack compress`: a bundle into its form for shipping.
import ArgumentParser
import CSystem
import Foundation
import Packager

struct Compress: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Compress a bundle for shipping; `expand` gives it back byte for byte.",
    discussion: "Both forms have one identity. The compressed one cannot be run.")

  @Argument(help: "The bundle to compress.")
  var bundle: String
  @Option(name: [.short, .customLong("output")], help: "The file to write.")
  var output: String
  @Option(name: [.short, .long], help: "Threads; by default all processors.")
  var threads: Int = ProcessInfo.processInfo.activeProcessorCount

  func validate() throws {
    guard (1...64).contains(threads) else { throw ValidationError("--threads takes 1 … 64.") }
  }

  func run() throws { try compress(bundle, to: output, threads: threads) }
}

/// Compresses with a progress bar and one line of result.
func compress(_ bundle: String, to output: String, threads: Int) throws {
  sys_clean_up_on_signals()
  let start = Date()
  let bar = ProgressBar("compressing")
  let result = try compressBundle(input: bundle, output: output, threads: threads) { bar.update(done: $0, of: $1) }
  bar.clear()
  let seconds = String(format: "%.2f", Date().timeIntervalSince(start))
  let percent = String(format: "%.1f", 100 * Double(result.byteCount) / Double(result.expandedByteCount))
  note("compressed \(output): \(result.byteCount) bytes, \(percent) % of the bundle, \(seconds) s  #\(result.identity)")
}
