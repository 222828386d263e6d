// SPDX-License-Identifier: Apache-2.0
// `hardtack compress`: the form of a bundle for shipping.
import ArgumentParser
import Foundation
import ModelFiles
import Packager

struct Compress: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Compress a bundle for shipping; `expand` gives the same file back, byte for byte.")

  @Argument(help: "A mappable bundle.")
  var bundle: String
  @Option(name: [.short, .customLong("output")], help: "The compressed bundle to write.")
  var output: String
  @Option(name: [.short, .long], help: "Threads; by default all processors.")
  var threads: Int = ProcessInfo.processInfo.activeProcessorCount

  func run() throws { try compress(bundle, to: output, threads: threads) }
}

/// Compresses with a progress bar and one line of result.
func compress(_ bundle: String, to output: String, threads: Int) throws {
  let start = Date()
  let bar = ProgressBar("compressing")
  let byteCount: UInt64
  do throws(CompressError) {
    byteCount = try compressBundle(input: bundle, output: output, threads: threads) { bar.update(done: $0, of: $1) }
  } catch {
    bar.clear()
    throw CompressFailure(path: bundle, output: output, error: error)
  }
  bar.clear()
  let whole = (try? FileManager.default.attributesOfItem(atPath: bundle)[.size] as? UInt64) ?? nil
  let share = whole.map { String(format: " (%.3f of %llu)", Double(byteCount) / Double($0), $0) } ?? ""
  let seconds = String(format: "%.2f", Date().timeIntervalSince(start))
  note("compressed \(output): \(byteCount) bytes\(share), \(seconds) s")
}

/// A CompressError with its paths, in prose.
struct CompressFailure: Explained {
  let path: String
  let output: String
  let error: CompressError

  var message: String {
    switch error {
    case .bundle(.compressed): "\(quoted(path)) is compressed already"
    case .bundle(let error): "\(quoted(path)) is refused: \(error) [B-\(error.rule)]"
    case .differs(let difference): "\(quoted(path)) is damaged in section \(difference.kind)"
    case .outOfMemory: "there is not enough memory for one encoder a thread"
    case .system(let call, let errno):
      "\(quoted(call == .openInput ? path : output)): \(String(cString: strerror(errno)))"
    }
  }

  var hint: String? {
    switch error {
    case .outOfMemory: "--threads 1 needs the least"
    case .differs: "pack the model again, or fetch the bundle again"
    default: nil
    }
  }

  var code: Int32 {
    switch error {
    case .bundle, .differs: 3
    case .outOfMemory: 4
    case .system(let call, let errno): errno == ENOSPC ? 4 : call == .openInput ? 3 : 5
    }
  }
}
