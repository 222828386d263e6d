// SPDX-License-Identifier: Apache-2.0
// The tables of normalization form C.

extension TokenizerCompiler {
  mutating func writeNFC() {}
}
