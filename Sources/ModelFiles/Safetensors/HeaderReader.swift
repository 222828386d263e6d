// SPDX-License-Identifier: Apache-2.0
// The JSON reader as the safetensors header needs it: its errors become the header's.

/// Reads a safetensors header. Each function is the JSON reader's of the same name.
struct HeaderReader {
  private var json: JSONReader

  init(_ header: UnsafeRawBufferPointer, at offset: Int = 0) { json = JSONReader(header, at: offset) }

  var header: UnsafeRawBufferPointer { json.bytes }
  var position: Int { json.position }
  mutating func peek() -> UInt8? { json.peek() }
  mutating func pass() { json.pass() }
  func decode(_ span: JSONReader.StringSpan) -> String { json.decode(span) }
  func matches(_ span: JSONReader.StringSpan, _ text: StaticString) -> Bool { json.matches(span, text) }

  mutating func openObject() throws(SafetensorsError) {
    do throws(JSONError) { try json.open(0x7B, expected: .object) } catch { throw .json(error) }
  }

  mutating func openArray() throws(SafetensorsError) {
    do throws(JSONError) { try json.open(0x5B, expected: .array) } catch { throw .json(error) }
  }

  mutating func nextKey(isFirst: Bool) throws(SafetensorsError) -> JSONReader.StringSpan? {
    do throws(JSONError) { return try json.nextKey(isFirst: isFirst) } catch { throw .json(error) }
  }

  mutating func nextElement(isFirst: Bool) throws(SafetensorsError) -> Bool {
    do throws(JSONError) { return try json.nextElement(isFirst: isFirst) } catch { throw .json(error) }
  }

  mutating func string() throws(SafetensorsError) -> JSONReader.StringSpan {
    do throws(JSONError) { return try json.string() } catch { throw .json(error) }
  }

  mutating func count() throws(SafetensorsError) -> Int {
    do throws(JSONError) { return try json.count() } catch { throw .json(error) }
  }

  mutating func skipValue() throws(SafetensorsError) {
    do throws(JSONError) { try json.skipValue() } catch { throw .json(error) }
  }

  mutating func expectEnd() throws(SafetensorsError) {
    do throws(JSONError) { try json.expectEnd() } catch { throw .json(error) }
  }
}
