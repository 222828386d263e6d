// SPDX-License-Identifier: Apache-2.0
// What the front-ends of all families share: taking tensors from the source by name, norms, projections, and the check
// that nothing of the source is left over.
import Format
import ModelFiles
import Ops

/// Builds a graph from a source's tensors. Each tensor is taken by name, with the shape that the family expects.
final class GraphBuilder {
  let source: any TensorSource
  let policy: WeightPolicy
  let family: String
  /// A type that matrices have whose source is not there: then every tensor that is asked for exists.
  let invented: ElementType?
  var graph = Graph()
  private var taken: Set<String> = []
  private var packed: [String: TensorID] = [:]

  init(source: any TensorSource, policy: WeightPolicy, family: String, invented: ElementType? = nil) {
    self.invented = invented
    self.source = source
    self.policy = policy
    self.family = family
  }

  func has(_ name: String) -> Bool { source.tensor(named: name) != nil }

  /// A tensor that is known and deliberately not packed.
  func ignore(_ name: String) { taken.insert(name) }

  /// The source tensor `name`; with `shape` it must have that one.
  func info(_ name: String, _ shape: [Int]?, because: String) throws(PackError) -> TensorInfo {
    if let invented, let shape {
      let info = TensorInfo(name: name, shape: shape, invented)
      graph.invented.append(info)
      return info
    }
    guard let info = source.tensor(named: name) else { throw .missingTensor(name: name, because: because) }
    if let shape, info.shape != shape {
      throw .wrongShape(tensor: name, found: info.shape, expected: shape)
    }
    taken.insert(name)
    return info
  }

  /// A weight matrix in panels, in the format that the policy gives it, or its own where it is small and `isKept`.
  /// Asked for twice, it is packed once. With `outliers` its columns are those of the activations that these make.
  func matrix(
    _ name: String, rows: Int, columns: Int, order: RowOrder = .asStored, isKept: Bool = false,
    outliers: OutlierColumns? = nil
  ) throws(PackError) -> TensorID {
    if let id = packed[name] { return id }
    let info = try info(name, [rows, columns], because: "a \(family) model has it")
    let policy = isKept ? WeightPolicy(choice: .keep, requantize: false) : policy
    let format = try policy.format(of: info)
    let content = outliers.map { TensorContent.columns(info, $0.order) } ?? .matrix(info, order)
    let record = Tensor(format: format, isPlain: false, rows: rows, columns: outliers?.order.count ?? columns)
    let id = graph.add(GraphTensor(name: name, record: record, content: content))
    packed[name] = id
    return id
  }

  /// A vector as plain f32, `offset` added to each number and the sum multiplied by `scale`. `shape`: the source's own,
  /// where it is not `[count]`.
  func vector(
    _ name: String, count: Int, order: RowOrder = .asStored, offset: Float = 0, scale: Float = 1, shape: [Int]? = nil
  ) throws(PackError) -> TensorID {
    if let id = packed[name] { return id }
    let info = try info(name, shape ?? [count], because: "a \(family) model has it")
    guard info.type == .F32 || info.type == .F16 || info.type == .BF16 else {
      throw .unsupportedType(tensor: name, type: info.type.name)
    }
    let record = Tensor(format: .f32, isPlain: true, rows: 1, columns: count)
    let content = TensorContent.vector(info, order, offset: offset, scale: scale)
    let id = graph.add(GraphTensor(name: name, record: record, content: content))
    packed[name] = id
    return id
  }

  /// A table that the packager computed.
  func table(_ name: String, rows: Int, columns: Int, _ values: [Float]) -> TensorID {
    if let id = packed[name] { return id }
    precondition(values.count == rows * columns)
    let record = Tensor(format: .f32, isPlain: true, rows: rows, columns: columns)
    let id = graph.add(GraphTensor(name: name, record: record, content: .floats(values)))
    packed[name] = id
    return id
  }

  /// A matrix that the packager computed: `values` are f32 panels, column k of row r of each at 16·k + r, columns in
  /// whole groups.
  func panelTable(_ name: String, rows: Int, columns: Int, _ values: [Float]) -> TensorID {
    if let id = packed[name] { return id }
    let record = Tensor(format: .f32, isPlain: false, rows: rows, columns: columns)
    precondition(4 * values.count == Int(record.byteCount))
    let id = graph.add(GraphTensor(name: name, record: record, content: .floats(values)))
    packed[name] = id
    return id
  }

  /// Whether activations for these tensors are f32 (else q8): all must agree.
  func readsFloats(_ tensors: [TensorID]) throws(PackError) -> Bool {
    let first = graph.tensors[Int(tensors[0])]
    for id in tensors.dropFirst() {
      let other = graph.tensors[Int(id)]
      guard other.record.format.isFloat == first.record.format.isFloat else {
        throw .mixedKinds(first: first.name, second: other.name)
      }
    }
    return first.record.format.isFloat
  }

  /// What `consumers` read: f32, or rows of `bits`.
  func activation(for consumers: [TensorID], _ bits: ActivationBits) throws(PackError) -> Value.DType {
    try readsFloats(consumers) ? .f32 : bits == .eight ? .q8 : .q16
  }

  /// The normalised row in the form that `consumers` read.
  func rmsNorm(
    _ x: ValueID, _ name: String, weight: TensorID, epsilon: Float, for consumers: [TensorID],
    bits: ActivationBits
  ) throws(PackError) -> ValueID {
    let record = graph.values[Int(x)].record
    let dtype = try activation(for: consumers, bits)
    let y = graph.value(name, dtype, rows: record.rows, columns: record.columns)
    let op = RMSNorm(weight: weight, epsilon: epsilon)
    graph.emit(RMSNorm.opcode, input: x, output: y) { op.write(into: $0) }
    return y
  }

  /// `x` (f32) in the form that `consumers` read.
  func quantized(
    _ x: ValueID, _ name: String, for consumers: [TensorID], bits: ActivationBits, outliers: OutlierColumns? = nil
  ) throws(PackError) -> ValueID {
    let dtype = try activation(for: consumers, bits)
    if dtype == .f32 { return x }
    let record = graph.values[Int(x)].record
    if let outliers {
      let y = graph.value(name, .q8, rows: record.rows, columns: outliers.order.count)
      let op = QuantizeOutliers(
        places: table("outlier columns", rows: 1, columns: outliers.places.count, outliers.places.map(Float.init)))
      graph.emit(QuantizeOutliers.opcode, input: x, output: y) { op.write(into: $0) }
      return y
    }
    let y = graph.value(name, dtype, rows: record.rows, columns: record.columns)
    graph.emit(Quantize.opcode, input: x, output: y)
    return y
  }

  /// Several tensors over one input, rows one after the other.
  func matMul(
    _ x: ValueID, _ name: String, _ tensors: [TensorID], biases: [TensorID?] = [], residual: ValueID = Value.none
  ) throws(PackError) -> ValueID {
    let columns = tensors.reduce(0) { $0 + graph.tensors[Int($1)].record.rows }
    let y = graph.value(name, .f32, rows: graph.values[Int(x)].record.rows, columns: columns)
    var op = MatMul()
    op.residual = residual
    op.tensorCount = tensors.count
    func pick(_ list: [TensorID?], _ index: Int) -> UInt32 {
      index < list.count ? list[index] ?? Value.none : Value.none
    }
    op.tensors = (pick(tensors, 0), pick(tensors, 1), pick(tensors, 2), pick(tensors, 3))
    op.biases = (pick(biases, 0), pick(biases, 1), pick(biases, 2), pick(biases, 3))
    op.activationBits = MatMul.activationBits(graph.values[Int(x)].record.dtype)
    let record = op
    graph.emit(MatMul.opcode, input: x, second: residual, output: y, inPlace: residual) { record.write(into: $0) }
    return y
  }

  /// Nothing of the source may be left over: a tensor that the family does not know would change the results.
  func finish() throws(PackError) -> Graph {
    for index in 0..<source.tensorCount {
      let info = source.tensor(at: index)
      guard taken.contains(info.name) else {
        throw .unknownTensor(name: info.name, summary: info.summary, family: family)
      }
    }
    graph.finishLifetimes()
    graph.assignOffsets()
    return graph
  }
}

extension TensorInfo {
  /// A tensor that no file holds: a matrix of `type`, or a vector of f32.
  fileprivate init(name: String, shape: [Int], _ type: ElementType) {
    self.init(
      name: name, shape: shape, type: shape.count == 1 ? .F32 : type, byteCount: 0, byteOffset: 0, index: 0)
  }
}
