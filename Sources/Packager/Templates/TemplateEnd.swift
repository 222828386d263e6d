// SPDX-License-Identifier: Apache-2.0
// The token by which a chat template ends an assistant's message, found by rendering one: models that were trained on
// the template stop with it, whatever their other files name as the end.
import Foundation
import Text

/// The special token that the template of `section` writes right behind an assistant's message, white space aside; nil
/// where it writes none, or refuses the conversations that it is tried with.
func templateEnd(section: [UInt8], tokenizer: [UInt8]) -> UInt32? {
  withAligned(section) { section in
    withAligned(tokenizer) { tokenizer in
      guard let template = try? TemplateView(checking: section),
        let tokenizer = try? TokenizerView(checking: tokenizer)
      else { return nil }
      for probe in endProbes {
        if let id = end(template, tokenizer, probe) { return id }
      }
      return nil
    }
  }
}

private let answer = "xqzhardtackxqz"

/// What the template is tried with: the message last, then with another one behind it, since some templates close a
/// turn only there; content as text and in parts.
private let endProbes: [String] = {
  let texts: [(String) -> String] = [{ "\"\($0)\"" }, { "[{\"type\": \"text\", \"text\": \"\($0)\"}]" }]
  return ["", #", {"role": "user", "content": \#(texts[0]("more"))}"#].flatMap { rest in
    texts.map { text in
      #"{"messages": [{"role": "user", "content": \#(text("question"))}, {"role": "assistant", "content": "#
        + #"\#(text(answer))}\#(rest)], "add_generation_prompt": false, "tools": null, "now": "2025-01-01T00:00:00"}"#
    }
  }
}()

private func end(_ template: TemplateView, _ tokenizer: TokenizerView, _ probe: String) -> UInt32? {
  guard let text = render(template, tokenizer, probe), let found = text.lastRange(of: Array(answer.utf8)) else {
    return nil
  }
  let tail = text[found.upperBound...].drop { $0 == 32 || (9...13).contains($0) }
  var best: (id: UInt32, count: Int)?
  for id in 0..<UInt32(tokenizer.tokenCount) where tokenizer.isSpecial(id) {
    guard let bytes = tokenizer.bytes(of: id), bytes.count > best?.count ?? 0 else { continue }
    if tail.starts(with: bytes) { best = (id, bytes.count) }
  }
  return best?.id
}

private func render(_ template: TemplateView, _ tokenizer: TokenizerView, _ json: String) -> [UInt8]? {
  let scratch = UnsafeMutableRawBufferPointer.allocate(
    byteCount: TemplateView.scratchByteCount(inputByteCount: json.utf8.count), alignment: 16)
  defer { scratch.deallocate() }
  return withAligned(Array(json.utf8)) { json in
    let input = TemplateInput(
      json: json, bos: tokenizer.bos.flatMap(tokenizer.bytes(of:)), eos: tokenizer.eos.flatMap(tokenizer.bytes(of:)))
    var limits = TemplateLimits()
    limits.steps = 1_000_000
    return (try? template.render(input, scratch: scratch, limits: limits)).map(Array.init)
  }
}

private func withAligned<Result>(_ bytes: [UInt8], _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
  let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 64)
  defer { copy.deallocate() }
  copy.copyBytes(from: bytes)
  return body(UnsafeRawBufferPointer(copy))
}

extension [UInt8] {
  fileprivate func lastRange(of part: [UInt8]) -> Range<Int>? {
    guard count >= part.count else { return nil }
    return (0...(count - part.count)).last { self[$0...].starts(with: part) }.map { $0..<($0 + part.count) }
  }
}
