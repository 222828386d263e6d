// SPDX-License-Identifier: Apache-2.0
// What a template's error says to a person, or to a program as the inside of a JSON string.
import Format
import Text

extension Writer {
  mutating func templateError(_ error: TemplateError, isJSON: Bool) {
    switch error {
    case .failed(let fault, let line, let detail):
      if fault == .raised { return templateDetail(detail, isJSON) }
      templateFault(fault, detail, isJSON)
      if line > 0 {
        say(" (line % of the template)", UInt64(line))
      }
    case .inputWrong(let offset):
      say("the variables are not one JSON object: wrong at byte %", offset)
    case .scratchTooSmall(let have, let need):
      say("the template needs % bytes of memory, there are %", need, have)
    default: text("the template of this bundle is refused; pack the model again")
    }
  }

  /// Bytes that came from a conversation or a template.
  private mutating func templateDetail(_ detail: TemplateDetail, _ isJSON: Bool) {
    if isJSON {
      for c in detail.bytes { jsonByte(c) }
    } else {
      for c in detail.bytes { byte(c >= 32 && c != 127 || c == 10 ? c : 46) }
    }
  }

  private mutating func templateFault(_ fault: TemplateFault, _ detail: TemplateDetail, _ isJSON: Bool) {
    let what: StaticString
    switch fault {
    case .undefined: what = "undefined: "
    case .unsafeAttribute: what = "a template may not use this attribute: "
    case .wrongType: what = "a value of the wrong type for "
    case .notIterable: what = "a value that has no items is gone through"
    case .notCallable: what = "a value that is no function is called"
    case .wrongArguments: what = "wrong arguments for "
    case .wrongItemCount: what = "more or fewer items than names to put them in"
    case .divisionByZero: what = "division by zero"
    case .tooLarge: what = "too large: the result of "
    case .notSerializable: what = "a value that JSON cannot hold: "
    case .foreseen: what = ""
    case .unsupported: what = "not supported: "
    case .badValue: what = "a value that cannot be used for "
    case .tooManySteps: what = "the template takes too many steps"
    case .tooDeep: what = "macros or values inside one another, too deep"
    case .scratchFull: what = "the template needs more memory than a template may"
    case .outputFull: what = "the text grows longer than a template may make it"
    case .corrupt: what = "the template's code is damaged; pack the model again"
    case .raised: what = ""
    }
    text(what)
    templateDetail(detail, isJSON)
  }
}
