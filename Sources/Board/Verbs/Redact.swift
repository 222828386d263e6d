// SPDX-License-Identifier: Apache-2.0
// `redact B` and `redact --patterns-only`: a text of any length from standard input or a file to standard output,
// without its entities.
import CSystem
import Format
import Runtime
import Storage
import Tasks

func redact(_ arguments: Arguments, _ io: inout IO) throws(Failure) -> Int32 {
  let options = try Options(arguments, flags: .compute | .memory | .task)
  let isPlain = options.has(.patternsOnly)
  let others = TaskFlag.all.bit | TaskFlag.truncate.bit | TaskFlag.orNone.bit | TaskFlag.top.bit
    | TaskFlag.question.bit | TaskFlag.query.bit | (isPlain ? TaskFlag.minScore.bit | TaskFlag.strategy.bit : 0)
  try options.checkTask(~others)
  var reader: TagReader?
  var lengthMax = 0
  var choice = try redactionChoice(options)
  if isPlain {
    if let bundle = options.bundle { throw .usage("--patterns-only takes no bundle:", bundle) }
    try checkNames(options, nil)
  } else {
    let model = try openTask(options, .tag, sequences: 1)
    choice.minScore = try options.minScore(model.record.threshold)
    try checkNames(options, model.record)
    lengthMax = model.lengthMax
    let opened = try TagReader(model, try options.strategy())
    try opened.checkLength()
    reader = consume opened
  }
  let room = try mapRoom(Redactor.roomByteCount(lengthMax: lengthMax))
  var redactor = Redactor(reader, choice, room: room)
  var report: ReportFile?
  if let path = options.word(.report) { report = try ReportFile(path, options.has(.reportText)) }
  do throws(Failure) {
    try redact(&redactor, choice, &report, options, &io)
  } catch {
    report?.abandon()
    throw error
  }
  try report?.commit()
  return 0
}

/// Everything from the input to the output.
private func redact(
  _ redactor: inout Redactor, _ choice: RedactionChoice, _ report: inout ReportFile?, _ options: Options,
  _ io: inout IO
) throws(Failure) {
  var descriptor: Int32 = 0
  if let path = options.word(.file) {
    let errno = sys_open_read(path.path, &descriptor)
    guard errno == 0 else { throw .file("cannot read", path: path, errno: errno) }
  }
  let isStream = options.has(.patternsOnly)
  // Whoever has seen enough (EPIPE) is no failure.
  while io.out.failure == 0 {
    let free = redactor.free()
    var got = 0
    var errno: Int32
    // What a recogniser says depends on no window: lines go out as they come. A tagger wants its window whole.
    repeat {
      errno =
        isStream
        ? sys_read_some(descriptor, free.baseAddress!, free.count, &got)
        : sys_read(descriptor, free.baseAddress!, free.count, &got)
    } while errno == 4
    guard errno == 0 else {
      throw .file("cannot read", path: options.word(.file) ?? ("-" as StaticString).word, errno: errno)
    }
    let isEnd = isStream ? got == 0 : got < free.count
    try redactor.take(got, isEnd: isEnd) { part in
      switch part {
      case .text(let text):
        io.out.bytes(text)
        report?.pass(text)
      case .entity(let region, let label, let own, let text):
        choice.replace(text, own: own, label) { io.out.bytes($0) }
        report?.write(region, label, text)
      }
    }
    io.out.flush()
    if isEnd { break }
  }
  if io.out.failure != 0, io.out.failure != 32 {
    throw .file("cannot write", path: ("-" as StaticString).word, errno: io.out.failure)
  }
}

/// What is put in the place of entities, and which recognisers are asked.
private func redactionChoice(_ options: Options) throws(Failure) -> RedactionChoice {
  let key = options.word(.key)
  let usual: StaticString = key == nil ? "[{label}]" : "[{label}-{id}]"
  var choice = RedactionChoice(replacement: options.word(.with) ?? usual.word)
  choice.only = options.word(.only)
  choice.except = options.word(.except)
  choice.choose(options.word(.patterns))
  guard choice.hasID == (key != nil) else {
    throw .usage("--key FILE and {id} in --with belong together", nil)
  }
  guard let key else { return choice }
  let bytes = try mappedFile(key)
  guard bytes.count >= 16 else { throw .input("a key has 16 bytes or more:", key) }
  let room = try mapRoom(32)
  room.put(streamDigest { update in update(bytes) }, at: 0)
  choice.key = UnsafeRawPointer(room.baseAddress!)
  return choice
}

/// A label that is misspelled would let through what it stands for.
private func checkNames(_ options: Options, _ record: TaskRecord?) throws(Failure) {
  var unknown = RedactionChoice.unknown(options.word(.only), record)
  unknown = unknown ?? RedactionChoice.unknown(options.word(.except), record)
  if let names = options.word(.patterns), !names.equals("none") {
    unknown = unknown ?? RedactionChoice.unknown(names, nil)
  }
  if let unknown { throw .input("there is no label", unknown) }
}

/// `--report`: a line of JSON for each entity.
private struct ReportFile {
  private let path: Word
  private let hasText: Bool
  private var temp: Int32 = 0
  private var writer: Writer
  /// Characters of the text so far.
  private var characterCount = 0

  init(_ path: Word, _ hasText: Bool) throws(Failure) {
    (self.path, self.hasText) = (path, hasText)
    var descriptor: Int32 = -1
    let errno = sys_temp_create(path.path, &temp, &descriptor)
    guard errno == 0 else { throw .file("cannot write", path: path, errno: errno) }
    writer = Writer(descriptor, buffer: try mapRoom(65_536))
  }

  /// Text that stays.
  mutating func pass(_ text: Word) { for byte in text where byte & 0xC0 != 0x80 { characterCount += 1 } }

  mutating func write(_ region: RedactedRegion, _ label: Word, _ text: Word) {
    let first = characterCount
    pass(text)
    writer.found(
      "label", label, region.score, text: hasText ? text : nil,
      Place(region.begin..<region.end, first: first, end: characterCount))
    writer.byte(10)
  }

  func abandon() { sys_temp_abandon(temp) }

  mutating func commit() throws(Failure) {
    writer.flush()
    if writer.failure != 0 { abandon() }
    let errno = writer.failure != 0 ? writer.failure : sys_temp_commit(temp)
    guard errno == 0 else { throw .file("cannot write", path: path, errno: errno) }
  }
}
