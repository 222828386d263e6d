// SPDX-License-Identifier: Apache-2.0
// The workstation's command line: its own verbs through ArgumentParser, the shared ones straight to the board's code,
// so that both programs give the same bytes.
import ArgumentParser
import Board
import CSystem
import Foundation
import ModelFiles

struct HardtackCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "hardtack",
    abstract: "Packs small language models into one file, and runs them.",
    discussion: """
      The verbs shared with the board's `tack` (\(sharedVerbs.joined(separator: ", "))) have their own help: \
      `hardtack help`, `hardtack VERB --help`.
      """,
    version: "hardtack \(version)",
    subcommands: [Pack.self, Compress.self, Perplexity.self])
}

let version = "0.1.0"

/// Verbs that `runBoard` answers.
let sharedVerbs = [
  "inspect", "plan", "verify", "selftest", "run", "chat", "tokenize", "detokenize", "render", "logits", "embed",
  "classify", "tag", "redact", "answer", "rerank", "fill", "translate", "summarise", "summarize", "index", "bench",
  "expand",
]

@main
enum Main {
  static func main() {
    signal(SIGPIPE, SIG_IGN)
    let arguments = CommandLine.arguments
    if arguments.count >= 2, sharedVerbs.contains(arguments[1]) {
      exit(isTemplateFile(arguments) ? renderFile(arguments[2]) : shared(CommandLine.argc, CommandLine.unsafeArgv))
    }
    if arguments.count < 2 { usage("which verb?") }
    if arguments.count == 3, arguments[1] == "help", sharedVerbs.contains(arguments[2]) { exit(sharedHelp()) }
    let verbs = HardtackCommand.configuration.subcommands.map { $0._commandName }
    if !arguments[1].hasPrefix("-"), arguments[1] != "help", !verbs.contains(arguments[1]) {
      usage("there is no verb \(quoted(arguments[1]))")
    }
    do {
      var command = try HardtackCommand.parseAsRoot()
      try command.run()
    } catch let error as any Explained {
      fail(error.message, hint: error.hint, code: exitCode(error))
    } catch {
      // ArgumentParser's own: help is no error; a mistake is one of usage.
      guard HardtackCommand.exitCode(for: error).isSuccess else { usage(HardtackCommand.message(for: error)) }
      print(HardtackCommand.fullMessage(for: error))
      if arguments.count > 2 || arguments[1] == "--version" { exit(0) }
      print()
      exit(sharedHelp())
    }
  }

  /// Prints what the board's code says of its verbs and flags, behind what has been printed.
  private static func sharedHelp() -> Int32 {
    fflush(nil)
    var words: [UnsafeMutablePointer<CChar>?] = [strdup("hardtack"), strdup("help")]
    return shared(2, &words)
  }

  static func shared(
    _ argc: Int32, _ argv: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>, template: UnsafeRawBufferPointer? = nil
  ) -> Int32 {
    argv.withMemoryRebound(to: UnsafePointer<CChar>.self, capacity: Int(argc)) {
      runBoard(program: "hardtack", argc, $0, template: template)
    }
  }
}

/// A mistake in the command line.
private func usage(_ message: String) -> Never {
  let verb = CommandLine.arguments.dropFirst().first.map { " " + $0 } ?? ""
  let known = HardtackCommand.configuration.subcommands.contains { " \($0._commandName)" == verb }
  fail(message, hint: "hardtack\(known ? verb : "") --help lists the \(known ? "flags" : "verbs")", code: 2)
}

func fail(_ message: String, hint: String?, code: Int32) -> Never {
  var text = "hardtack: error: \(message)\n"
  if let hint { text += "hint: \(hint)\n" }
  FileHandle.standardError.write(Data(text.utf8))
  exit(code)
}
