// swift-tools-version: 6.2
import PackageDescription

let swiftSettings: [SwiftSetting] =
    [
        .swiftLanguageMode(.v6),
        .enableExperimentalFeature("Lifetimes"),
        .enableUpcomingFeature("ExistentialAny"),
        // Not for everybody: another compiler warns of other things.
    ] + (Context.environment["CAUSEWAY_STRICT"] == nil ? [] : [.treatAllWarnings(as: .error)])

/// A face over a C library that Debian packages.
func systemLibrary(_ name: String, pkgConfig: String?, apt: String) -> Target {
    .systemLibrary(name: name, path: "Sources/\(name)", pkgConfig: pkgConfig, providers: [.apt([apt])])
}

func library(
    _ name: String, _ dependencies: [Target.Dependency] = [], exclude: [String] = [], resources: [Resource] = []
) -> Target {
    .target(
        name: name, dependencies: dependencies, exclude: exclude, resources: resources, swiftSettings: swiftSettings)
}

func tests(
    _ name: String, _ dependencies: [Target.Dependency] = [], exclude: [String] = [], resources: [Resource] = []
) -> Target {
    .testTarget(
        name: "\(name)Tests", dependencies: [.init(stringLiteral: name)] + dependencies, path: "Tests/\(name)Tests",
        exclude: exclude, resources: resources, swiftSettings: swiftSettings)
}

let nio: [Target.Dependency] = [
    .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
]
let webSocket: [Target.Dependency] = [
    .product(name: "NIOHTTP1", package: "swift-nio"), .product(name: "NIOWebSocket", package: "swift-nio"),
]
let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let httpClient: Target.Dependency = .product(name: "AsyncHTTPClient", package: "async-http-client")
let serviceLifecycle: Target.Dependency = .product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let x509: Target.Dependency = .product(name: "X509", package: "swift-certificates")
let foundationCompat: Target.Dependency = .product(name: "NIOFoundationCompat", package: "swift-nio")
/// GRDB, and below it SQLite itself, whose FTS5 it does not wrap whole.
let fullText: [Target.Dependency] = [
    .product(name: "GRDB", package: "GRDB.swift"), .product(name: "GRDBSQLite", package: "GRDB.swift"),
]
let metrics: Target.Dependency = .product(name: "CoreMetrics", package: "swift-metrics")
let tls: Target.Dependency = .product(name: "NIOSSL", package: "swift-nio-ssl")
let log: Target.Dependency = .product(name: "Logging", package: "swift-log")

let package = Package(
    name: "causeway",
    products: [
        .executable(name: "causewayd", targets: ["causewayd"]),
        .executable(name: "causeway", targets: ["causeway"]),
        .executable(name: "causeway-jobs", targets: ["causeway-jobs"]),
    ],
    dependencies: [
        .package(url: "https://github.com/vapor/jwt-kit", from: "5.7.1"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.0"),
        .package(url: "https://github.com/apple/swift-certificates", from: "1.21.0"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
    ],
    targets: [
        // Faces over C libraries, and the few lines of C that Swift cannot express.
        systemLibrary("COpus", pkgConfig: "opus", apt: "libopus-dev"),
        systemLibrary("CSpanDSP", pkgConfig: "spandsp", apt: "libspandsp-dev"),
        systemLibrary("CSpeexDSP", pkgConfig: "speexdsp", apt: "libspeexdsp-dev"),
        systemLibrary("CFLAC", pkgConfig: "flac", apt: "libflac-dev"),
        systemLibrary("CVPX", pkgConfig: "vpx", apt: "libvpx-dev"),
        systemLibrary("COpenH264", pkgConfig: "openh264", apt: "libopenh264-dev"),
        systemLibrary("CYUV", pkgConfig: nil, apt: "libyuv-dev"),
        systemLibrary("CPango", pkgConfig: "pangocairo", apt: "libpango1.0-dev"),
        systemLibrary("COpenSSL", pkgConfig: "libcrypto", apt: "libssl-dev"),
        systemLibrary("CLibSSL", pkgConfig: "libssl", apt: "libssl-dev"),
        systemLibrary("CSRTP2", pkgConfig: "libsrtp2", apt: "libsrtp2-dev"),
        systemLibrary("CIPSecMB", pkgConfig: nil, apt: "libipsec-mb-dev"),
        systemLibrary("CQREncode", pkgConfig: "libqrencode", apt: "libqrencode-dev"),
        systemLibrary("CZlib", pkgConfig: "zlib", apt: "zlib1g-dev"),
        systemLibrary("CXML", pkgConfig: "libxml-2.0", apt: "libxml2-dev"),
        systemLibrary("CSystemd", pkgConfig: "libsystemd", apt: "libsystemd-dev"),
        systemLibrary("CPostgres", pkgConfig: "libpq", apt: "libpq-dev"),
        .target(name: "CLinux"),
        .target(name: "CSeal", dependencies: ["COpenSSL"]),
        .target(name: "CSpawn"),
        .target(name: "CResolver", linkerSettings: [.linkedLibrary("resolv")]),

        // Pure protocols: the standard library only.
        library("SIP"),
        library("SDP"),
        library("RTP"),
        library("STUN"),
        library("ICE", ["STUN"]),
        library("Congestion", ["RTP"]),
        library("ConferenceInfo"),
        library("BFCP"),
        // The latest SIP messages, shown and given out without what is secret in them.
        library("SIPTrace"),

        // Vietnamese text and time, needed everywhere above.
        library("Vietnamese"),

        // What a line of the log is about goes with it as fields.
        library("LogSubjects", [log]),

        // What was done to material that is kept, and by whom, as archives write it down.
        library("Preservation", ["Vietnamese"]),

        // What files of meetings are, looked at without opening them.
        library("Papers", ["CZlib"]),

        // Programs of others, run as bounded children.
        library("ChildProcesses", ["CSpawn"]),

        // Faces over libraries.
        library("SRTP", ["COpenSSL", "CSRTP2", "CIPSecMB", "CLinux"]),
        library("DTLS", ["CLibSSL", "COpenSSL", "SRTP", "STUN"]),
        library("Codecs", ["COpus", "CSpanDSP", "CSpeexDSP", "CFLAC", "CVPX", "COpenH264", "CYUV"]),
        library("Matroska"),

        // The packet path, and what becomes of what passed through it.
        library("Layout", ["Codecs", "CPango"]),
        library("MediaPlane", ["RTP", "SRTP", "Codecs", "CLinux", "STUN", "ICE", "DTLS", "Congestion", "Layout"]),
        library(
            "Announcements", ["MediaPlane", "Codecs"], exclude: ["announcements.tsv", "speak"]),
        // One face over SQLite and PostgreSQL: the same statements for either.
        library("SQLDatabase", ["ChildProcesses", "CPostgres", .product(name: "GRDB", package: "GRDB.swift")]),
        // Files that lie encrypted, read in any order; and the keys of keys.
        library("CipherFiles", [crypto]),
        // What proves a package, to anybody who has it: hashes, chains, seals, the ledger.
        library("Evidence", ["CSeal", "Matroska", crypto]),
        library("Recorder", ["CLinux", "MediaPlane", "RTP", "Codecs", "Matroska", "Evidence"]),
        library("Composer", ["Codecs", "Matroska", "Recorder", "Evidence", "Layout", "CLinux"]),
        library(
            "Archive",
            [
                "ChildProcesses", "CipherFiles", "Evidence", "Matroska", "Preservation", "SQLDatabase", "Vietnamese",
                crypto, log,
            ]),
        library("Search", ["ChildProcesses", "Papers", "Vietnamese"] + fullText),
        // For whom a copy was made, in its sound.
        library("Trace", ["ChildProcesses", crypto]),

        // What is printed and sent to people: join guides, reports of meetings.
        library("Documents", ["Vietnamese", "CQREncode", "ChildProcesses"]),
        // The packages of the archive's rules: METS, PREMIS, EAD, each checked by its schema.
        library(
            "Dossier", ["Preservation", "Vietnamese", "Documents", "CXML", "ChildProcesses", "Trace", crypto],
            resources: [.copy("Schemas")]),

        // Rules, signalling, and the faces to people.
        library("Conference"),
        // Which bridge of several is home to a room.
        library("Placement"),
        library("Cluster", ["Placement", "SQLDatabase", crypto, log] + nio),
        // Sockets that outlive a run of the daemon.
        library("Listening", nio),
        library("Quality"),
        // What the Office manages: its rules, pure; and where they are kept.
        // Who signs in by the word of an identity provider; it asks nothing itself.
        library("OpenID", [.product(name: "JWTKit", package: "jwt-kit"), crypto]),
        library("Office", ["Conference", "Papers", "SIP", "Vietnamese"]),
        library(
            "OfficeStore",
            [
                "Evidence", "LogSubjects", "Office", "Papers", "SQLDatabase", "Vietnamese", "COpenSSL", crypto,
            ]),
        library(
            "Signalling",
            [
                "SIP", "SIPTrace", "SDP", "STUN", "ICE", "DTLS", "BFCP", "RTP", "SRTP", "MediaPlane", "CResolver",
                "ConferenceInfo", "Listening", "LogSubjects", crypto, log, metrics,
                tls, x509,
            ]
                + nio + webSocket),
        library("PortalAPI", ["Office", "Quality", "Vietnamese"]),
        library(
            "Portal",
            [
                "PortalAPI", "Archive", "Documents", "Dossier", "Evidence", "Listening", "LogSubjects", "Matroska",
                "Office", "OfficeStore",
                "OpenID",
                "Preservation", "Search", "Trace", "Vietnamese", crypto, log, serviceLifecycle, httpClient,
                foundationCompat,
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                tls,
            ] + nio,
            // Copied beside the program, where it is looked for; in an installation, to share/causeway.
            resources: [.copy("JoinPage"), .copy("PortalPage")]),
        .target(
            name: "SiteConfiguration", dependencies: ["SIP", .product(name: "Yams", package: "Yams")],
            swiftSettings: swiftSettings),
        library("Certificates", [crypto, x509]),

        library("Metering", [metrics]),
        library("Doctor", ["SiteConfiguration", "Certificates", "ChildProcesses", "CLinux", "CResolver", "SRTP"]),
        .executableTarget(
            name: "causewayd",
            dependencies: [
                "SiteConfiguration", "Certificates", "Conference", "ConferenceInfo", "Signalling", "Portal",
                "Quality", "Announcements", "ChildProcesses", "Evidence", "Listening", "LogSubjects", "Metering",
                metrics,
                "PortalAPI", "Archive", "Documents", "Dossier", "Office", "OfficeStore", "OpenID", "Papers", "Search",
                "Cluster", "Codecs", "Placement", "Preservation", "SQLDatabase",
                "Composer", "Recorder", "Matroska", "MediaPlane", "CLinux", "CSystemd", "SDP", "Vietnamese", "RTP",
                "SIP", "SIPTrace",
                "SRTP",
                log,
                crypto,
                serviceLifecycle, httpClient, foundationCompat,
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ], swiftSettings: swiftSettings),
        .executableTarget(
            name: "causeway",
            dependencies: [
                "ChildProcesses", "Doctor", "SiteConfiguration", "PortalAPI", "Evidence", "Office", "Quality", "Trace",
                "Vietnamese", crypto, httpClient, tls,
                foundationCompat,
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ] + nio, swiftSettings: swiftSettings),

        // Starts children for the daemon, in a slice of its own; small, for hostile files are read beside it.
        .executableTarget(
            name: "causeway-jobs", dependencies: ["ChildProcesses", "CSpawn", "CSystemd"], path: "Sources/JobRunner",
            swiftSettings: swiftSettings),

        // Tests: one folder a target; Interop drives real endpoints against the real daemon.
        tests("Vietnamese"),
        tests("LogSubjects", [log]),
        tests("Papers"),
        tests("RTP"),
        tests("ChildProcesses", ["CSpawn", "causeway-jobs"]),
        tests("Congestion", ["RTP"]),
        tests("SDP", resources: [.copy("Offers")]),
        tests("STUN", ["DTLS"]),
        tests("ICE", ["STUN", "DTLS"]),
        tests("ConferenceInfo", resources: [.copy("Vectors")]),
        tests("BFCP", resources: [.copy("Libre")]),
        tests("SIP", ["SDP", crypto], resources: [.copy("Vectors")]),
        tests("SIPTrace"),
        tests("SRTP"),
        tests("DTLS", ["SRTP"]),
        tests("Codecs"),
        tests("Matroska"),
        tests("Layout", ["Codecs"]),
        .target(name: "LossyLine", path: "Tests/LossyLine", swiftSettings: swiftSettings),
        .testTarget(
            name: "LossyLineTests", dependencies: ["LossyLine"], path: "Tests/LossyLineTests",
            swiftSettings: swiftSettings),
        tests(
            "MediaPlane",
            [
                "RTP", "SRTP", "Codecs", "CLinux", "COpenH264", "STUN", "ICE", "DTLS", "Congestion", "LossyLine",
                "Recorder", "Matroska",
            ], exclude: ["SlowDisk"], resources: [.copy("Loss/score.py")]),
        tests("Announcements", ["MediaPlane"]),
        .target(
            name: "PostgresServer", path: "Tests/PostgresServer", swiftSettings: swiftSettings),
        tests("SQLDatabase", ["PostgresServer"]),
        tests("CipherFiles"),
        tests("Evidence", ["Matroska"]),
        tests("Recorder", ["Archive", "Composer", "Evidence", "MediaPlane", "RTP", "Codecs", "Matroska"]),
        tests("Composer", ["Codecs", "Matroska", "Recorder"]),
        tests(
            "Archive",
            [
                "CipherFiles", "Evidence", "Matroska", "PostgresServer", "Preservation", "SQLDatabase", "Vietnamese",
                .product(name: "GRDB", package: "GRDB.swift"),
            ]),
        tests("Trace", [crypto]),
        tests("Search", ["ChildProcesses", "Vietnamese", .product(name: "GRDB", package: "GRDB.swift")]),
        tests("Documents", ["Vietnamese"]),
        tests("Dossier", ["Preservation", "Vietnamese", "Documents", "Trace", crypto], resources: [.copy("EARK")]),
        tests("Placement"),
        tests("Cluster", ["Placement", "PostgresServer", "SQLDatabase", log]),
        tests("Conference"),
        tests("Quality"),
        tests("OpenID", [.product(name: "JWTKit", package: "jwt-kit"), crypto]),
        tests("Office", ["Conference", "Vietnamese"]),
        tests(
            "OfficeStore", ["Evidence", "LogSubjects", "Office", "Papers", "PostgresServer", "SQLDatabase", log]),
        tests("SiteConfiguration"),
        tests("Certificates"),
        tests("Metering", [metrics]),
        tests("Doctor", ["SiteConfiguration", "Certificates", "ChildProcesses"]),
        tests(
            "Signalling",
            ["SIP", "SDP", "STUN", "BFCP", "SRTP", "MediaPlane", "RTP", "ConferenceInfo", crypto, log, tls] + nio,
            resources: [.copy("Scenarios")]),
        tests(
            "Portal",
            [
                "Archive", "Documents", "Dossier", "Matroska", "Office", "OfficeStore", "Papers", "PortalAPI",
                "Quality",
                "Search", "Trace", "OpenID", httpClient, crypto, log, serviceLifecycle,
                tls, foundationCompat,
            ],
            // Read where they lie, for they refer to others.
            resources: [.copy("Schemas")]),
        tests(
            "causeway", ["Portal", "Archive", "Office", "OfficeStore", "PortalAPI", "Quality", log, serviceLifecycle]),
        // Sources/BFCP gets its target by being named here.
        .target(
            name: "FuzzTargets",
            dependencies: ["SIP", "SDP", "STUN", "RTP", "Congestion", "BFCP", "ICE", "DTLS", "SRTP"],
            path: "Tests/FuzzTargets", swiftSettings: swiftSettings),
        .testTarget(
            name: "FuzzTests", dependencies: ["FuzzTargets"], path: "Tests/FuzzTests", swiftSettings: swiftSettings),
        .target(
            name: "InteropSupport",
            dependencies: [
                "CSpawn", "PortalAPI", "Vietnamese", "SIP", "SDP", "STUN", "ICE", "DTLS", "RTP", "SRTP", "Codecs",
                crypto,
            ],
            path: "Tests/InteropSupport", swiftSettings: swiftSettings),
        .testTarget(
            name: "InteropTests",
            dependencies: [
                "Archive", "InteropSupport", "LossyLine", "PostgresServer", "Quality", "Office", "PortalAPI",
                "Vietnamese", "SIP", "SDP", "Conference", "BenchSupport",
                "BFCP",
                "STUN",
                "ICE", "DTLS", "RTP", "SRTP",
                "Matroska", "CLinux", .product(name: "Crypto", package: "swift-crypto"), "causewayd", "causeway",
                "causeway-jobs", "soak",
                tls,
            ] + nio,
            path: "Tests/InteropTests", swiftSettings: swiftSettings),

        .testTarget(
            name: "HandbookTests",
            dependencies: [
                "InteropSupport", "PortalAPI", "PostgresServer", "causeway", "causewayd",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            path: "Tests/HandbookTests", swiftSettings: swiftSettings),

        .testTarget(
            name: "ScaleModelTests", dependencies: ["BenchSupport", "InteropSupport", "scale-model"],
            path: "Tests/ScaleModelTests",
            swiftSettings: swiftSettings),

        .target(
            name: "BrowserDriver", dependencies: ["InteropSupport"], path: "Tests/BrowserDriver",
            swiftSettings: swiftSettings),
        .testTarget(
            name: "BrowserTests",
            dependencies: [
                "Archive", "BrowserDriver", "InteropSupport", "Office", "PortalAPI", "causewayd", "causeway",
            ],
            path: "Tests/BrowserTests",
            swiftSettings: swiftSettings),

        // Not part of the product: the matrix of endpoints, benchmarks and the demonstration.
        .executableTarget(
            name: "causeway-interop",
            dependencies: [
                "InteropSupport", "BrowserDriver", "LossyLine", "PortalAPI", "SDP", "DTLS",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ], path: "Tests/InteropMatrix", swiftSettings: swiftSettings),
        .target(name: "CBench", path: "Benchmarks/CBench"),
        .target(
            name: "BenchSupport", dependencies: ["MediaPlane", "RTP", "SRTP", "CBench"],
            path: "Benchmarks/BenchSupport", swiftSettings: swiftSettings),
        .target(
            name: "BenchMeeting", dependencies: ["BenchSupport", "InteropSupport", "SDP", "SRTP"],
            path: "Benchmarks/BenchMeeting", swiftSettings: swiftSettings),
        .executableTarget(
            name: "causeway-bench", dependencies: ["BenchSupport", "MediaPlane", "RTP", "SRTP", "Codecs", "CBench"],
            path: "Benchmarks/CausewayBench", swiftSettings: swiftSettings),
        .executableTarget(
            name: "relay-bench", dependencies: ["BenchSupport", "MediaPlane", "SRTP", "CBench"],
            path: "Benchmarks/RelayBench", swiftSettings: swiftSettings),
        .executableTarget(
            name: "calls-bench",
            dependencies: [
                "BenchMeeting", "BenchSupport", "InteropSupport", "MediaPlane", "SDP", "SIP", "SRTP", "Codecs",
                "CBench",
            ],
            path: "Benchmarks/CallsBench", swiftSettings: swiftSettings),
        .executableTarget(
            name: "soak", dependencies: ["BenchSupport", "InteropSupport", "PortalAPI"], path: "Benchmarks/SoakBench",
            swiftSettings: swiftSettings),
        .executableTarget(
            name: "archive-bench",
            dependencies: [
                "Archive", "BenchMeeting", "BenchSupport", "CBench", "InteropSupport", "PortalAPI", "SRTP", crypto,
                httpClient, tls, foundationCompat,
            ] + nio,
            path: "Benchmarks/ArchiveBench", swiftSettings: swiftSettings),
        .executableTarget(
            name: "scale-model", dependencies: ["BenchMeeting", "BenchSupport", "CBench", "InteropSupport", "SRTP"],
            path: "Benchmarks/ScaleModel", swiftSettings: swiftSettings),
        .executableTarget(
            name: "relay-floor", path: "Benchmarks/Floor", linkerSettings: [.linkedLibrary("IPSec_MB")]),
        .executableTarget(
            name: "srtp-bench", dependencies: ["SRTP"], path: "Benchmarks/SRTPBench", swiftSettings: swiftSettings),
        .executableTarget(
            name: "search-bench", dependencies: ["Search", "Vietnamese"], path: "Benchmarks/SearchBench",
            swiftSettings: swiftSettings),
        .executableTarget(
            name: "compose-bench",
            dependencies: ["BenchSupport", "Codecs", "Composer", "Layout", "Matroska", "Recorder"],
            path: "Benchmarks/ComposeBench", swiftSettings: swiftSettings),
        .executableTarget(
            name: "seal-bench", dependencies: ["Archive", "Evidence", "Matroska"], path: "Benchmarks/SealBench",
            swiftSettings: swiftSettings),
        .executableTarget(
            name: "sip-bench",
            dependencies: [
                "BenchSupport", "CBench", "SIP", "SDP", "Signalling", "ConferenceInfo", "MediaPlane", crypto, log,
            ],
            path: "Benchmarks/SIPBench", swiftSettings: swiftSettings),
        .executableTarget(
            name: "causeway-cluster-demo", dependencies: ["InteropSupport", "PortalAPI"],
            path: "samples/cluster-demo/Sources", swiftSettings: swiftSettings),
        .executableTarget(
            name: "causeway-demo", dependencies: ["InteropSupport", "PortalAPI", "Vietnamese"],
            path: "samples/demo/Sources", swiftSettings: swiftSettings),
    ]
)

/// A build under a sanitizer (CAUSEWAY_SANITIZED=thread or =address: `make tsan`, `make asan`) leaves out what its suites do not
/// need, for it takes several times as long as another: the programs and whoever starts them, and what stands on the web server.
if let sanitizer = Context.environment["CAUSEWAY_SANITIZED"] {
    let folders = ["Benchmarks/", "samples/", "Tests/Interop", "Tests/Browser"]
    let names: Set = [
        "causewayd", "causeway", "causewayTests", "HandbookTests", "ScaleModelTests", "Portal", "PortalTests",
        "OpenID", "OpenIDTests",
    ]
    package.products = []
    package.targets.removeAll { target in
        names.contains(target.name) || folders.contains { target.path?.hasPrefix($0) ?? false }
    }
    if sanitizer == "thread" {
        package.targets.append(
            .target(
                name: "ThreadSanitizerSupport", path: "Tests/ThreadSanitizerSupport",
                linkerSettings: [.unsafeFlags(["-Xlinker", "--wrap=__tsan_external_write"])]))
        for target in package.targets where target.type == .test {
            target.dependencies.append("ThreadSanitizerSupport")
        }
    }
}
