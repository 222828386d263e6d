// SPDX-License-Identifier: Apache-2.0
// From a path to a proven bundle, and from options to a planned, running session.
import CKernels
import CSystem
import Format
import Ops
import Runtime
import Storage
import Text

/// A mapped and checked bundle.
struct OpenBundle {
  let path: Word
  let view: BundleView
  let byteCount: Int

  init(_ path: Word) throws(Failure) {
    self.path = path
    var base: UnsafeRawPointer?
    var mapped = 0
    let errno = sys_map_file(path.path, &base, &mapped)
    guard errno == 0 else { throw .file("cannot read", path: path, errno: errno) }
    byteCount = mapped
    do throws(BundleError) {
      view = try BundleView(checking: UnsafeRawBufferPointer(start: base, count: mapped), blake2b: blake2b256)
    } catch { throw .bundle(error, path: path) }
  }

  /// Only the head of the bundle at `path`, in either form: for `inspect` of what cannot be mapped.
  static func head(_ path: Word) throws(Failure) -> BundleHead {
    var base: UnsafeRawPointer?
    var mapped = 0
    let errno = sys_map_file(path.path, &base, &mapped)
    guard errno == 0 else { throw .file("cannot read", path: path, errno: errno) }
    let file = UnsafeRawBufferPointer(start: base, count: mapped)
    do throws(BundleError) {
      return try BundleHead(checking: file, blake2b: blake2b256, fileByteCount: UInt64(mapped))
    } catch { throw .bundle(error, path: path) }
  }

  /// Proves the program, rules P-01 to P-17.
  func checkProgram() throws(Failure) {
    do throws(ProgramError) { _ = try Program(checking: view) } catch { throw .program(error, path: path) }
  }

  func program() throws(Failure) -> Program {
    guard view.head.section(.program) != nil else { throw .noProgram(path: path) }
    do throws(ProgramError) { return try Program(checking: view) } catch { throw .program(error, path: path) }
  }
}

extension OpenBundle {
  func tokenizer() throws(Failure) -> TokenizerView {
    guard view.head.section(.tokenizer) != nil else { throw .noTokenizer(path: path) }
    do throws(TokenizerError) {
      return try TokenizerView(checking: view.bytes(of: .tokenizer))
    } catch { throw .tokenizer(error) }
  }
}

/// The kernels of `--isa`, or the best that this processor runs.
func chooseKernels(_ name: Word?) throws(Failure) -> UnsafePointer<ht_kernels> {
  let hwcap = sys_auxiliary(16)
  var best: UnsafePointer<ht_kernels>?
  for raw in 0..<UInt32(HT_ISA_COUNT.rawValue) {
    let isa = ht_isa(rawValue: raw)
    guard let table = ht_kernels_of(isa), ht_isa_available(isa, hwcap) else { continue }
    if let name {
      let known = ht_isa_name(isa)
      var i = 0
      while i < name.count, known[i] != 0, UInt8(bitPattern: known[i]) == name[i] { i += 1 }
      if i == name.count, known[i] == 0 { return table }
    } else {
      best = table
    }
  }
  guard let best else { throw .isaMissing(name ?? Word(start: nil, count: 0)) }
  return best
}

/// The kernels of that name, or the best that this processor runs; nil when it has none such.
public func kernelTable(named name: UnsafeRawBufferPointer?) -> UnsafePointer<ht_kernels>? {
  try? chooseKernels(name)
}

/// Context when none is asked for, and tokens of a call.
let defaultContext = 2048
let defaultChunk = 128
/// Context of a bundle with a source: of the source, and of the text.
let defaultSource = 512

extension Options {
  /// Threads asked for, or one for each processor.
  var threadCount: Int { threads > 0 ? threads : Int(sys_cpu_count()) }

  /// The plan for these options. Without `--context` it is `contextNeeded` or 2,048, whichever is more, within what the
  /// model takes.
  /// A chunk is what a call takes at most: one that is longer than the context is the context.
  func plan(_ program: Program, outputs: Int = 1, contextNeeded: Int = 0, beams: Int = 1) throws(Failure) -> Plan {
    if program.entry(.step) == nil { return try encoderPlan(program, contextNeeded: contextNeeded) }
    let least = program.hasSource ? defaultSource : defaultContext
    let context = context > 0 ? context : min(program.contextMax, max(least, contextNeeded))
    // A source is read whole.
    let calls = program.hasSource ? max(chunk, context) : min(chunk > 0 ? chunk : defaultChunk, context)
    var options = PlanOptions(context: context, chunk: calls, kv: kv ?? program.kvDefault, threads: threadCount)
    options.outputs = min(max(outputs, beams), options.chunk)
    options.beams = beams
    if maxMemory > 0 {
      do throws(PlanError) { return try fittingPlan(program, base: options) } catch { throw .plan(error) }
    }
    do throws(PlanError) { return try Plan(program, options) } catch { throw .plan(error) }
  }
}

extension Options {
  /// The plan of an encoder: a call holds `sequences` texts of `--context` tokens together, or `--chunk` tokens. What
  /// does not fit into `--max-memory` is refused: which texts are read is no matter of memory.
  func encoderPlan(_ program: Program, sequences: Int = 1, contextNeeded: Int = 0) throws(Failure) -> Plan {
    let context = context > 0 ? context : min(program.contextMax, max(contextNeeded, 512))
    var options = PlanOptions(
      context: context, chunk: max(context, chunk), kv: kv ?? program.kvDefault, threads: threadCount)
    options.outputs = min(sequences, options.chunk)
    let plan: Plan
    do throws(PlanError) { plan = try Plan(program, options) } catch { throw .plan(error) }
    let need = UInt64(plan.byteCount)
    if maxMemory > 0, need > maxMemory { throw .plan(.doesNotFit(DoesNotFit(limit: maxMemory, need: need))) }
    return plan
  }
}

/// Maps the arena of a plan.
func mapArena(_ plan: Plan) throws(Failure) -> UnsafeMutableRawBufferPointer {
  var base: UnsafeMutableRawPointer?
  let errno = sys_map_anonymous(plan.byteCount, &base)
  guard errno == 0 else { throw .memory(need: UInt64(plan.byteCount), errno: errno) }
  return UnsafeMutableRawBufferPointer(start: base, count: plan.byteCount)
}

/// A session in an arena of its own.
func startSession(
  _ program: Program, _ plan: Plan, _ kernels: UnsafePointer<ht_kernels>
) throws(Failure) -> Session {
  let arena = try mapArena(plan)
  do throws(SessionError) {
    return try Session(program, plan, kernels: kernels, arena: arena)
  } catch { throw .session(error) }
}
