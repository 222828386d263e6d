// SPDX-License-Identifier: Apache-2.0
// One line for each reason that `expand` can give; the rules are those of specs/shipping.md §6.
import Format
import Storage

extension StorageError {
  /// 3 the input is bad, 4 it does not fit, 5 the system failed us.
  var exitCode: Int32 {
    switch self {
    case .diskTooSmall, .workspaceTooSmall: 4
    case .system(_, let errno) where errno == 28: 4
    // No such folder, no permission, not a regular file, not a folder, a folder.
    case .system(.createOutput, 2), .system(.createOutput, 13), .system(.createOutput, 19): 3
    case .system(.createOutput, 20), .system(.createOutput, 21): 3
    case .system: 5
    default: 3
    }
  }
}

extension Writer {
  mutating func storage(_ error: StorageError, source: Word, target: Word, program: StaticString) {
    switch error {
    case .diskTooSmall(let have, let need):
      text("cannot write ")
      safe(target)
      text(": the disk has ")
      size(have)
      text(" left, the bundle needs ")
      return size(need)
    case .workspaceTooSmall(let have, let need):
      return say("expand was given % bytes of memory and needs %", have, need)
    case .system(.createOutput, let errno) where errno == 2 || errno == 19:
      text("cannot write ")
      safe(target)
      return text(errno == 2 ? ": its folder does not exist" : ": it is there and no regular file")
    case .system(let call, let errno):
      text(call == .openInput || call == .read ? "cannot read " : "cannot write ")
      safe(call == .openInput || call == .read ? source : target)
      text(": ")
      return errnoText(errno)
    default: break
    }
    if source.equals("-") { text("standard input") } else { safe(source) }
    if case .notCompressed = error {
      return text(" is not compressed: it is in its mappable form already")
    }
    text(" is refused: ")
    rule(error)
    text("\nhint: fetch it again; nothing was written")
  }

  private mutating func rule(_ error: StorageError) {
    switch error {
    case .bundle(let error): bundleText(error)
    case .cut(let section, let have, let need):
      say("it ends at byte %", have)
      if let section {
        text(" in section ")
        text(section.name)
      }
      say(", where at least % are needed (S-03)", need)
    case .paddingNotZero(let offset):
      say("padding is not zero from byte % on (S-04)", offset)
    case .blockMalformed(let section, let block, let field):
      place(section, block)
      say(" has a malformed header, field % (S-05)", UInt64(field.rawValue))
    case .segmentMalformed(let section, let block, let segment):
      place(section, block)
      say(" has a malformed segment % (S-06)", UInt64(segment))
    case .blockDamaged(let section, let block):
      place(section, block)
      text(" is damaged (S-07)")
    case .sectionDiffers(let section):
      text("section ")
      text(section.name)
      text(" differs from its digest (S-08)")
    case .pageListsDiffer: text("the page digests are not those of the sections (S-09)")
    case .trailingBytes(let end):
      say("more bytes follow its end at % (S-10)", end)
    case .notCompressed, .diskTooSmall, .workspaceTooSmall, .system: break
    }
  }

  private mutating func place(_ section: SectionKind, _ block: UInt32) {
    text("section ")
    text(section.name)
    say(", block %", UInt64(block))
  }
}
