// SPDX-License-Identifier: Apache-2.0
// What there is to keep of a session when it is put away: the cached keys and values of its tokens. specs/state.md.
import CKernels
import Format
import Ops

extension Session {
  /// Tokens from which on a sequence is long for rope; 0: none is. `Program.ropeOriginalContext`.
  public var ropeOriginalContext: Int { program.ropeOriginalContext }
}
