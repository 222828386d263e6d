// SPDX-License-Identifier: Apache-2.0
// docs/models.md, from the planner.
import CKernels
import Foundation
import ModelFiles
import Packager
import Runtime

enum ModelsDocument {
  private static let boards: [UInt64] = [1, 2, 4, 8]
  /// What the system and other programs are left.
  private static let reserved: UInt64 = 256 << 20

  static func text() throws -> String {
    var lines = [
      "# Models and boards",
      "",
      "What `plan` says of published models, from their configurations; no weights are needed. A test computes this",
      "file anew and fails when it differs (`HARDTACK_WRITE_DOCS=1 swift test --filter PublishedModels` writes it).",
      "",
      "- **Bundle**: the file with all matrices in one block type, as `pack` keeps them; tokenizer and template are",
      "  1 to 12 MiB more. It is mapped, so it takes page cache, which the system can have back.",
      "- **Board**: of its memory 256 MiB are left to the system. The largest context that then fits beside the whole",
      "  bundle, and the arena that it needs, in MiB: KV cache in f16, four threads, prefill in chunks of 16 or more.",
      "- **–**: the bundle alone is too large. It would run, at the speed of storage.",
      "- A context in bold is all that the model has.",
      "",
    ]
    for type in [ElementType.Q4_0, .Q8_0] {
      lines += [
        "## \(type.name)", "", "| model | weights | bundle | 1 GiB | 2 GiB | 4 GiB | 8 GiB |",
        "|---|---|---|---|---|---|---|",
      ]
      for model in publishedModels { lines.append(try row(model, type)) }
      lines.append("")
    }
    lines += try encoders() + measured
    return lines.joined(separator: "\n")
  }

  private static func encoders() throws -> [String] {
    var lines = [
      "## Encoders", "",
      "- **f32, q8**: the bundle of a checkpoint in float32, kept, and with `--weights q8`; tokenizer and labels are",
      "  1 to 6 MiB more.",
      "- **Arena**: for one text of 128 tokens, and of the longest that the model takes (in brackets), with four",
      "  threads. `pack` puts a shorter limit into the bundle where the model's folder has one.",
      "- **Left of 512 MiB**: what a board of this size has for its system and its other programs when the whole q8",
      "  bundle is in memory beside the arena of the longest text. The tables above leave them 256 MiB.",
      "- **fill**, **reranker**: the checkpoint with that head. Others have the head that their names say, or none.",
      "",
    ]
    let head = [
      "| model | weights | f32 | q8 | arena, 128 | arena, longest | left of 512 MiB |", "|---|---|---|---|---|---|---|",
    ]
    lines += try head + publishedEncoders.map(encoderRow)
    lines += [
      "", "## Encoder–decoders", "", "The same columns; the arena is for a source and a translation of that length.",
      "",
    ]
    return try lines + head + publishedEncoderDecoders.map(encoderRow) + [""]
  }

  private static func encoderRow(_ model: PublishedEncoder) throws -> String {
    let small = try Sketched(model, .q8)
    let longest = small.program.contextMax
    let arenas = try [128, longest].map { UInt64(try small.arenaByteCount(context: $0, threads: 4)) }
    let taken = small.byteCount + arenas[1]
    let left = taken < 512 << 20 ? "\(512 - mebibytes(taken)) MiB" : "–"
    let cells = [
      model.published.name, millions(small.weightCount), "\(mebibytes(try Sketched(model, .keep).byteCount)) MiB",
      "\(mebibytes(small.byteCount)) MiB", "\(mebibytes(arenas[0])) MiB", "\(mebibytes(arenas[1])) MiB (\(longest))",
      left,
    ]
    return "| " + cells.joined(separator: " | ") + " |"
  }

  private static func row(_ model: PublishedModel, _ type: ElementType) throws -> String {
    let sketch = try Sketched(model, type)
    var cells = [model.name, millions(sketch.weightCount), "\(mebibytes(sketch.byteCount)) MiB"]
    for board in boards {
      let room = (board << 30) - reserved
      cells.append(room <= sketch.byteCount ? "–" : try cell(sketch, room - sketch.byteCount))
    }
    return "| " + cells.joined(separator: " | ") + " |"
  }

  private static func cell(_ sketch: Sketched, _ room: UInt64) throws -> String {
    let base = PlanOptions(context: 1, chunk: 1, kv: HT_KV_F16, threads: 4)
    do throws(PlanError) {
      let plan = try Plan.fitting(sketch.program, byteCountMax: room, context: nil, chunkMax: 128, base: base)
      let context = plan.options.context
      let text = context == sketch.program.contextMax ? "**\(context)**" : "\(context)"
      return "\(text) (\(mebibytes(UInt64(plan.byteCount))))"
    } catch {
      guard case .doesNotFit = error else { throw error }
      return "–"
    }
  }

  private static func mebibytes(_ byteCount: UInt64) -> UInt64 { (byteCount + (1 << 20) - 1) >> 20 }

  private static func millions(_ count: Int) -> String { "\((count + 500_000) / 1_000_000) M" }
}
