// swift-tools-version: 6.2
import PackageDescription

let swiftSettings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableExperimentalFeature("Lifetimes"),
    .enableUpcomingFeature("ExistentialAny"),
]

/// A face over a C library that Debian packages.
func systemLibrary(_ name: String, pkgConfig: String?, apt: String) -> Target {
    .systemLibrary(name: name, path: "Sources/\(name)", pkgConfig: pkgConfig, providers: [.apt([apt])])
}

func library(_ name: String, _ dependencies: [Target.Dependency] = [], exclude: [String] = []) -> Target {
    .target(name: name, dependencies: dependencies, exclude: exclude, swiftSettings: swiftSettings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency] = [], resources: [Resource] = []) -> Target {
    .testTarget(
        name: "\(name)Tests", dependencies: [.init(stringLiteral: name)] + dependencies, path: "Tests/\(name)Tests",
        resources: resources, swiftSettings: swiftSettings)
}

let nio: [Target.Dependency] = [
    .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
]
let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let log: Target.Dependency = .product(name: "Logging", package: "swift-log")

let package = Package(
    name: "causeway",
    products: [
        .executable(name: "causewayd", targets: ["causewayd"]),
        .executable(name: "causeway", targets: ["causeway"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.0"),
        .package(url: "https://github.com/apple/swift-certificates", from: "1.21.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.0"),
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
        systemLibrary("CSRTP2", pkgConfig: "libsrtp2", apt: "libsrtp2-dev"),
        systemLibrary("CIPSecMB", pkgConfig: nil, apt: "libipsec-mb-dev"),
        .target(name: "CLinux"),

        // Pure protocols: the standard library only.
        library("SIP"),
        library("SDP"),
        library("RTP"),

        // Faces over libraries.
        library("SRTP", ["COpenSSL", "CSRTP2", "CIPSecMB"]),
        library("Codecs", ["COpus", "CSpanDSP", "CSpeexDSP", "CFLAC", "CVPX", "COpenH264", "CYUV"]),
        library("Matroska"),

        // The packet path, and what becomes of what passed through it.
        library("MediaPlane", ["RTP", "SRTP", "Codecs", "CLinux"]),
        library("Recorder", ["MediaPlane", "RTP", "Codecs", "Matroska"]),
        library("Composer", ["Codecs", "Matroska", "Recorder", "CPango"]),
        library("Archive", [.product(name: "GRDB", package: "GRDB.swift"), crypto, log]),

        // Rules, signalling, and the faces to people.
        library("Conference"),
        library(
            "Signalling",
            ["SIP", "SDP", "RTP", "SRTP", "MediaPlane", crypto, log, .product(name: "NIOSSL", package: "swift-nio-ssl")]
                + nio),
        library("PortalAPI"),
        library(
            "Portal",
            [
                "PortalAPI", "Archive", crypto, log, .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdTLS", package: "hummingbird"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ] + nio),
        library("Configuration", [.product(name: "Yams", package: "Yams")]),
        library("Certificates", [crypto, .product(name: "X509", package: "swift-certificates")]),

        .executableTarget(
            name: "causewayd",
            dependencies: [
                "Configuration", "Certificates", "Conference", "Signalling", "Portal", "PortalAPI", "Archive", "Composer",
                "Recorder", "MediaPlane", log,
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ], swiftSettings: swiftSettings),
        .executableTarget(
            name: "causeway",
            dependencies: [
                "PortalAPI", crypto, .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ] + nio, swiftSettings: swiftSettings),
    ]
)
