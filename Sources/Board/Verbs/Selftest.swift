// SPDX-License-Identifier: Apache-2.0
// `selftest B`: the bundle's own conformance vectors on every kernel set that this processor runs. Exit 1: a digest
// differs.
import CKernels
import CSystem
import Format
import Ops
import Runtime
import Storage
import Tasks

func selftest(_ arguments: Arguments, _ io: inout IO) throws(Failure) -> Int32 {
  let options = try Options(arguments, flags: .compute)
  let bundle = try OpenBundle(options.bundle!)
  let program = try bundle.program()
  let vectors = bundle.view.bytes(of: .conformance)
  guard vectors.count > 0 else { throw .input("this bundle carries no conformance vectors", nil) }
  guard vectors.count % ConformanceVector.byteCount == 0,
    vectors.count <= ConformanceVector.countMax * ConformanceVector.byteCount
  else { throw .input("malformed conformance section", nil) }
  var failureCount = 0
  for raw in 0..<UInt32(HT_ISA_COUNT.rawValue) {
    guard let kernels = ht_kernels_of(ht_isa(rawValue: raw)) else { continue }
    let name = ht_isa_name(ht_isa(rawValue: raw))
    if let wanted = options.word(.isa), try chooseKernels(wanted) != kernels { continue }
    guard ht_isa_available(ht_isa(rawValue: raw), sys_auxiliary(16)) else {
      io.error.cString(name)
      io.error.text(": skipped, this processor lacks it\n")
      continue
    }
    io.out.cString(name)
    var failed = 0
    for index in 0..<(vectors.count / ConformanceVector.byteCount) {
      let at = index * ConformanceVector.byteCount
      guard let vector = ConformanceVector(checking: vectors.part(at, ConformanceVector.byteCount), program) else {
        throw .input("malformed conformance vector", nil)
      }
      var asked = options
      asked.context = vector.ids.count
      asked.kv = vector.kv
      // Not the whole, or two of them: the digest may not depend on the chunk.
      asked.chunk = program.isEncoder ? 2 * vector.ids.count : max(1, vector.ids.count - 3)
      let plan =
        program.isEncoder ? try asked.encoderPlan(program, sequences: 2) : try asked.plan(program, outputs: 4)
      var session = try startSession(program, plan, kernels)
      do throws(SessionError) {
        if try conformanceDigest(&session, vector.ids) != vector.digest { failed += 1 }
      } catch { throw .session(error) }
    }
    io.out.text(failed == 0 ? ": ok\n" : ": DIFFERS\n")
    failureCount += failed
  }
  return failureCount == 0 ? 0 : 1
}
