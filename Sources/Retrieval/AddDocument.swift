// SPDX-License-Identifier: Apache-2.0
// A whole document into an index: split, embedded by whoever can, appended. Spec: specs/index.md §10.
import Format

/// Why a document was not added; what was committed before stays.
public enum DocumentError<Failure: Error>: Error {
  case index(IndexError)
  case embedding(Failure)
}

extension IndexWriter {
  /// Adds all passages of `text`, and returns how many. Commits are the writer's.
  ///
  /// - Parameters:
  ///   - name: of the document, UTF-8; must live until the next document.
  ///   - vector: room for one vector.
  ///   - tokenCount: tokens of a part of the text.
  ///   - embed: fills `vector` for a passage, without the blanks around it.
  public mutating func addDocument<Failure: Error>(
    _ text: UnsafeRawBufferPointer, name: UnsafeRawBufferPointer, limits: PassageLimits,
    vector: UnsafeMutableBufferPointer<Float>,
    tokenCount: (UnsafeRawBufferPointer) -> Int,
    embed: (UnsafeRawBufferPointer, UnsafeMutableBufferPointer<Float>) throws(Failure) -> Void
  ) throws(DocumentError<Failure>) -> Int {
    var splitter = PassageSplitter(text, limits)
    var passageCount = 0
    do throws(IndexError) { try beginSource(name) } catch { throw .index(error) }
    while let range = splitter.next(tokenCount: tokenCount) {
      let passage = text.part(range.lowerBound, range.count)
      do throws(Failure) { try embed(splitter.withoutBlanks(passage), vector) } catch { throw .embedding(error) }
      do throws(IndexError) {
        try append(offset: UInt64(range.lowerBound), text: passage, vector: UnsafeBufferPointer(vector))
      } catch { throw .index(error) }
      passageCount += 1
    }
    return passageCount
  }
}
