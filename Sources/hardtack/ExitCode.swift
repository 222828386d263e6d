// SPDX-License-Identifier: Apache-2.0
// Which exit code an error of the packager means: 3 the input is bad, 4 it does not fit, 5 the system failed us.
import Foundation
import ModelFiles
import Packager

func exitCode(_ error: any Explained) -> Int32 {
  switch error {
  case PackError.output(_, _, let errno): outputExitCode(errno)
  case PackError.limit: 4
  case PackError.emittedBundleRefused: 5
  case CompressError.outOfMemory: 4
  case CompressError.system(_, let errno): outputExitCode(errno)
  case let problem as ModelProblem: problem.code
  default: 3
  }
}

/// A full disk does not fit; a path that leads nowhere is bad input; the rest is the system's.
private func outputExitCode(_ errno: Int32) -> Int32 {
  switch errno {
  case ENOSPC: 4
  case ENOENT, EACCES, ENODEV, ENOTDIR, EISDIR: 3
  default: 5
  }
}
