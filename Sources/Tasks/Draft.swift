// SPDX-License-Identifier: Apache-2.0
// Prompt lookup: what followed the last time that the text stood as it stands now is proposed to follow again. No
// second model. A wrong proposal costs the rows that were computed for it, and changes nothing.

/// Tokens that must have stood together before: the longest is tried first.
private let runLongest = 4
private let runShortest = 2

/// Writes up to `countMax` tokens behind `tokens` and returns how many: those that followed the latest earlier place
/// where the last tokens stood as well. `tokens` is the beginning of `room`.
func propose(
  _ tokens: UnsafeBufferPointer<UInt32>, into room: UnsafeMutableBufferPointer<UInt32>, countMax: Int
) -> Int {
  guard countMax > 0 else { return 0 }
  let count = tokens.count
  var run = min(runLongest, count - 1)
  while run >= runShortest {
    var end = count - 1  // where a run ends that is not the last one
    while end >= run {
      var same = 0
      while same < run, tokens[end - 1 - same] == tokens[count - 1 - same] { same += 1 }
      if same == run {
        let found = min(countMax, count - end)
        for i in 0..<found { room[count + i] = tokens[end + i] }
        return found
      }
      end -= 1
    }
    run -= 1
  }
  return 0
}
