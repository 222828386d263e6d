// SPDX-License-Identifier: Apache-2.0
// `render B MESSAGES.json`: the prompt that a model's chat template gives, as `run --messages` has it; with --jsonl one
// object of the template's variables a line.
import CSystem
import Format
import Text

/// - Parameter section: a compiled template in memory, which stands for the bundle: the workstation's `.jinja` files.
func render(
  _ arguments: Arguments, _ io: inout IO, section: UnsafeRawBufferPointer?
) throws(Failure) -> Int32 {
  let options = try Options(arguments, flags: .json | .lines | .text)
  let path = options.bundle!
  var prompt: PromptTemplate
  if let section {
    prompt = PromptTemplate(try openTemplate(section, path))
  } else {
    prompt = try OpenBundle(path).promptTemplate()
  }
  if options.has(.jsonl) {
    var reader = try LineReader(0)
    while let line = try reader.next() {
      let bytes = UnsafeRawBufferPointer(line)
      do throws(TemplateError) {
        let text = try prompt.render(bytes, in: try prompt.room(for: bytes))
        io.out.text("{\"text\": ")
        io.out.json(text)
      } catch {
        io.out.text("{\"error\": \"")
        io.out.templateError(error, isJSON: true)
        io.out.byte(34)
      }
      io.out.text("}\n")
    }
    return 0
  }
  guard let messages = options.rest else { throw .usage("which messages?", nil) }
  let bytes = try messagesInput(try mappedFile(messages))
  do throws(TemplateError) {
    let text = try prompt.render(bytes, in: try prompt.room(for: bytes))
    if options.has(.json) {
      io.out.text("{\"text\": ")
      io.out.json(text)
      io.out.text("}\n")
    } else {
      io.out.bytes(text)
    }
  } catch { throw .template(error, path: path) }
  return 0
}

private func openTemplate(_ section: UnsafeRawBufferPointer, _ path: Word) throws(Failure) -> TemplateView {
  do throws(TemplateError) { return try TemplateView(checking: section) } catch { throw .template(error, path: path) }
}

/// A bundle's template with its special tokens and its work room.
struct PromptTemplate {
  let view: TemplateView
  private var bos: UnsafeBufferPointer<UInt8>?
  private var eos: UnsafeBufferPointer<UInt8>?
  private var memory = UnsafeMutableRawBufferPointer(start: nil, count: 0)

  init(_ view: TemplateView, tokenizer: TokenizerView? = nil) {
    self.view = view
    guard let tokenizer else { return }
    if let id = tokenizer.bos { bos = tokenizer.bytes(of: id) }
    if let id = tokenizer.eos { eos = tokenizer.bytes(of: id) }
  }

  /// Work room for an input: mapped, and mapped again when a longer one comes. Pages that are not needed stay
  /// untouched.
  mutating func room(
    for input: UnsafeRawBufferPointer, copies: Int = 1
  ) throws(TemplateError) -> UnsafeMutableRawBufferPointer {
    let need = copies * TemplateView.scratchByteCount(inputByteCount: input.count)
    if memory.count >= need { return memory }
    if let base = memory.baseAddress { sys_unmap(base, memory.count) }
    memory = UnsafeMutableRawBufferPointer(start: nil, count: 0)
    var base: UnsafeMutableRawPointer?
    guard sys_map_anonymous(need, &base) == 0 else { throw .scratchTooSmall(have: 0, need: UInt64(need)) }
    memory = UnsafeMutableRawBufferPointer(start: base, count: need)
    return memory
  }

  /// The prompt for a JSON object of variables, valid until the next call.
  func render(
    _ json: UnsafeRawBufferPointer, in room: UnsafeMutableRawBufferPointer
  ) throws(TemplateError) -> UnsafeRawBufferPointer {
    try view.render(input(json), scratch: room)
  }

  func input(_ json: UnsafeRawBufferPointer) -> TemplateInput {
    TemplateInput(json: json, bos: bos, eos: eos, clock: Int(sys_wall_seconds()))
  }
}

extension OpenBundle {
  /// The chat template, or a clear word that the model has none.
  func promptTemplate() throws(Failure) -> PromptTemplate {
    guard view.head.section(.template) != nil else { throw .noTemplate(path: path) }
    let template = try openTemplate(view.bytes(of: .template), path)
    let tokenizer = view.head.section(.tokenizer) == nil ? nil : try self.tokenizer()
    return PromptTemplate(template, tokenizer: tokenizer)
  }
}
