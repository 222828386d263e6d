// SPDX-License-Identifier: Apache-2.0
// The chat templates that a source carries, under the names that transformers knows them by, as a section.
import Foundation
import ModelFiles

/// The template section of a source, or nil where it has no template.
///
/// GGUF: `tokenizer.chat_template` is `default`, `tokenizer.chat_template.NAME` is NAME. Folder: `chat_template.jinja`,
/// else `chat_template.json`, else `chat_template` of `tokenizer_config.json`, a text or a list with names.
///
/// - Throws: ``TemplateCompileError`` for the first template that does not compile.
func templateSection(of source: ModelSource) throws -> [UInt8]? {
  let templates =
    switch source {
    case .gguf(let file): try ggufTemplates(file)
    case .checkpoint(let folder): try folderTemplates(folder)
    }
  if templates.isEmpty { return nil }
  do throws(TemplateCompileError) {
    return try compileTemplates(templates)
  } catch { throw PackError.template(error) }
}

private typealias NamedTemplates = [(name: String, source: String)]

private func ggufTemplates(_ file: GGUFFile) throws -> NamedTemplates {
  let key = "tokenizer.chat_template"
  var templates: NamedTemplates = []
  if file.metadata[key] != nil { templates.append(("default", try file.metadata.string(key))) }
  for name in file.metadata.keys where name.hasPrefix(key + ".") {
    templates.append((String(name.dropFirst(key.count + 1)), try file.metadata.string(name)))
  }
  return templates
}

/// Beside a `chat_template.jinja`, the one for conversations with tools.
private func toolTemplate(_ folder: CheckpointFolder) throws -> NamedTemplates {
  guard let file = try folder.bytes("additional_chat_templates/tool_use.jinja") else { return [] }
  return [("tool_use", try text(of: file, "additional_chat_templates/tool_use.jinja"))]
}

private func folderTemplates(_ folder: CheckpointFolder) throws -> NamedTemplates {
  if let file = try folder.bytes("chat_template.jinja") {
    return [("default", try text(of: file, "chat_template.jinja"))] + (try toolTemplate(folder))
  }
  for name in ["chat_template.json", "tokenizer_config.json"] {
    guard let value = try folder.fields(name)?["chat_template"] else { continue }
    if case .null = value { continue }
    if let text = value.string { return [("default", text)] }
    let wrong = PackError.badSetting(
      key: "chat_template of \(name)", found: "something else",
      expected: "a text, or a list of objects with name and template")
    guard let list = value.array else { throw wrong }
    return try list.map { item in
      guard let name = item["name"]?.string, let text = item["template"]?.string else { throw wrong }
      return (name, text)
    }
  }
  return []
}

private func text(of file: FileBytes, _ name: String) throws -> String {
  guard let text = String(validating: file.bytes, as: UTF8.self) else {
    throw PackError.unreadable(path: name, reason: "it is not UTF-8")
  }
  return text
}
