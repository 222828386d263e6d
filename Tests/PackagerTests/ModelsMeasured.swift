// SPDX-License-Identifier: Apache-2.0
// What docs/models.md says that was measured: kept as text, no test computes it.

extension ModelsDocument {
  static let measured: [String] = []
}
