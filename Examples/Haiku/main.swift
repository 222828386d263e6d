// SPDX-License-Identifier: Apache-2.0
// `Haiku MODEL [PROMPT]`: packs a model when it is no bundle yet, says what it will take, and streams a text.
import Foundation
import Hardtack

guard CommandLine.arguments.count >= 2 else {
  print("usage: Haiku MODEL.gguf|FOLDER|MODEL.tack [PROMPT]")
  exit(2)
}
var path = CommandLine.arguments[1]
if !path.hasSuffix(".tack") {
  let bundle = path + ".tack"
  try Model.pack(path, to: bundle)
  path = bundle
}

let model = try Model(path: path)
let plan = try model.plan(MemoryRequest(context: min(512, model.contextMax)))
FileHandle.standardError.write(Data("#\(model.identity), \(plan.byteCount) bytes beside the file\n".utf8))

let generator = try Generator(model, plan: plan)
let prompt = CommandLine.arguments.count > 2 ? CommandLine.arguments[2] : "Write a haiku about a small computer."
let options = GenerationOptions(tokenCountMax: 48)
let pieces =
  model.canChat
  ? generator.answer([ChatMessage(role: "user", content: prompt)], options) : generator.complete(prompt, options)
for try await piece in pieces { print(piece, terminator: "") }
print()
