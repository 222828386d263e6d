// SPDX-License-Identifier: Apache-2.0
// What compressing a bundle gives: the result's numbers, or why not.
import Foundation
import Format
import ModelFiles
import Storage

/// A bundle in the form for shipping.
public struct CompressedBundle: Equatable, Sendable {
  public var byteCount: UInt64
  /// Of the mappable form.
  public var expandedByteCount: UInt64
  /// The first eight hex digits.
  public var identity: String
}

/// Why a bundle could not be compressed. The output is then as it was.
public enum CompressError: Explained, Equatable {
  case bundle(BundleError, path: String)
  /// The contents part from the digests: nothing that could be expanded would come of it.
  case differs(Difference, path: String)
  /// No section would become smaller, and a compressed bundle has one that is.
  case nothingToGain
  case outOfMemory
  case system(path: String, errno: Int32)

  public var message: String {
    switch self {
    case .bundle(.compressed, let path): "\(quoted(path)) is compressed already"
    case .bundle(let error, let path): "\(quoted(path)) is refused: \(error)"
    case .differs(let difference, let path):
      "\(quoted(path)) is damaged: section \(difference.kind) differs"
        + (difference.pageIndex.map { " in page \($0)" } ?? " from its digest")
    case .nothingToGain: "no section of this bundle becomes smaller"
    case .outOfMemory: "there is no memory for the encoders"
    case .system(let path, let errno): "\(quoted(path)): \(String(cString: strerror(errno)))"
    }
  }

  public var hint: String? {
    switch self {
    case .differs: "pack it again, or fetch it again"
    case .nothingToGain: "ship it as it is"
    case .outOfMemory: "fewer --threads need less"
    default: nil
    }
  }
}
