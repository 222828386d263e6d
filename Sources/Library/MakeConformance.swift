// SPDX-License-Identifier: Apache-2.0
// The conformance vectors of a fresh bundle: the packager writes them, the runtime computes them, and only they who
// know both can make them.
import Board
import CKernels
import Format
import Ops
import Packager
import Storage

/// Runs the bundle at `file`, whose conformance section is still empty.
package func makeConformance(_ file: UnsafeRawBufferPointer) throws -> [UInt8] {
  let view = try BundleView(checking: file, blake2b: blake2b256)
  let program = try Program(checking: view)
  // The kind of cache that a run has by default is one of them.
  let kinds = program.isEncoder ? [HT_KV_F32.rawValue, HT_KV_F16.rawValue] : [HT_KV_F16.rawValue, HT_KV_Q8.rawValue]
  return try Conformance.make(vocab: program.vocab, contextMax: program.contextMax, kinds: kinds) { ids, kv in
    let digest = ids.withUnsafeBufferPointer {
      conformanceDigest(ofBundle: view, ids: $0, kv: ht_kv(rawValue: kv))
    }
    guard let digest else { throw PackError.emittedBundleRefused("it does not run") }
    return digest
  }
}
