// SPDX-License-Identifier: Apache-2.0
// `embed B TEXT…`: vectors of texts, as JSON or as .npy. Texts that fit into one call are encoded together.
import Format
import Retrieval

func embed(_ arguments: Arguments, _ io: inout IO) throws(Failure) -> Int32 {
  let options = try Options(arguments, flags: .json | .compute | .memory | .lines | .vectors | .output | .words)
  if options.has(.json), let path = options.word(.output) {
    throw .usage("--json and a file contradict each other:", path)
  }
  var embedder = try Embedder(options)
  let prompt = embedder.prompt("")
  var printer = VectorPrinter(
    file: try NPYFile(options.word(.output), columns: embedder.columnCount, isInt8: options.has(.int8)), options)
  do throws(Failure) {
    let code = try embedAll(options, &embedder, prompt, &printer, &io)
    try printer.file?.commit()
    return code
  } catch {
    printer.file?.abandon()
    throw error
  }
}

@inline(never)
private func embedAll(
  _ options: Options, _ embedder: inout Embedder, _ prompt: Word?, _ printer: inout VectorPrinter, _ io: inout IO
) throws(Failure) -> Int32 {
  // Rows of a file are those of the lines: none may be left out.
  try forEachText(options, &io, stopsAtFailure: printer.file != nil) { text, _, io throws(Failure) in
    try embedder.add(text, prompt, &io) { row, io throws(Failure) in try printer.write(row, &io) }
  } flush: { io throws(Failure) in
    try embedder.flush(&io) { row, io throws(Failure) in try printer.write(row, &io) }
  }
}

/// Writes vectors: a JSON array a line, with `--json` an object; or the rows of a file.
private struct VectorPrinter {
  var file: NPYFile?
  private let isRaw: Bool
  private let isInt8: Bool
  private let isJSON: Bool

  init(file: NPYFile?, _ options: Options) {
    self.file = file
    (isRaw, isInt8, isJSON) = (options.has(.noNormalize), options.has(.int8), options.has(.json))
  }

  @inline(never)
  mutating func write(_ text: EmbeddedText, _ io: inout IO) throws(Failure) {
    if !isRaw { text.normalize() }
    let row = text.vector
    guard let largest = largestMagnitude(UnsafeBufferPointer(row)) else {
      throw .input("the bundle gave a vector with a number that is none", nil)
    }
    let bytes = UnsafeMutableRawBufferPointer(row)
    if isInt8 {
      // Each vector by its own scale: of the largest number comes 127. Byte i is behind the numbers that are read yet.
      let inverse = largest > 0x1p-100 ? 127 / largest : 0
      for i in 0..<row.count {
        bytes.storeBytes(of: Int8(truncatingIfNeeded: nearest(row[i] * inverse)), toByteOffset: i, as: Int8.self)
      }
    }
    if file != nil {
      file!.write(UnsafeRawBufferPointer(rebasing: bytes[0..<(isInt8 ? row.count : 4 * row.count)]))
      return
    }
    if isJSON {
      io.out.say("{\"tokens\":%,", text.tokenCount)
      if isInt8 {
        io.out.text("\"scale\":")
        io.out.decimal(Double(largest) / 127, places: 12)
        io.out.byte(44)
      }
      io.out.text("\"embedding\":")
    }
    io.out.byte(91)
    for i in 0..<row.count {
      if i > 0 { io.out.text(", ") }
      if isInt8 {
        io.out.decimal(Double(bytes.load(fromByteOffset: i, as: Int8.self)), places: 0)
      } else {
        io.out.decimal(Double(row[i]), places: 9)
      }
    }
    io.out.text(isJSON ? "]}\n" : "]\n")
  }
}
