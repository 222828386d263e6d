// SPDX-License-Identifier: Apache-2.0
// `strftime_now`: dates from a count of seconds, and from ISO 8601 text.

extension TemplateMachine {
  private static var months: StaticString {
    "January  February March    April    May      June     July     August   SeptemberOctober  November December "
  }
  private static var days: StaticString { "Sunday   Monday   Tuesday  WednesdayThursday Friday   Saturday " }

  /// Days since 1970-01-01 of a date of the Gregorian calendar, in the year 0 or later.
  private static func dayNumber(year: Int, month: Int, day: Int) -> Int {
    // Years that start in March, so that the leap day is the last: 400 of them have 146,097 days.
    let y = month > 2 ? year &+ 400 : year &+ 399
    let dayOfYear = (153 &* ((month &+ 9) % 12) &+ 2) / 5 &+ day &- 1
    return y &* 365 &+ y / 4 &- y / 100 &+ y / 400 &+ dayOfYear &- 719_468 &- 146_097
  }

  /// Seconds of `2025-07-10`, `2025-07-10T12:00` or `2025-07-10 12:00:00`, whatever follows; the least integer for
  /// other texts.
  mutating func seconds(_ text: TemplateValue) -> Int {
    let (year, month, day) = (field(text, 0, 4), field(text, 5, 2), field(text, 8, 2))
    guard year >= 0, month >= 1, month <= 12, day >= 1, day <= 31, text.bytes[4] == 45, text.bytes[7] == 45 else {
      return Int.min
    }
    let midnight = Self.dayNumber(year: year, month: month, day: day) &* 86_400
    if text.count <= 10 { return midnight }
    let (hour, minute, second) = (field(text, 11, 2), field(text, 14, 2), field(text, 17, 2))
    guard hour >= 0, hour < 24, minute >= 0, minute < 60 else { return Int.min }
    return midnight &+ hour &* 3600 &+ minute &* 60 &+ (second < 60 ? max(second, 0) : 0)
  }

  /// The number that so many digits at an offset are, or -1.
  @inline(never)
  private mutating func field(_ text: TemplateValue, _ offset: Int, _ count: Int) -> Int {
    text.count < offset &+ count ? -1 : smallNumber(text.suffix(from: offset).prefix(count))
  }

  /// The clock through a format of C's strftime.
  mutating func formatClock(_ format: TemplateValue) -> TemplateValue {
    let date = TemplateDate(clock)
    let start = begin()
    var at = 0
    while at < format.count {
      let c = format.bytes[at]
      at &+= 1
      if c != 37 || at == format.count {
        put(c)
        continue
      }
      let isBare = format.bytes[at] == 45 && at &+ 1 < format.count
      clockField(format.bytes[at &+ (isBare ? 1 : 0)], date, isBare: isBare)
      at &+= isBare ? 2 : 1
    }
    return end(start)
  }

  private mutating func clockField(_ kind: UInt8, _ date: TemplateDate, isBare: Bool) {
    var value: Int
    var digits = 2
    switch kind {
    case 37: return put(37)
    case 110: return put(10)
    case 116: return put(9)
    case 102: return put("000000")
    case 112: return put(date.second < 43_200 ? "AM" : "PM")
    case 66: return word(Self.months, date.month, 9)
    case 98, 104: return word(Self.months, date.month, 3)
    case 65: return word(Self.days, date.weekday, 9)
    case 97: return word(Self.days, date.weekday, 3)
    case 90, 122: return
    case 70: return clockFields("Y-m-d", date)
    case 84, 88: return clockFields("H:M:S", date)
    case 82: return clockFields("H:M", date)
    case 68, 120: return clockFields("m/d/y", date)
    case 99: return clockFields("a b e H:M:S Y", date)
    case 89: (value, digits) = (date.year, 4)
    case 121: value = date.year % 100
    case 109: value = date.month &+ 1
    case 100: value = date.day
    case 101:
      if date.day < 10, !isBare { put(32) }
      (value, digits) = (date.day, 1)
    case 106: (value, digits) = (date.dayOfYear &+ 1, 3)
    case 72: value = date.second / 3600
    case 73: value = (date.second / 3600 &+ 11) % 12 &+ 1
    case 77: value = date.second / 60 % 60
    case 83: value = date.second % 60
    case 119: (value, digits) = (date.weekday, 1)
    case 117: (value, digits) = ((date.weekday &+ 6) % 7 &+ 1, 1)
    case 85: value = (date.dayOfYear &+ 7 &- date.weekday) / 7
    case 87: value = (date.dayOfYear &+ 7 &- (date.weekday &+ 6) % 7) / 7
    default: return stop(.unsupported, "strftime_now")
    }
    // A year before 0 cannot be: what `now` gives has four digits.
    writeDigits(UInt64(truncatingIfNeeded: max(value, 0)), least: isBare ? 1 : digits)
  }

  /// Letters as fields, the rest as it is.
  private mutating func clockFields(_ fields: StaticString, _ date: TemplateDate) {
    for index in 0..<fields.utf8CodeUnitCount {
      let c = fields.utf8Start[index]
      if c >= 65 { clockField(c, date, isBare: false) } else { put(c) }
    }
  }

  /// One of words that have nine bytes each, at most `limit` of them, without the spaces that fill it up.
  private mutating func word(_ words: StaticString, _ index: Int, _ limit: Int) {
    for at in 9 &* index..<9 &* index &+ limit where words.utf8Start[at] != 32 { put(words.utf8Start[at]) }
  }
}

/// A time of the Gregorian calendar, in UTC.
private struct TemplateDate {
  /// Of the day.
  var second: Int
  /// From 0 on, which is a Sunday.
  var weekday: Int
  var year: Int
  /// From 0 on.
  var month: Int
  /// From 1 on.
  var day: Int
  /// From 0 on.
  var dayOfYear: Int

  /// - Parameter clock: seconds since 1970, held within the years 1 to 9999.
  init(_ clock: Int) {
    // Since 0000-03-01: a year that starts in March has its leap day last.
    let seconds = min(max(clock, -62_135_596_800), 253_402_300_799) &+ 719_468 * 86_400
    second = seconds % 86_400
    let days = seconds / 86_400
    weekday = (days &+ 3) % 7
    // 400 years have 146,097 days.
    let dayOfEra = days % 146_097
    let yearOfEra = (dayOfEra &- dayOfEra / 1460 &+ dayOfEra / 36_524 &- dayOfEra / 146_096) / 365
    let dayFromMarch = dayOfEra &- (365 &* yearOfEra &+ yearOfEra / 4 &- yearOfEra / 100)
    let fromMarch = (5 &* dayFromMarch &+ 2) / 153
    day = dayFromMarch &- (153 &* fromMarch &+ 2) / 5 &+ 1
    month = (fromMarch &+ 2) % 12
    year = days / 146_097 &* 400 &+ yearOfEra &+ (month < 2 ? 1 : 0)
    let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    dayOfYear = month < 2 ? dayFromMarch &- 306 : dayFromMarch &+ (isLeap ? 60 : 59)
  }
}
