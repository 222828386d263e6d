// SPDX-License-Identifier: Apache-2.0
// A bundle that turns texts into vectors, one at a time.
import CKernels
import Format
import Ops
import Runtime
import Tasks
import Text

/// A bundle, a session on it, and room for ids. Vectors have length 1.
struct Embedder: ~Copyable {
  let bundle: OpenBundle
  let dimensionCount: Int
  let kernels: UnsafePointer<ht_kernels>
  /// Tokens that a text may have, those that the tokenizer puts around it left out.
  let tokenCountMax: Int
  private let tokenizer: TokenizerView
  private var session: Session
  private var room: EncodeRoom

  private init(
    bundle: OpenBundle, dimensionCount: Int, kernels: UnsafePointer<ht_kernels>, tokenCountMax: Int,
    tokenizer: TokenizerView, session: consuming Session, room: EncodeRoom
  ) {
    self.bundle = bundle
    self.dimensionCount = dimensionCount
    self.kernels = kernels
    self.tokenCountMax = tokenCountMax
    self.tokenizer = tokenizer
    self.session = session
    self.room = room
  }

  static func open(_ path: Word, isa: Word?, threads: Int) throws(Failure) -> Embedder {
    let bundle = try OpenBundle(path)
    let program = try bundle.program()
    guard let entry = program.entry(.embedding) else { throw .input("this bundle gives no embeddings", nil) }
    let tokenizer = try bundle.tokenizer()
    let kernels = try chooseKernels(isa)
    let context = min(program.contextMax, 512)
    let plan: Plan
    do throws(PlanError) {
      plan = try Plan(
        program, PlanOptions(context: context, chunk: context, kv: program.kvDefault, threads: threads))
    } catch { throw .plan(error) }
    var room = EncodeRoom()
    let none = UnsafeRawBufferPointer(start: nil, count: 0)
    let around = try room.encode(tokenizer, none, EncodeOptions(parseSpecial: false)).count
    return Embedder(
      bundle: bundle, dimensionCount: program.value(entry.result).columns, kernels: kernels,
      tokenCountMax: max(1, context - around), tokenizer: tokenizer,
      session: try startSession(program, plan, kernels), room: room)
  }

  /// Tokens of a part of a text.
  mutating func tokenCount(_ text: UnsafeRawBufferPointer) throws(Failure) -> Int {
    try room.encode(tokenizer, text, EncodeOptions(addSpecial: false, parseSpecial: false)).count
  }

  /// Fills `vector`, f32 (dimensionCount).
  mutating func embed(
    _ text: UnsafeRawBufferPointer, _ vector: UnsafeMutableBufferPointer<Float>
  ) throws(Failure) {
    let ids = try room.encode(tokenizer, text, EncodeOptions(parseSpecial: false))
    do throws(SessionError) {
      session.startBatch()
      try session.add(ids)
      try session.encode()
    } catch { throw .session(error) }
    _ = session.run(.embedding)
    let row = session.row(0, of: .embedding)
    Normalize.row(row.baseAddress!, columns: row.count, vector.baseAddress!)
  }
}
