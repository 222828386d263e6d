// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Board

@main
struct Hardtack: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Packs small language models and runs them.")
}
