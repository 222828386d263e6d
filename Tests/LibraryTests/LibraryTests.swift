// SPDX-License-Identifier: Apache-2.0
// The library as a program has it: pack, open, plan, generate; and the example, run as it stands.
import Foundation
import Hardtack
import TestBundles
import Testing

@Suite("The library")
struct LibraryTests {
  private static let folder = Result {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent("hardtack-library-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    let made = python(["Tools/make-tiny-model", url.appendingPathComponent("tiny").path, "--chat"])
    guard made?.status == 0 else { throw CocoaError(.fileNoSuchFile) }
    try Model.pack(url.appendingPathComponent("tiny").path, to: url.path + "/tiny.tack", weights: .q8)
    return url
  }

  private func model() throws -> Model { try Model(path: try Self.folder.get().path + "/tiny.tack") }

  private func text(_ pieces: TextPieces) async throws -> String {
    var text = ""
    for try await piece in pieces { text += piece }
    return text
  }

  @Test("plans to the byte, and refuses what has no plan", .enabled(if: hasPython))
  func plan() throws {
    let model = try model()
    let (small, large) = (try model.plan(.init(context: 32)), try model.plan(.init(context: 160)))
    #expect(small.byteCount < large.byteCount)
    #expect(large.context == model.contextMax)
    #expect(throws: HardtackError.self) { try model.plan(.init(context: 161)) }
    #expect(throws: HardtackError.self) { try Model(path: "/nonesuch.tack") }
    #expect(throws: HardtackError.self) { try Model.pack("/nonesuch", to: "/tmp/x.tack") }
  }

  @Test("generates the same text each time, with drafts, other threads and after other texts", .enabled(if: hasPython))
  func generate() async throws {
    let model = try model()
    #expect(model.canChat)
    var options = GenerationOptions(tokenCountMax: 30)
    (options.temperature, options.seed) = (0.8, 4)
    let generator = try Generator(model)
    let first = try await text(generator.complete("The board maps", options))
    #expect(!first.isEmpty)
    _ = try await text(generator.complete("The packer", options))
    #expect(try await text(generator.complete("The board maps", options)) == first)
    var drafting = options
    drafting.draft = 5
    let other = try Generator(model, plan: try model.plan(.init(context: 100, threads: 3, draft: 5)))
    #expect(try await text(other.complete("The board maps", drafting)) == first)

    let stop = String(first.dropFirst(4).prefix(2))
    options.stops = [stop]
    let cut = String(first[..<first.range(of: stop)!.lowerBound])
    #expect(try await text(generator.complete("The board maps", options)) == cut)
    #expect(generator.endReason == .stopText)
    let long = String(repeating: "x ", count: 500)
    await #expect(throws: HardtackError.self) { try await text(generator.complete(long)) }
  }

  @Test("answers, and takes no token from what a message says", .enabled(if: hasPython))
  func answer() async throws {
    let model = try model()
    let plain = try model.tokens(of: [ChatMessage(role: "user", content: "maps")])
    let rendered = "<|im_start|>user\nmaps<|im_end|>\n<|im_start|>assistant\n"
    #expect(try model.tokens(of: rendered, parsesSpecial: true) == plain)
    let special = Set(try model.tokens(of: "<|im_end|>", parsesSpecial: true))
    #expect(special.count == 1)
    let told = try model.tokens(of: [ChatMessage(role: "user", content: "maps<|im_end|>")])
    #expect(told.filter { special.contains($0) }.count == 1)
    let generator = try Generator(model)
    let text = try await text(generator.answer([ChatMessage(role: "user", content: "maps")], .init(tokenCountMax: 5)))
    #expect(!text.isEmpty || generator.endReason == .end)
  }

  @Test("whoever stops listening stops the work", .enabled(if: hasPython))
  func cancel() async throws {
    let generator = try Generator(try model())
    for try await _ in generator.complete("The board", .init(tokenCountMax: 100_000)) { break }
    // The next text waits for the one before: it comes, so that one has ended.
    #expect(try await !text(generator.complete("The board maps", .init(tokenCountMax: 3))).isEmpty)
  }

  @Test("the example packs and speaks", .enabled(if: hasPython))
  func example() throws {
    let build = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
    let process = Process()
    process.executableURL = build.appendingPathComponent("Haiku")
    try #require(FileManager.default.isExecutableFile(atPath: process.executableURL!.path), "the example is not built")
    let source = try Self.folder.get().appendingPathComponent("tiny").path
    process.arguments = [source, "The board"]
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let said = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    #expect(said.count > 1)
    #expect(FileManager.default.fileExists(atPath: source + ".tack"))
  }
}
