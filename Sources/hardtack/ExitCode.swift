// SPDX-License-Identifier: Apache-2.0
// Which exit code an error of the packager means: 3 the input is bad, 4 it does not fit, 5 the system failed us.
import ModelFiles
import Packager

func exitCode(_ error: any Explained) -> Int32 {
  switch error {
  case PackError.output(_, _, let isDiskFull): isDiskFull ? 4 : 5
  case PackError.limit: 4
  case PackError.emittedBundleRefused: 5
  case CompressError.outOfMemory: 4
  case let error as CompressError where error.isDiskFull: 4
  case CompressError.system(_, let errno): [2, 13, 20, 21, 19].contains(errno) ? 3 : 5
  case let problem as ModelProblem: problem.code
  default: 3
  }
}
