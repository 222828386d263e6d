// SPDX-License-Identifier: Apache-2.0
// For the packager: the digest that a vector of a fresh bundle must carry.
import CKernels
import Format
import Ops
import Runtime

/// Runs `ids` on the bundle at `file` with the best kernels here and returns the digest of all rows' logits; nil when
/// the bundle cannot be run.
public func conformanceDigest(
  ofBundle view: BundleView, ids: UnsafeBufferPointer<UInt32>, kv: ht_kv
) -> Digest? {
  guard let program = try? Program(checking: view), let kernels = try? chooseKernels(nil) else { return nil }
  var options = PlanOptions(context: ids.count, chunk: ids.count, kv: kv, threads: 1)
  options.outputs = ids.count
  guard let plan = try? Plan(program, options), var session = try? startSession(program, plan, kernels) else {
    return nil
  }
  return try? conformanceDigest(&session, ids)
}
