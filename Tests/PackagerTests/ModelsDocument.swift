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
    return lines.joined(separator: "\n")
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
