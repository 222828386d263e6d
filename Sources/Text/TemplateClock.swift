// SPDX-License-Identifier: Apache-2.0
// `strftime_now`: dates from a count of seconds, and from ISO 8601 text.

extension TemplateMachine {
  private static var months: StaticString {
    "January  February March    April    May      June     July     August   SeptemberOctober  November December "
  }
  private static var days: StaticString { "Sunday   Monday   Tuesday  WednesdayThursday Friday   Saturday " }

  /// Days since 1970-01-01 of a date of the Gregorian calendar.
  static func dayNumber(year: Int, month: Int, day: Int) -> Int {
    // Years that start in March, so that the leap day is the last: 400 of them have 146,097 days.
    let y = month > 2 ? year : year - 1
    let era = (y >= 0 ? y : y - 399) / 400
    let yearOfEra = y - era * 400
    let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }

  /// The way back.
  static func date(dayNumber: Int) -> (year: Int, month: Int, day: Int) {
    let days = dayNumber + 719_468
    let era = (days >= 0 ? days : days - 146_096) / 146_097
    let dayOfEra = days - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shifted = (5 * dayOfYear + 2) / 153
    let month = shifted < 10 ? shifted + 3 : shifted - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shifted + 2) / 5 + 1)
  }

  /// Seconds of `2025-07-10`, `2025-07-10T12:00` or `2025-07-10 12:00:00`; what follows is not looked at.
  static func seconds(_ text: TemplateValue) -> Int? {
    func number(_ at: Int, _ count: Int) -> Int? {
      var value = 0
      for index in at..<at + count {
        guard index < text.count, case let digit = Int(text.bytes[index]) - 48, digit >= 0, digit < 10 else {
          return nil
        }
        value = value * 10 + digit
      }
      return value
    }
    guard let year = number(0, 4), let month = number(5, 2), let day = number(8, 2), text.bytes[4] == 45,
      text.bytes[7] == 45, month >= 1, month <= 12, day >= 1, day <= 31
    else { return nil }
    var seconds = dayNumber(year: year, month: month, day: day) * 86_400
    if text.count > 10 {
      guard let hour = number(11, 2), let minute = number(14, 2), hour < 24, minute < 60 else { return nil }
      seconds += hour * 3600 + minute * 60
      if text.count > 16, let second = number(17, 2), second < 60 { seconds += second }
    }
    return seconds
  }

  /// The clock through a format of C's strftime.
  mutating func formatClock(_ format: TemplateValue) -> TemplateValue {
    let dayNumber = (clock >= 0 ? clock : clock - 86_399) / 86_400
    let second = clock - dayNumber * 86_400
    let date = Self.date(dayNumber: dayNumber)
    let start = begin()
    var at = 0
    while at < format.count {
      let c = format.bytes[at]
      at += 1
      if c != 37 || at == format.count {
        put(c)
        continue
      }
      var kind = format.bytes[at]
      at += 1
      var isBare = false
      if kind == 45, at < format.count {
        isBare = true
        kind = format.bytes[at]
        at += 1
      }
      clockField(kind, date, dayNumber, second, isBare)
    }
    return end(start)
  }

  private mutating func clockField(
    _ kind: UInt8, _ date: (year: Int, month: Int, day: Int), _ dayNumber: Int, _ second: Int, _ isBare: Bool
  ) {
    func weekday() -> Int { ((dayNumber + 4) % 7 + 7) % 7 }
    func put(_ value: Int, _ digits: Int) {
      writeDigits(UInt64(value), least: isBare ? 1 : digits)
    }
    let dayOfYear = dayNumber - Self.dayNumber(year: date.year, month: 1, day: 1)
    switch kind {
    case 37: self.put(37)
    case 110: self.put(10)
    case 116: self.put(9)
    case 89: put(date.year, 4)
    case 121: put(date.year % 100, 2)
    case 109: put(date.month, 2)
    case 100: put(date.day, 2)
    case 101:
      if date.day < 10, !isBare { self.put(32) }
      put(date.day, 1)
    case 106: put(dayOfYear + 1, 3)
    case 72: put(second / 3600, 2)
    case 73: put((second / 3600 + 11) % 12 + 1, 2)
    case 77: put(second / 60 % 60, 2)
    case 83: put(second % 60, 2)
    case 102: self.put("000000")
    case 112: self.put(second < 43_200 ? "AM" : "PM")
    case 66: word(Self.months, date.month - 1, 9)
    case 98, 104: word(Self.months, date.month - 1, 3)
    case 65: word(Self.days, weekday(), 9)
    case 97: word(Self.days, weekday(), 3)
    case 119: put(weekday(), 1)
    case 117: put((weekday() + 6) % 7 + 1, 1)
    case 85: put((dayOfYear + 7 - weekday()) / 7, 2)
    case 87: put((dayOfYear + 7 - (weekday() + 6) % 7) / 7, 2)
    case 90, 122: break
    case 70: clockFields("Y-m-d", date, dayNumber, second)
    case 84, 88: clockFields("H:M:S", date, dayNumber, second)
    case 82: clockFields("H:M", date, dayNumber, second)
    case 68, 120: clockFields("m/d/y", date, dayNumber, second)
    case 99: clockFields("a b e H:M:S Y", date, dayNumber, second)
    default: stop(.unsupported, "strftime_now")
    }
  }

  /// Letters as fields, the rest as it is.
  private mutating func clockFields(
    _ fields: StaticString, _ date: (year: Int, month: Int, day: Int), _ dayNumber: Int, _ second: Int
  ) {
    for index in 0..<fields.utf8CodeUnitCount {
      let c = fields.utf8Start[index]
      if c >= 65 { clockField(c, date, dayNumber, second, false) } else { put(c) }
    }
  }

  /// One of words that have nine bytes each, at most `limit` of them, without the spaces that fill it up.
  private mutating func word(_ words: StaticString, _ index: Int, _ limit: Int) {
    for at in 9 * index..<9 * index + limit where words.utf8Start[at] != 32 { put(words.utf8Start[at]) }
  }
}
