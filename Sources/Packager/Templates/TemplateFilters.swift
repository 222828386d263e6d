// SPDX-License-Identifier: Apache-2.0
// Names of filters and tests, and the names of their arguments.
import Text

struct TemplateSignature {
  var filter: TemplateFilter
  var parameters: [String] = []
  var requiredCount = 0

  /// Filters whose arguments are bound by name. `map`, `select` and their kin, and `format`, are read on their own.
  static let filters: [String: TemplateSignature] = [
    "abs": .init(filter: .abs),
    "attr": .init(filter: .attr, parameters: ["name"], requiredCount: 1),
    "batch": .init(filter: .batch, parameters: ["linecount", "fill_with"], requiredCount: 1),
    "capitalize": .init(filter: .capitalize),
    "center": .init(filter: .center, parameters: ["width"]),
    "count": .init(filter: .length),
    "d": .init(filter: .default, parameters: ["default_value", "boolean"]),
    "default": .init(filter: .default, parameters: ["default_value", "boolean"]),
    "dictsort": .init(filter: .dictsort, parameters: ["case_sensitive", "by", "reverse"]),
    "e": .init(filter: .escape),
    "escape": .init(filter: .escape),
    "first": .init(filter: .first),
    "float": .init(filter: .float, parameters: ["default"]),
    "forceescape": .init(filter: .forceescape),
    "indent": .init(filter: .indent, parameters: ["width", "first", "blank"]),
    "int": .init(filter: .int, parameters: ["default", "base"]),
    "items": .init(filter: .items),
    "join": .init(filter: .join, parameters: ["d", "attribute"]),
    "last": .init(filter: .last),
    "length": .init(filter: .length),
    "list": .init(filter: .list),
    "lower": .init(filter: .lower),
    "max": .init(filter: .max, parameters: ["case_sensitive", "attribute"]),
    "min": .init(filter: .min, parameters: ["case_sensitive", "attribute"]),
    "replace": .init(filter: .replace, parameters: ["old", "new", "count"], requiredCount: 2),
    "reverse": .init(filter: .reverse),
    "round": .init(filter: .round, parameters: ["precision", "method"]),
    "safe": .init(filter: .safe),
    "slice": .init(filter: .slice, parameters: ["slices", "fill_with"], requiredCount: 1),
    "sort": .init(filter: .sort, parameters: ["reverse", "case_sensitive", "attribute"]),
    "string": .init(filter: .string),
    "sum": .init(filter: .sum, parameters: ["attribute", "start"]),
    "title": .init(filter: .title),
    "tojson": .init(filter: .tojson, parameters: ["ensure_ascii", "indent", "separators", "sort_keys"]),
    "trim": .init(filter: .trim, parameters: ["chars"]),
    "truncate": .init(filter: .truncate, parameters: ["length", "killwords", "end", "leeway"]),
    "unique": .init(filter: .unique, parameters: ["case_sensitive", "attribute"]),
    "upper": .init(filter: .upper),
  ]

  /// Jinja has them, we do not.
  static let unsupportedFilters: Set<String> = [
    "filesizeformat", "groupby", "pprint", "random", "striptags", "urlencode", "urlize", "wordcount", "wordwrap",
    "xmlattr",
  ]

  /// Tests and how many arguments they take.
  static let tests: [String: (test: TemplateTest, argumentCount: Int)] = [
    "boolean": (.boolean, 0), "callable": (.callable, 0), "defined": (.defined, 0), "divisibleby": (.divisibleby, 1),
    "eq": (.equal, 1), "equalto": (.equal, 1), "==": (.equal, 1), "escaped": (.escaped, 0), "even": (.even, 0),
    "false": (.no, 0), "true": (.yes, 0), "filter": (.filter, 0), "float": (.float, 0), "ge": (.greaterEqual, 1),
    ">=": (.greaterEqual, 1), "gt": (.greater, 1), "greaterthan": (.greater, 1), ">": (.greater, 1),
    "in": (.contained, 1), "integer": (.integer, 0), "iterable": (.iterable, 0), "le": (.lessEqual, 1),
    "<=": (.lessEqual, 1), "lower": (.lower, 0), "lt": (.less, 1), "lessthan": (.less, 1), "<": (.less, 1),
    "mapping": (.mapping, 0), "ne": (.notEqual, 1), "!=": (.notEqual, 1), "none": (.none, 0), "number": (.number, 0),
    "odd": (.odd, 0), "sameas": (.sameas, 1), "sequence": (.sequence, 0), "string": (.string, 0),
    "test": (.test, 0), "undefined": (.undefined, 0), "upper": (.upper, 0),
  ]
}
