// SPDX-License-Identifier: Apache-2.0
// Where the reference data of other engines lies. It is not part of the repository: tests that read it are skipped,
// visibly, where it is absent.
import Foundation
import Testing

/// The folder named by `HARDTACK_REFERENCE`, or `../shared/reference` beside the package.
enum ReferenceData {
  static let folder: String = {
    if let path = ProcessInfo.processInfo.environment["HARDTACK_REFERENCE"], !path.isEmpty { return path }
    let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    return package.deletingLastPathComponent().appendingPathComponent("shared/reference").path
  }()

  static var isPresent: Bool { FileManager.default.fileExists(atPath: folder + "/quant") }

  /// The names of the folders and files in a subfolder, sorted; none where it is absent.
  static func names(in subfolder: String) -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: folder + "/" + subfolder)) ?? []).sorted()
  }
}

extension Trait where Self == ConditionTrait {
  /// Skips a test where the reference data is absent.
  static var needsReferenceData: Self {
    .enabled(if: ReferenceData.isPresent, "reference data absent: set HARDTACK_REFERENCE to its folder")
  }
}
