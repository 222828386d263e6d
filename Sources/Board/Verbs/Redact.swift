// SPDX-License-Identifier: Apache-2.0
// `redact B` and `redact --patterns-only`: a text of any length from standard input or a file to standard output,
// without its entities.
import CSystem
import Format
import Runtime
import Storage
import Tasks
import Text

func redact(_ arguments: Arguments, _ io: inout IO) throws(Failure) -> Int32 {
  // Without a model there is nothing that its flags could set.
  let isPlain = arguments.has("--patterns-only")
  let model: FlagSet = isPlain ? .none : .compute | .memory | .minScore | .strategy
  let options = try Options(arguments, flags: model | .file | .redaction)
  var choice = try redactionChoice(options)
  var reader: UnsafeMutablePointer<TagReader>?
  if isPlain {
    if let bundle = options.bundle { throw .usage("--patterns-only takes no bundle:", bundle) }
  } else {
    let opened = try TagReader.open(options)
    try opened.pointee.checkLength()
    choice.minScore = options.minScore(opened.pointee.record.threshold)
    reader = opened
  }
  if let unknown = choice.unknown(reader?.pointee.record) { throw .input("there is no label", unknown) }
  let room = try mapRoom(Redactor.roomByteCount(lengthMax: reader?.pointee.lengthMax ?? 0))
  var redactor = Redactor(reader, choice, room: room)
  var report = ReportFile()
  if let path = options.word(.report) { try report.open(path, options.has(.reportText)) }
  do throws(Failure) {
    try redact(&redactor, &report, options, &io)
  } catch {
    report.abandon()
    throw error
  }
  try report.commit()
  return 0
}

/// Everything from the input to the output.
@inline(never)
private func redact(
  _ redactor: inout Redactor, _ report: inout ReportFile, _ options: Options, _ io: inout IO
) throws(Failure) {
  var descriptor: Int32 = 0
  let path = options.word(.file) ?? Word(start: nil, count: 0)
  if options.has(.file) {
    let errno = sys_open_read(path.path, &descriptor)
    guard errno == 0 else { throw .file("cannot read", path: path, errno: errno) }
  }
  // What a recogniser says depends on no window: lines go out as they come. A tagger wants its window whole.
  let isStream = options.has(.patternsOnly)
  var isEnd = false
  // Whoever has seen enough (EPIPE) is no failure.
  while !isEnd, io.out.failure == 0 {
    let free = redactor.free()
    let got = try read(descriptor, free, isWhole: !isStream, path)
    isEnd = got < (isStream ? 1 : free.count)
    try redactor.take(got, isEnd: isEnd)
    while true {
      let step = redactor.next()
      if step == .none { break }
      let text = redactor.text
      if step == .region { redactor.replace { io.out.bytes($0) } } else { io.out.bytes(text) }
      report.pass(text, redactor, isTaken: step == .region)
    }
    io.out.flush()
  }
  if io.out.failure != 0, io.out.failure != 32 {
    throw .file("cannot write", path: ("-" as StaticString).word, errno: io.out.failure)
  }
}

/// What is put in the place of entities, and which are taken.
@inline(never)
private func redactionChoice(_ options: Options) throws(Failure) -> RedactionChoice {
  let key = options.word(.key)
  let usual: StaticString = key == nil ? "[{label}]" : "[{label}-{id}]"
  var choice = RedactionChoice(replacement: options.word(.with) ?? usual.word)
  choice.only = options.word(.only) ?? choice.only
  choice.except = options.word(.except) ?? choice.except
  choice.patterns = options.word(.patterns) ?? choice.patterns
  guard choice.hasID == (key != nil) else {
    throw .usage("--key FILE and {id} in --with belong together", nil)
  }
  guard let key else { return choice }
  let bytes = try mappedFile(key)
  guard bytes.count >= 16 else { throw .input("a key has 16 bytes or more:", key) }
  let room = try mapRoom(32).baseAddress!
  blake2b256(bytes.baseAddress!, bytes.count, room)
  choice.key = UnsafeRawPointer(room)
  return choice
}

/// `--report`: a line of JSON for each entity.
private struct ReportFile {
  private var path = Word(start: nil, count: 0)
  private var hasText = false
  private var temp: Int32 = 0
  private var writer: Writer?
  /// Characters of the text so far.
  private var characterCount = 0

  @inline(never)
  mutating func open(_ path: Word, _ hasText: Bool) throws(Failure) {
    (self.path, self.hasText) = (path, hasText)
    let room = try mapRoom(65_536)
    var descriptor: Int32 = -1
    let errno = sys_temp_create(path.path, &temp, &descriptor)
    guard errno == 0 else { throw .file("cannot write", path: path, errno: errno) }
    writer = Writer(descriptor, buffer: room)
  }

  /// A step of the text: one that `redactor` takes out, or none.
  @inline(never)
  mutating func pass(_ text: Word, _ redactor: borrowing Redactor, isTaken: Bool) {
    if writer == nil { return }
    let first = characterCount
    for byte in text where byte & 0xC0 != 0x80 { characterCount += 1 }
    if !isTaken { return }
    let region = redactor.region
    writer!.found(
      "label", redactor.label, region.score, text: hasText ? text : nil,
      Place(region.begin..<region.end, first: first, end: characterCount))
    writer!.byte(10)
  }

  func abandon() { if writer != nil { sys_temp_abandon(temp) } }

  @inline(never)
  mutating func commit() throws(Failure) {
    if writer == nil { return }
    writer!.flush()
    var errno = writer!.failure
    if errno != 0 { abandon() } else { errno = sys_temp_commit(temp) }
    guard errno == 0 else { throw .file("cannot write", path: path, errno: errno) }
  }
}
