// SPDX-License-Identifier: Apache-2.0
// `verify B`: structure, program, and every byte against its page's digest. Exit 1: something differs.
import Format
import Storage

func verifyBundle(_ arguments: Arguments, _ io: inout IO) throws(Failure) -> Int32 {
  let options = try Options(arguments, flags: .none)
  let bundle = try OpenBundle(options.bundle!)
  if bundle.view.head.section(.program) != nil { _ = try bundle.program() }
  if let difference = verify(bundle.view) {
    io.error.safe(bundle.path)
    io.error.text(": section ")
    io.error.text(difference.kind.name)
    if let page = difference.pageIndex {
      io.error.say(" differs in page %\n", page)
    } else {
      io.error.text(" differs from its digest\n")
    }
    return 1
  }
  io.out.text("ok ")
  io.out.hex(bundle.view.head.identity)
  io.out.byte(10)
  return 0
}
