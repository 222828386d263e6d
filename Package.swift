// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0
// One package, three builds: the workstation (ordinary Swift), and the board on aarch64 and x86_64 (trait `Embedded`).
// The arrows between modules are drawn in README.md; `Format … Tasks` and `Board` are the core.
import PackageDescription

/// All for size: 20 KB of 394 on x86-64, 15 of 350 on aarch64, and no slower.
let boardFlags = [
  "-wmo", "-Osize",
  "-Xfrontend", "-no-allocations",
  "-Xfrontend", "-mergeable-traps",  // one trap per function
  // Closures are called, not copied into a function of their own for each; a function of two blocks inlines no more.
  "-Xllvm", "-sil-disable-pass=closure-specialize",
  "-Xllvm", "-sil-inline-overall-caller-block-limit=2",
  // Swift's functions have the attributes that clang's would have: minsize, and what the outliner needs.
  "-Xcc", "-Oz", "-Xcc", "-mno-red-zone",
  "-Xllvm", "-enable-machine-outliner=always",
]

// A target names all modules whose types it handles, even in passing: SwiftPM compiles it anew only when those change.

/// Every Swift target of the board. The ordinary build refuses part of what Embedded Swift refuses; the Embedded
/// build refuses all of it, and with `-no-allocations` every heap allocation too.
let board: [SwiftSetting] = [
  .treatWarning("EmbeddedRestrictions", as: .error),
  .enableExperimentalFeature("Embedded", .when(traits: ["Embedded"])),
  .unsafeFlags(boardFlags, .when(traits: ["Embedded"])),
]

/// On the board the linker compiles all but the loops that must be fast: it would call what they have in common.
let fast = CSetting.unsafeFlags(["-ffat-lto-objects"], .when(traits: ["Embedded"]))

let package = Package(
  name: "Hardtack",
  products: [
    .executable(name: "hardtack", targets: ["Command"]),
    .executable(name: "tack", targets: ["tack"]),
    .library(name: "Hardtack", targets: ["Hardtack"]),
  ],
  traits: [
    .trait(name: "Embedded", description: "The board: Embedded Swift, no Foundation, no runtime")
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2")
  ],
  targets: [
    .target(name: "CKernels", cSettings: [.define("HT_BOARD", .when(traits: ["Embedded"])), fast]),
    .target(name: "CSystem", cSettings: [.unsafeFlags(["-Oz"], .when(traits: ["Embedded"]))]),
    .target(
      name: "CCodec", cSettings: [fast, .unsafeFlags(["-Os"], .when(traits: ["Embedded"]))],
      linkerSettings: [.linkedLibrary("zstd"), .linkedLibrary("sodium")]),

    .target(name: "Format", swiftSettings: board),
    .target(name: "Ops", dependencies: ["Format", "CKernels"], swiftSettings: board),
    .target(name: "Runtime", dependencies: ["Ops", "Format", "CKernels", "CSystem"], swiftSettings: board),
    .target(name: "Text", dependencies: ["Format"], swiftSettings: board, linkerSettings: [.linkedLibrary("m")]),
    .target(name: "Storage", dependencies: ["Format", "CSystem", "CCodec"], swiftSettings: board),
    .target(
      name: "Tasks", dependencies: ["Runtime", "Ops", "Format", "Text", "CKernels", "CSystem"], swiftSettings: board),

    .target(
      name: "Retrieval", dependencies: ["Storage", "Text", "Format", "CKernels", "CSystem"], swiftSettings: board),

    .target(name: "ModelFiles"),
    .target(name: "Packager", dependencies: ["ModelFiles", "Ops", "Format", "Text", "Storage", "CSystem", "CCodec"]),

    .target(
      name: "Board",
      dependencies: ["Tasks", "Runtime", "Ops", "Format", "Text", "Storage", "Retrieval", "CKernels", "CSystem"],
      swiftSettings: board),
    .executableTarget(name: "tack", dependencies: ["Board"]),  // C: main only
    .target(
      name: "Hardtack",
      dependencies: [
        "Board", "Packager", "Tasks", "Runtime", "Text", "CSystem", "CKernels", "Format", "Ops", "Storage", "Retrieval",
        "ModelFiles",
      ],
      path: "Sources/Library"),
    // Not named as the program: on a disk that takes Hardtack and hardtack for one name they would meet.
    .executableTarget(
      name: "Command",
      dependencies: [
        "Hardtack", "Board",
        "Packager", "Runtime", "Text", "CSystem", "CKernels", "Format", "Ops", "Storage", "ModelFiles",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      path: "Sources/hardtack"),
    .executableTarget(name: "Haiku", dependencies: ["Hardtack"], path: "Examples/Haiku"),

    // Indexes without a model: Tools/kill-index, Tools/bench-index.
    .executableTarget(
      name: "index-tool", dependencies: ["Retrieval", "Storage", "Format", "CKernels", "CSystem"],
      path: "Tools/index-tool"),

    .testTarget(name: "KernelTests", dependencies: ["CKernels"]),
    .testTarget(name: "FormatTests", dependencies: ["Format", "Storage"]),
    .testTarget(name: "OpsTests", dependencies: ["Ops", "Format", "Storage", "CKernels", "TestBundles"]),
    .testTarget(
      name: "RuntimeTests",
      dependencies: [
        "Runtime", "Ops", "Format", "Packager", "Board", "CKernels", "CSystem", "TestBundles", "ModelFileBuilders",
        "CAllocationCount", "Tasks", "Text", "ModelFiles",
      ],
      exclude: ["Fixtures"]),
    .testTarget(
      name: "TaskTests", dependencies: ["Tasks", "Runtime", "Ops", "Text", "Format", "CKernels", "TestBundles"]),
    .testTarget(
      name: "TextTests", dependencies: ["Text", "Format", "Storage", "Packager", "ModelFiles"], exclude: ["Fixtures"]),
    .testTarget(name: "StorageTests", dependencies: ["Storage", "Format", "Packager", "CSystem", "CCodec"]),
    // For tests: a malloc that counts; writers of small GGUF and safetensors files, and a mutator.
    .target(name: "CAllocationCount", path: "Tests/CAllocationCount"),
    .target(name: "ModelFileBuilders", dependencies: ["ModelFiles"], path: "Tests/ModelFileBuilders"),
    // For tests: vectors, fenced memory, tiny models packed on the spot.
    .target(
      name: "TestBundles",
      dependencies: [
        "ModelFileBuilders", "ModelFiles", "Packager", "Runtime", "Ops", "Format", "Storage", "CSystem", "CKernels",
      ],
      path: "Tests/TestBundles"),
    .testTarget(name: "PatternTests", dependencies: ["Tasks"]),
    .testTarget(
      name: "RetrievalTests", dependencies: ["Retrieval", "Storage", "Text", "Format", "CKernels", "CSystem"]),
    .testTarget(name: "ModelFilesTests", dependencies: ["ModelFiles", "ModelFileBuilders", "CAllocationCount"]),
    .testTarget(
      name: "PackagerTests",
      dependencies: [
        "Packager", "ModelFiles", "Runtime", "Ops", "Format", "CKernels", "ModelFileBuilders", "TestBundles",
      ]),
    .testTarget(name: "LibraryTests", dependencies: ["Hardtack", "TestBundles", "ModelFileBuilders"]),
    .testTarget(name: "CommandTests", dependencies: ["Storage", "Format"], exclude: ["Transcripts", "Tasks"]),
  ]
)
