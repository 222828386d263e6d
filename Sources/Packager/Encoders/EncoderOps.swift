// SPDX-License-Identifier: Apache-2.0
// The ops of encoders and of encoder-decoders, each appended with its value.
import Foundation
import Format
import ModelFiles
import Ops

/// A matrix and its bias, as tensors of the graph.
struct Linear {
  var matrix: TensorID
  var bias: TensorID?
}

extension GraphBuilder {
  /// `name.weight` and `name.bias`.
  func projection(
    _ name: String, rows: Int, columns: Int, hasBias: Bool = true, outliers: OutlierColumns? = nil
  ) throws(PackError) -> Linear {
    let matrix = try matrix("\(name).weight", rows: rows, columns: columns, outliers: outliers)
    return Linear(matrix: matrix, bias: hasBias ? try vector("\(name).bias", count: rows) : nil)
  }

  /// `W·x + b` of the tensors called `tensor`, plus `residual`.
  func linear(
    _ x: ValueID, _ name: String, _ tensor: String, rows: Int, bits: ActivationBits, residual: ValueID = Value.none,
    hasBias: Bool = true, outliers: OutlierColumns? = nil
  ) throws(PackError) -> ValueID {
    let columns = graph.values[Int(x)].record.columns
    let weights = try projection(tensor, rows: rows, columns: columns, hasBias: hasBias, outliers: outliers)
    let read = try quantized(x, "\(name)_input", for: [weights.matrix], bits: bits, outliers: outliers)
    return try matMul(read, name, [weights.matrix], biases: [weights.bias], residual: residual)
  }

  /// A LayerNorm whose tensors are called `tensor`. Checkpoints that came from TensorFlow say gamma and beta.
  func layerNorm(_ x: ValueID, _ name: String, _ tensor: String, epsilon: Float) throws(PackError) -> ValueID {
    let record = graph.values[Int(x)].record
    let names = normTensors(tensor)
    let weight = try vector(names[0], count: record.columns)
    let bias = try vector(names[1], count: record.columns)
    let y = graph.value(name, .f32, rows: record.rows, columns: record.columns)
    let op = LayerNorm(weight: weight, bias: bias, epsilon: epsilon)
    graph.emit(LayerNorm.opcode, input: x, output: y) { op.write(into: $0) }
    return y
  }

  /// Weight and bias of a LayerNorm.
  func normTensors(_ tensor: String) -> [String] {
    let isOld = !has("\(tensor).weight") && has("\(tensor).gamma")
    return [isOld ? "gamma" : "weight", isOld ? "beta" : "bias"].map { "\(tensor).\($0)" }
  }

  /// `w·x + b` of the tensors called `tensor`, column by column.
  func affine(_ x: ValueID, _ name: String, _ tensor: String) throws(PackError) -> ValueID {
    let y = value(like: x, name)
    let columns = graph.values[Int(x)].record.columns
    let op = Affine(
      weight: try vector("\(tensor).weight", count: columns), bias: try vector("\(tensor).bias", count: columns))
    graph.emit(Affine.opcode, input: x, output: y, inPlace: x) { op.write(into: $0) }
    return y
  }

  /// Each token's row between its neighbours', in the form that `consumers` read.
  func trigram(
    _ x: ValueID, _ name: String, for consumers: [TensorID], bits: ActivationBits
  ) throws(PackError) -> ValueID {
    let columns = 3 * graph.values[Int(x)].record.columns
    let y = graph.value(name, try activation(for: consumers, bits), rows: .token, columns: columns)
    graph.emit(Trigram.opcode, input: x, output: y)
    return y
  }

  func addEmbedding(_ x: ValueID, _ name: String, _ op: AddEmbedding) -> ValueID {
    let y = value(like: x, name)
    graph.emit(AddEmbedding.opcode, input: x, output: y, inPlace: x) { op.write(into: $0) }
    return y
  }

  /// `f(x)` in the form that `consumers` read; none: as f32.
  func apply(
    _ x: ValueID, _ name: String, _ function: Apply.Function, for consumers: [TensorID] = [],
    bits: ActivationBits = .eight
  ) throws(PackError) -> ValueID {
    let record = graph.values[Int(x)].record
    let dtype = consumers.isEmpty ? .f32 : try activation(for: consumers, bits)
    let y = graph.value(name, dtype, rows: record.rows, columns: record.columns)
    let op = Apply(function: function)
    graph.emit(Apply.opcode, input: x, output: y, inPlace: dtype == .f32 ? x : Value.none) { op.write(into: $0) }
    return y
  }

  /// One row of each sequence.
  func pool(_ x: ValueID, _ name: String, _ mode: Pool.Mode) -> ValueID {
    let y = graph.value(name, .f32, rows: .output, columns: graph.values[Int(x)].record.columns)
    let op = Pool(mode: mode)
    graph.emit(Pool.opcode, input: x, output: y) { op.write(into: $0) }
    return y
  }

  /// Rows at length 1, in place.
  func normalize(_ x: ValueID, _ name: String) -> ValueID {
    let y = value(like: x, name)
    graph.emit(Normalize.opcode, input: x, output: y, inPlace: x)
    return y
  }

  /// The score of every distance key − query from −(contextMax − 1) on, a row a head, from the scores of the buckets
  /// (buckets, heads). Buckets: T5 (Raffel et al. 2020, §2.1): half of them for one distance each, the others
  /// logarithmically up to the largest distance; one half of all for keys behind the query where both sides count.
  func relativeTable(
    _ name: String, _ info: TensorInfo, _ bias: RelativeBias, heads: Int, contextMax: Int, isBidirectional: Bool
  ) throws(PackError) -> TensorID {
    let scores: [Float]
    do {
      scores =
        invented == nil
        ? try floats(of: info, in: source) : [Float](repeating: 0, count: bias.bucketCount * heads)
    } catch let error as PackError { throw error } catch {
      throw .unreadable(path: source.path, reason: "\(error)")
    }
    // Kernels read up to 15 positions beyond the last.
    let columns = 2 * contextMax + 14
    var table = [Float](repeating: 0, count: heads * columns)
    for column in 0..<(2 * contextMax - 1) {
      let bucket = RelativeBias.bucket(
        column - (contextMax - 1), count: bias.bucketCount, distanceMax: bias.distanceMax,
        isBidirectional: isBidirectional)
      for head in 0..<heads { table[head * columns + column] = scores[bucket * heads + head] }
    }
    return self.table("\(name) by distance", rows: heads, columns: columns, table)
  }
}

extension RelativeBias {
  /// The bucket of a distance key − query.
  static func bucket(_ distance: Int, count: Int, distanceMax: Int, isBidirectional: Bool) -> Int {
    let half = isBidirectional ? count / 2 : count
    let first = isBidirectional && distance > 0 ? half : 0
    let far = isBidirectional ? abs(distance) : max(-distance, 0)
    let exact = half / 2
    if far < exact { return first + far }
    // In f32, as transformers computes it: a distance at the border of two buckets must fall into the same one.
    let ratio = logf(Float(far) / Float(exact)) / Float(log(Double(distanceMax) / Double(exact)))
    return first + min(exact + Int(ratio * Float(half - exact)), half - 1)
  }
}
