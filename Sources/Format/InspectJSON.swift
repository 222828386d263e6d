// SPDX-License-Identifier: Apache-2.0
// What `inspect --json` prints: one object, one line, keys in a fixed order. specs/bundle.md §11.

/// Describes a mapped bundle: head, manifest, sections, tensors, program. One LF at the end. Nothing is allocated.
public func inspectJSON(_ view: BundleView, _ sink: JSONSink) {
  withUnsafeTemporaryAllocation(byteCount: 1_024, alignment: 8) { room in
    var json = JSONWriter(room)
    writeHead(view.head, &json, sink)
    json.raw(",\"manifest\":{", sink)
    var isFirst = true
    Manifest(view).forEach { key, value in
      if !isFirst { json.byte(0x2C, sink) }
      isFirst = false
      json.string(key, sink)
      json.byte(0x3A, sink)
      json.string(value, sink)
    }
    json.byte(0x7D, sink)
    writeSections(view.head, &json, sink)
    writeTensors(view, &json, sink)
    writeProgram(view, &json, sink)
    json.raw("}\n", sink)
    json.flush(sink)
  }
}

/// Describes a bundle of which only the head is there, in either form: no manifest, no tensors.
public func inspectJSON(_ head: BundleHead, _ sink: JSONSink) {
  withUnsafeTemporaryAllocation(byteCount: 1_024, alignment: 8) { room in
    var json = JSONWriter(room)
    writeHead(head, &json, sink)
    writeSections(head, &json, sink)
    json.raw("}\n", sink)
    json.flush(sink)
  }
}

private func writeHead(_ head: BundleHead, _ json: inout JSONWriter, _ sink: JSONSink) {
  json.raw("{\"format_version\":", sink)
  json.number(UInt64(head.header.version), sink)
  json.raw(",\"form\":", sink)
  json.string(head.isMappable ? "mappable" : "compressed", sink)
  json.raw(",\"identity\":", sink)
  json.digest(head.identity, sink)
  json.raw(",\"file_byte_count\":", sink)
  json.number(head.header.fileByteCount, sink)
  json.raw(",\"mappable_byte_count\":", sink)
  json.number(head.mappableByteCount, sink)
  json.raw(",\"required_features\":", sink)
  json.number(head.header.requiredFeatures, sink)
  json.raw(",\"optional_features\":", sink)
  json.number(head.header.optionalFeatures, sink)
}

private func writeSections(_ head: BundleHead, _ json: inout JSONWriter, _ sink: JSONSink) {
  json.raw(",\"sections\":[", sink)
  for i in 0..<head.sectionCount {
    let section = head.section(i)
    json.raw(i == 0 ? "{\"kind\":" : ",{\"kind\":", sink)
    json.string(section.kind.name, sink)
    json.raw(",\"storage\":", sink)
    json.string(section.storage == Section.storagePlain ? "plain" : "blocks", sink)
    json.raw(",\"offset\":", sink)
    json.number(section.offset, sink)
    json.raw(",\"stored_byte_count\":", sink)
    json.number(section.storedByteCount, sink)
    json.raw(",\"byte_count\":", sink)
    json.number(section.byteCount, sink)
    json.raw(",\"digest\":", sink)
    json.digest(section.digest, sink)
    json.byte(0x7D, sink)
  }
  json.byte(0x5D, sink)
}

private func writeTensors(_ view: BundleView, _ json: inout JSONWriter, _ sink: JSONSink) {
  json.raw(",\"tensors\":[", sink)
  for i in 0..<view.tensorCount {
    let tensor = view.tensor(i)
    json.raw(i == 0 ? "{\"name\":" : ",{\"name\":", sink)
    json.string(view.name(tensor.nameOffset, tensor.nameByteCount), sink)
    json.raw(",\"format\":", sink)
    json.string(tensor.format.name, sink)
    json.raw(",\"layout\":", sink)
    json.string(tensor.isPlain ? "plain" : "panels", sink)
    json.raw(",\"rows\":", sink)
    json.number(UInt64(tensor.rows), sink)
    json.raw(",\"columns\":", sink)
    json.number(UInt64(tensor.columns), sink)
    json.raw(",\"offset\":", sink)
    json.number(tensor.offset, sink)
    json.raw(",\"byte_count\":", sink)
    json.number(tensor.byteCount, sink)
    json.byte(0x7D, sink)
  }
  json.byte(0x5D, sink)
}

/// Counts of a program, which has not been checked here: what its header says and how many records `values` has.
private func writeProgram(_ view: BundleView, _ json: inout JSONWriter, _ sink: JSONSink) {
  let program = view.bytes(of: .program)
  guard program.count > 0 else { return }
  json.raw(",\"program\":{\"op_count\":", sink)
  json.number(program.count < 64 ? 0 : UInt64(program.u32(8)), sink)
  json.raw(",\"value_count\":", sink)
  json.number(UInt64(view.bytes(of: .values).count / 32), sink)
  json.byte(0x7D, sink)
}

extension SectionKind {
  /// The name that people and JSON use.
  public var name: StaticString {
    switch self {
    case .manifest: "manifest"
    case .names: "names"
    case .program: "program"
    case .values: "values"
    case .tensors: "tensors"
    case .tokenizer: "tokenizer"
    case .template: "template"
    case .labels: "labels"
    case .licence: "licence"
    case .weights: "weights"
    case .conformance: "conformance"
    case .pages: "pages"
    }
  }
}

extension WeightFormat {
  /// The name that people and JSON use.
  public var name: StaticString {
    switch self {
    case .f32: "f32"
    case .f16: "f16"
    case .bf16: "bf16"
    case .q8_0: "q8_0"
    case .q4_0: "q4_0"
    case .q4_1: "q4_1"
    case .q5_0: "q5_0"
    case .q5_1: "q5_1"
    case .q6_0: "q6_0"
    case .q4_k: "q4_k"
    case .q5_k: "q5_k"
    case .q6_k: "q6_k"
    case .q2_k: "q2_k"
    case .q3_k: "q3_k"
    case .iq4_nl: "iq4_nl"
    case .iq4_xs: "iq4_xs"
    case .mxfp4: "mxfp4"
    }
  }
}
