// SPDX-License-Identifier: Apache-2.0
// Names and texts for people: UTF-8 that a terminal can be shown. specs/bundle.md §5.2, §5.5.

/// Rules B-25 to B-27: the name lies inside the names section, right after the name before it, has at least one byte
/// and is plain text. `record` is the number that the error gives.
public func checkName(
  _ names: UnsafeRawBufferPointer, offset: UInt32, byteCount: UInt32, expectedOffset: UInt64, record: UInt32
) throws(BundleError) {
  guard UInt64(offset) == expectedOffset else {
    throw .nameMisplaced(record: record, offset: UInt64(offset), expected: expectedOffset)
  }
  let end = UInt64(offset) + UInt64(byteCount)
  guard end <= UInt64(names.count) else {
    throw .nameOutOfBounds(record: record, end: end, limit: UInt64(names.count))
  }
  let name = names.part(Int(offset), Int(byteCount))
  guard byteCount > 0, plainTextByteCount(name) == name.count else { throw .nameNotUTF8(record: record) }
}

/// B-31: plain text, with tabs, line feeds, form feeds and carriage returns.
func checkLicence(_ text: UnsafeRawBufferPointer) throws(BundleError) {
  var at = 0
  while at < text.count {
    at += plainTextByteCount(UnsafeRawBufferPointer(rebasing: text[at...]))
    guard at < text.count else { return }
    guard text[at] == 9 || text[at] == 10 || text[at] == 12 || text[at] == 13 else {
      throw .textMalformed(kind: SectionKind.licence.rawValue, offset: UInt64(at))
    }
    at += 1
  }
}
