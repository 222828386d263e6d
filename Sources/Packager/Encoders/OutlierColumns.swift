// SPDX-License-Identifier: Apache-2.0
// Which columns of an encoder's hidden rows are far larger than the others.
import Format
import ModelFiles
import Ops

/// The 32 columns that get a group of their own when hidden rows become 8-bit integers, and one more for what rounding
/// leaves of it.
///
/// A few columns behind BERT's norms are larger than the others by an order of magnitude, in every layer the same
/// (Kovaleva et al. 2021, Dettmers et al. 2022). A group takes its scale from its largest column: with them spread over
/// the row, most of the others lose two or three of their bits. Measured on all-MiniLM-L6-v2: CHANGELOG.md.
struct OutlierColumns {
  /// Number i changes places with column columns − 32 + i, one after the other.
  let places: [Int]
  /// The hidden column in each column of the activations: 32 more than there were.
  let order: [Int]

  /// - Parameter sizes: how large each column is, in any unit.
  init(sizes: [Float]) {
    let count = QuantizeOutliers.columnCount
    let tail = sizes.count - count
    let largest = sizes.indices.sorted { (sizes[$0], $0) > (sizes[$1], $1) }.prefix(count).sorted()
    var outside = largest.filter { $0 < tail }
    let inside = Set(largest)
    places = (0..<count).map { inside.contains(tail + $0) ? tail + $0 : outside.removeFirst() }
    var order = Array(sizes.indices)
    for (i, place) in places.enumerated() { order.swapAt(tail + i, place) }
    self.order = order + order[tail...]
  }
}

extension EncoderGraph {
  /// The outliers of a model whose matrices become 8-bit integers; nil where the activations are not to be 8 bits with
  /// outliers, or the hidden rows have too few columns for it.
  func outlierColumns() throws(PackError) -> OutlierColumns? {
    let (columnCount, names) = (encoder.hidden, encoder.names)
    guard hasOutliers, columnCount % 32 == 0, columnCount > QuantizeOutliers.columnCount else { return nil }
    let read = [names.query, names.key, names.value, names.up]
    for layer in encoder.layers {
      for name in read where !builder.becomesBytes("\(prefix)\(layer)\(name).weight") { return nil }
    }
    // A norm's output is weight·n + bias, n of variance 1 over the row: where both are large in all layers, so is it.
    var sizes = [Float](repeating: 0, count: columnCount)
    let norms = encoder.layers.flatMap { ["\($0)\(names.attentionNorm)", "\($0)\(names.feedForwardNorm)"] }
    for norm in norms + (encoder.embeddingSize == columnCount ? [names.embeddingNorm] : []) {
      for tensor in builder.normTensors("\(prefix)\(norm)") {
        for (column, number) in try builder.numbers(tensor, count: columnCount).enumerated() {
          sizes[column] += number * number
        }
      }
    }
    return OutlierColumns(sizes: sizes)
  }
}

extension GraphBuilder {
  /// Whether a matrix of floats is to become 8-bit integers.
  fileprivate func becomesBytes(_ name: String) -> Bool {
    guard policy.choice.target == .q8_0, let type = invented ?? source.tensor(named: name)?.type else { return false }
    return type == .F32 || type == .F16 || type == .BF16
  }

  /// A vector of the source; of one that is not there, zeros.
  fileprivate func numbers(_ name: String, count: Int) throws(PackError) -> [Float] {
    let info = try info(name, [count], because: "a \(family) model has it")
    if invented != nil { return [Float](repeating: 0, count: count) }
    do { return try floats(of: info, in: source) } catch let error as PackError { throw error } catch {
      throw .unreadable(path: source.path, reason: "\(error)")
    }
  }
}
