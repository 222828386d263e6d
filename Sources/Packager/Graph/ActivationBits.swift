// SPDX-License-Identifier: Apache-2.0
// How finely the activations before a matmul are quantized.

/// 8 bits, or 15 in two planes. Integer weights only: float weights read f32.
enum ActivationBits {
  case eight, sixteen
}

/// `--activations`: the same for all matmuls.
public enum ActivationChoice: Int, CaseIterable, Sendable {
  case eight = 8, sixteen = 16
}

/// Which matmuls of a layer read which activations.
///
/// Rounding to 8 bits costs most where a few activations are far larger than their neighbours: behind the gated
/// feed-forward, and behind the norm before attention, whose error every later token sees again. Measured on SmolLM2
/// Q4_1 as the mean over prompts of the largest KL divergence of a row: see CHANGELOG.md.
struct ActivationPolicy {
  var attentionInput = ActivationBits.sixteen
  var attentionOutput = ActivationBits.eight
  var feedForwardInput = ActivationBits.eight
  var feedForwardOutput = ActivationBits.sixteen
  var logits = ActivationBits.eight

  /// The policy, or one width for all.
  init(_ choice: ActivationChoice?) {
    guard let choice else { return }
    let bits: ActivationBits = choice == .eight ? .eight : .sixteen
    (attentionInput, attentionOutput, feedForwardInput, feedForwardOutput, logits) = (bits, bits, bits, bits, bits)
  }
}
