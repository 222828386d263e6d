// SPDX-License-Identifier: Apache-2.0
// The board program, called by the C `main` of `tack`.

@c(board_main)
public func boardMain(_ argc: Int32, _ argv: UnsafePointer<UnsafePointer<CChar>>) -> Int32 {
  2
}
