// SPDX-License-Identifier: Apache-2.0
// What each recogniser takes and what it leaves, at the borders of words of several scripts; and in windows.
import Tasks
import Testing

/// The entities of a text, as `kind text`.
func entities(_ text: String, _ kinds: PatternSet = .all) -> [String] {
  let bytes = Array(text.utf8)
  return spans(bytes, kinds).map { "\($0.kind) \(String(decoding: bytes[$0.begin..<$0.end], as: UTF8.self))" }
}

func spans(_ bytes: [UInt8], _ kinds: PatternSet = .all) -> [PatternSpan] {
  bytes.withUnsafeBytes { window in
    var (found, from) = ([PatternSpan](), 0)
    while case .found(let span) = PatternScanner(kinds).next(in: window, from: from, isEnd: true) {
      found.append(span)
      from = span.end
    }
    return found
  }
}

/// A text and all that is found in it, of any kind.
struct Row: CustomTestStringConvertible {
  var text: String
  var found: [String]
  init(_ text: String, _ found: String...) { (self.text, self.found) = (text, found) }
  var testDescription: String { text }
}

private let emails = [
  Row("Write to ann@example.com.", "email ann@example.com"),
  Row("<ann.o'neill+tag@mail.example.co.uk>", "email ann.o'neill+tag@mail.example.co.uk"),
  Row("'ann@example.com', \"bob@example.org\"", "email ann@example.com", "email bob@example.org"),
  Row("mailto:ann@example.com?subject=x", "email ann@example.com"),
  Row("email=ann@example.com&x", "email ann@example.com"),
  Row("....ann@example.com", "email ann@example.com"),
  Row("--ann@example.com", "email ann@example.com"),
  Row("jürgen@müller.de", "email jürgen@müller.de"),
  Row("почта: иван@пример.рф!", "email иван@пример.рф"),
  Row("请联系user@example.com谢谢", "email user@example.com"),
  Row("user@example.com으로", "email user@example.com"),
  Row("“ann@example.com”", "email ann@example.com"),
  Row("a@b.xn--p1ai", "email a@b.xn--p1ai"),
  Row("git@github.com:me/it", "email git@github.com"),
  Row("ann@example.com\u{00A0}x", "email ann@example.com"),
  Row("ann@example"), Row("ann@example.c"), Row("ann@example.123"), Row("ann@.com"), Row("@example.com"),
  Row("ann@@example.com"), Row("ann@exa_mple.com"), Row("ann@example.com_x"), Row("ann.@example.com"),
  Row("ann@-example.com"), Row("ann@example-.com"), Row("a@b.com@c"),
  Row(String(repeating: "a", count: 64) + "@b.com", "email " + String(repeating: "a", count: 64) + "@b.com"),
  Row(String(repeating: "a", count: 65) + "@b.com"),
  Row("x@" + String(repeating: "a", count: 63) + ".com", "email x@" + String(repeating: "a", count: 63) + ".com"),
  Row("x@" + String(repeating: "a", count: 64) + ".com"),
]

private let urls = [
  Row("See https://example.com/a?b=c#d.", "url https://example.com/a?b=c#d"),
  Row("(http://example.com/a_(b))", "url http://example.com/a_(b)"),
  Row("[x](http://example.com/)", "url http://example.com/"),
  Row("HTTP://EXAMPLE.COM!", "url HTTP://EXAMPLE.COM"),
  Row("ftp://user:pw@host:21/x;", "url ftp://user:pw@host:21/x"),
  Row("http://localhost:8080/, http://10.0.0.1/x", "url http://localhost:8080/", "url http://10.0.0.1/x"),
  Row("http://[::1]:80/a http://[fe80::1]/", "url http://[::1]:80/a", "url http://[fe80::1]/"),
  Row("www.example.com, and", "url www.example.com"),
  Row("«https://пример.рф/путь»", "url https://пример.рф/путь"),
  Row("请看https://example.com/path。", "url https://example.com/path"),
  Row("https://a.com/x?mail=ann@b.com ann@b.com", "url https://a.com/x?mail=ann@b.com", "email ann@b.com"),
  Row("http://"), Row("http:// x"), Row("xhttp://example.com"), Row("www.x"), Row("www."), Row("https:/example.com"),
  Row(
    "http://e.com/" + String(repeating: "a", count: 3000),
    "url http://e.com/" + String(repeating: "a", count: 2048 - 13)),
]

private let addresses = [
  Row("10.0.0.1, 255.255.255.255.", "ipv4 10.0.0.1", "ipv4 255.255.255.255"),
  Row("from 192.168.0.1:8080 and 10.1.0.0/16", "ipv4 192.168.0.1", "ipv4 10.1.0.0"),
  Row("256.1.1.1"), Row("1.2.3"), Row("1.2.3.4.5"), Row("v1.2.3.4"), Row("01.2.3.4"), Row("1.2.3.4a"), Row("-1.2.3"),
  Row("a1.2.3.4"), Row("1.2.3.1000"),
  Row("fe80::1%eth0 ::1 2001:db8::8a2e:370:7334.", "ipv6 fe80::1", "ipv6 ::1", "ipv6 2001:db8::8a2e:370:7334"),
  Row("2001:0db8:85a3:0000:0000:8a2e:0370:7334", "ipv6 2001:0db8:85a3:0000:0000:8a2e:0370:7334"),
  Row("::ffff:192.0.2.1, 64:ff9b::192.0.2.33", "ipv6 ::ffff:192.0.2.1", "ipv6 64:ff9b::192.0.2.33"),
  Row("1::", "ipv6 1::"), Row("[2001:db8::1]:80", "ipv6 2001:db8::1"),
  Row("at 12:34:56"), Row("00:1A:2B:3C:4D:5E"), Row("00:11:22:33:44:55:66:77"), Row("std::cafe"), Row("abc::def"),
  Row("::"), Row("1:2:3:4:5:6:7:8:9"), Row("1::2::3"), Row("12345::1"), Row("1:2:3:4:5:6:7"), Row("1::g"),
]

private let ibans = [
  Row("DE89370400440532013000", "iban DE89370400440532013000"),
  Row("IBAN: DE89 3704 0044 0532 0130 00.", "iban DE89 3704 0044 0532 0130 00"),
  Row("GB29 NWBK 6016 1331 9268 19 and", "iban GB29 NWBK 6016 1331 9268 19"),
  Row("fr1420041010050500013m02606", "iban fr1420041010050500013m02606"),
  Row("NO93\u{00A0}8601\u{00A0}1117\u{00A0}947", "iban NO93\u{00A0}8601\u{00A0}1117\u{00A0}947"),
  Row("MT84MALT011000012345MTLCAST001S", "iban MT84MALT011000012345MTLCAST001S"),
  Row("(CH9300762011623852957)", "iban CH9300762011623852957"),
  Row("DE88370400440532013000"), Row("DE8937040044053201300"), Row("DE893704004405320130001"),
  Row("XX89370400440532013000"), Row("xDE89370400440532013000"), Row("DE89 3704 0044 0532 0130 0"),
]

private let cards = [
  Row("4111 1111 1111 1111", "card 4111 1111 1111 1111"), Row("4111111111111111.", "card 4111111111111111"),
  Row("5555-5555-5555-4444", "card 5555-5555-5555-4444"), Row("3782 822463 10005", "card 3782 822463 10005"),
  Row("378282246310005", "card 378282246310005"), Row("3056 930902 5904", "card 3056 930902 5904"),
  Row("6011 1111 1111 1117 12/27", "card 6011 1111 1111 1117"),
  Row("4111 1111 1111 1111 123", "card 4111 1111 1111 1111"), Row("4111111111111111 123", "card 4111111111111111"),
  Row("3530111333300000", "card 3530111333300000"), Row("4222222222222", "card 4222222222222"),
  Row("2223 0031 2200 3222", "card 2223 0031 2200 3222"), Row("卡号4111111111111111。", "card 4111111111111111"),
  Row("4111\u{202F}1111\u{202F}1111\u{202F}1111", "card 4111\u{202F}1111\u{202F}1111\u{202F}1111"),
  Row("4111 1111 1111 1112"), Row("4111111111111112"), Row("1234567812345670"), Row("14111111111111111"),
  Row("4111111111111111234567"), Row("4111-1111 1111-1111"), Row("4111.1111.1111.1111"), Row("0.4111111111111111"),
  Row("x4111111111111111"), Row("41111111 11111111"),
]

private let phones = [
  Row("Call +1 (212) 555-0123.", "phone +1 (212) 555-0123"), Row("+49 30 901820", "phone +49 30 901820"),
  Row("+442079460958", "phone +442079460958"), Row("0049 30 901820", "phone 0049 30 901820"),
  Row("+49 (0)30 901820", "phone +49 (0)30 901820"), Row("+33 6 12 34 56 78", "phone +33 6 12 34 56 78"),
  Row("(212) 555-0123", "phone (212) 555-0123"), Row("212-555-0123", "phone 212-555-0123"),
  Row("212.555.0123", "phone 212.555.0123"), Row("1-800-555-0199", "phone 1-800-555-0199"),
  Row("030 12345678", "phone 030 12345678"), Row("089/1234567", "phone 089/1234567"),
  Row("06 12 34 56 78", "phone 06 12 34 56 78"), Row("06.12.34.56.78", "phone 06.12.34.56.78"),
  Row("(020) 7946 0958", "phone (020) 7946 0958"), Row("030 - 12345678", "phone 030 - 12345678"),
  Row("电话+86 138 0013 8000，", "phone +86 138 0013 8000"), Row("tel:+4930901820", "phone +4930901820"),
  Row("+1 212 555 0123, +1 212 555 0124", "phone +1 212 555 0123", "phone +1 212 555 0124"),
  Row("2024-01-02"), Row("01/02/2024 12:30"), Row("01-02-2024 12:30"), Row("01-02-24 10-30"), Row("123-45-6789"),
  Row("978-0-306-40615-7"), Row("0-306-40615-2"), Row("3.14159265358979"), Row("0.123456789"), Row("12345678"),
  Row("1234567890"), Row("112-555-0123"), Row("212-155-0123"), Row("212 555 0123"), Row("+1234"), Row("+999 12345678"),
  Row("1+49 30 901820"), Row("+49 30 9018201234567"), Row("x212-555-0123"), Row("212-555-0123-9"),
  Row("(212 555-0123", "phone 212 555-0123"),
  Row("0123456789"), Row("++49 30 901820"), Row("1,234,567,890"), Row("0800"),
]

@Suite("Recognisers")
struct PatternTests {
  @Test("e-mail", arguments: emails) func email(row: Row) { #expect(entities(row.text) == row.found) }
  @Test("URL", arguments: urls) func url(row: Row) { #expect(entities(row.text) == row.found) }
  @Test("IP", arguments: addresses) func address(row: Row) { #expect(entities(row.text) == row.found) }
  @Test("IBAN", arguments: ibans) func iban(row: Row) {
    #expect(entities(row.text, PatternSet(.iban)) == row.found)
  }
  @Test("card", arguments: cards) func card(row: Row) {
    #expect(entities(row.text, PatternSet(.card)) == row.found)
  }
  @Test("phone", arguments: phones) func phone(row: Row) { #expect(entities(row.text) == row.found) }

  @Test("only the kinds that are asked for")
  func kinds() {
    let text = "ann@example.com 10.0.0.1 https://example.com"
    #expect(entities(text, PatternSet(.ipv4)) == ["ipv4 10.0.0.1"])
    #expect(entities(text, PatternSet(.email).union(PatternSet(.url))).count == 2)
    #expect(entities(text, PatternSet(rawValue: 0)).isEmpty)
  }

  @Test("every good number with one digit changed is none")
  func checks() {
    for good in ["DE89370400440532013000", "4111111111111111", "5555555555554444"] {
      let kind = good.first == "D" ? PatternSet(.iban) : PatternSet(.card)
      #expect(spans(Array(good.utf8), kind).count == 1)
      for at in good.utf8.indices where good.utf8[at] < 58 {
        for digit in 48..<58 as Range<UInt8> where digit != good.utf8[at] {
          var bytes = Array(good.utf8)
          bytes[good.utf8.distance(from: good.utf8.startIndex, to: at)] = digit
          #expect(spans(bytes, kind).isEmpty)
        }
      }
    }
  }
}
