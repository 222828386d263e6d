// SPDX-License-Identifier: Apache-2.0
// Every vector of specs/vectors/program gives exactly the error that it was made for, here and in the second reader.
import Format
import Foundation
import Ops
import Storage
import Testing
import TestBundles

/// What opening gives: nothing, or the error as specs/program.md §6 spells it.
func refusal(_ file: UnsafeRawBufferPointer) -> String {
  do throws(BundleError) {
    let view = try BundleView(checking: file, blake2b: blake2b256)
    do throws(ProgramError) { _ = try Program(checking: view) } catch { return "\(error)" }
    return "valid"
  } catch { return "bundle: \(error)" }
}

@Suite("Program vectors")
struct ProgramVectorTests {
  @Test("each gives exactly its error", arguments: ProgramVector.all)
  func vector(_ vector: ProgramVector) {
    let memory = FencedMemory(byteCountMax: vector.file.count)
    for atEnd in [true, false] { #expect(refusal(memory.place(vector.file, atEnd: atEnd)) == vector.expect) }
  }

  @Test("every rule has one")
  func everyRule() {
    let rules = Set(ProgramVector.all.map(\.rule))
    for number in 1...17 { #expect(rules.contains((number < 10 ? "P-0" : "P-") + String(number))) }
    #expect(ProgramVector.all.count { $0.rule == "none" } >= 3)
  }

  @Test("the error's case is the rule's")
  func caseOfRule() {
    let cases: [String: Set<String>] = [
      "P-01": ["sectionByteCount"], "P-02": ["countOutOfRange"], "P-03": ["reservedNotZero"],
      "P-04": ["entryMalformed"], "P-05": ["kvLayerMalformed"], "P-06": ["valueMalformed"],
      "P-07": ["valueLifetime"], "P-08": ["valueMisplaced"], "P-09": ["opcodeUnknown"],
      "P-10": ["operandMissing"], "P-11": ["lastUseDiffers"], "P-12": ["valuesOverlap", "tooManyAlive"],
      "P-13": ["tensorMismatch"], "P-14": ["shapeMismatch"], "P-15": ["parameterOutOfRange"],
      "P-16": ["kvLayerMisused"], "P-17": ["logitsMalformed"], "none": ["valid"],
    ]
    for vector in ProgramVector.all {
      let name = String(vector.expect.prefix { $0 != "(" })
      #expect(cases[vector.rule]?.contains(name) == true, "\(vector)")
    }
  }

  @Test("the second reader gives the same first error", .enabled(if: hasPython, "needs python3"))
  func secondReader() throws {
    let answer = try #require(python(["Tools/program_reader.py"] + ProgramVector.all.map(\.path)))
    let lines = Set((answer.output + answer.errors).split(separator: "\n").map(String.init))
    for vector in ProgramVector.all {
      let line = vector.rule == "none" ? "valid" : "\(vector.rule) \(vector.expect)"
      #expect(lines.contains("\(vector.path): \(line)"))
    }
  }
}
