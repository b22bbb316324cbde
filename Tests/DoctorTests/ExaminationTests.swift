import Certificates
import Foundation
import SiteConfiguration
import Testing

@testable import Doctor

/// Each check against what is really so in a folder or on a socket of the test's own.
struct ExaminationTests {
    private let folder = FileManager.default.temporaryDirectory.appendingPathComponent("cw-doctor-\(UUID().uuidString)")
        .path

    private func with(_ body: (inout Configuration) throws -> Void) throws -> Examination {
        var configuration = Configuration()
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        configuration.archive.directory = folder + "/archive"
        configuration.certificates.directory = folder + "/certificates"
        configuration.portal.socket = folder + "/no.sock"
        try body(&configuration)
        return Examination(of: configuration, daemon: nil)
    }

    private func remove() { try? FileManager.default.removeItem(atPath: folder) }

    @Test func aCertificateIsGoodForItsNamesAndItsTime() throws {
        defer { remove() }
        let patient = try with {
            _ = try SiteCertificate.ensure(directory: $0.certificates.directory, names: $0.certificateNames)
        }
        #expect(patient.certificate().verdict == .good)
        let late = patient.certificate(now: Date(timeIntervalSinceNow: 86_400 * 20_000))
        #expect(late.verdict == .bad)
        #expect(late.advice?.contains("restart") == true)
        let renamed = try with { $0.sip.domain = "hop.example.vn" }.certificate()
        #expect(renamed.verdict == .warning)
        #expect(renamed.says.contains("hop.example.vn"))
        #expect(try with { $0.certificates.directory = folder + "/nowhere" }.certificate().verdict == .warning)
    }

    @Test func mediaThreadsThatWaitForOthersAreNoticed() throws {
        defer { remove() }
        func thread(nice: Int, priority: Int, policy: Int) -> Examination.MediaThread? {
            // As proc_pid_stat(5) has it, with a name that means harm.
            let fields =
                ["7", "(media) 0 (x)"]
                + (3...52).map { field in
                    switch field {
                    case 3: "S"
                    case 19: "\(nice)"
                    case 40: "\(priority)"
                    case 41: "\(policy)"
                    default: "0"
                    }
                }
            return Examination.MediaThread(stat: fields.joined(separator: " ") + "\n")
        }
        let kind = try #require(thread(nice: -10, priority: 0, policy: 0))
        let ordinary = try #require(thread(nice: 0, priority: 0, policy: 0))
        let eager = try #require(thread(nice: -10, priority: 10, policy: 2))
        let patient = try with { _ in }
        #expect(patient.judge([kind, kind], cores: 2).verdict == .good)
        #expect(patient.judge([kind, ordinary], cores: 2).verdict == .warning)
        #expect(patient.judge([], cores: 2).verdict == .skipped)
        let wanting = try with { $0.media.realTimePriority = 10 }
        #expect(wanting.judge([eager], cores: 2).verdict == .good)
        #expect(wanting.judge([kind], cores: 2).advice?.contains("LimitRTPRIO=10") == true)
        for broken in ["", ")", "7 (media-0) S 1 2", "7 media-0 S"] {
            #expect(Examination.MediaThread(stat: broken) == nil)
        }
    }

    @Test func whoeverHasThePortIsNoticed() throws {
        defer { remove() }
        let taken = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
        defer { close(taken) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                _ = bind(taken, $0, length)
                _ = getsockname(taken, $0, &length)
            }
        }
        let port = UInt16(bigEndian: address.sin_port)
        let patient = try with {
            $0.sip.listeners = [.init(transport: .udp, address: "127.0.0.1", port: port)]
            $0.portal.port = 0
        }
        let finding = patient.listening()[0]
        #expect(finding.verdict == .bad)
        #expect(finding.says.contains("udp/\(port)"))
        // Nobody answers there, either.
        let running = Examination(
            of: patient.configuration, daemon: .init(version: "1", listeners: [], warnings: []))
        #expect(running.listening()[0].verdict == .bad)
    }

    @Test func addressesOfLoopbackAndOfOthersAreTold() throws {
        defer { remove() }
        #expect(try with { _ in }.addresses()[0].says.contains("from this machine alone"))
        let behind = try with {
            $0.media.bind = "0.0.0.0"
            $0.media.advertised = "192.0.2.77"
            $0.sip.listeners = [.init(transport: .tls, address: "0.0.0.0", port: 5061)]
            $0.sip.listeners[0].advertised = "192.0.2.77"
        }.addresses()[0]
        #expect(behind.verdict == .warning)
        #expect(behind.advice?.contains("udp/20000-29999") == true)
    }

    @Test func anArchiveOnTheSameDiskTwiceIsNoSecondLocation() throws {
        defer { remove() }
        let findings = try with {
            try FileManager.default.createDirectory(atPath: folder + "/second", withIntermediateDirectories: true)
            $0.archive.secondLocation.path = folder + "/second"
            $0.recording.second = folder + "/absent"
        }.disk()
        #expect(findings.first { $0.name == "disk speed" }?.says.contains("MB/s") == true)
        #expect(findings.first { $0.name == "second location" }?.verdict == .warning)
        #expect(findings.first { $0.name == "second recorder" }?.verdict == .bad)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["second"])
    }

    @Test func aScannerThatIsAbsentIsMissed() throws {
        defer { remove() }
        let findings = try with { $0.papers.clamd = folder + "/clamd" }.programs()
        #expect(findings.last?.verdict == .bad)
        #expect(findings.last?.name == "virus scanner")
    }

    @Test func theMachineIsSeen() throws {
        defer { remove() }
        let patient = try with { _ in }
        #expect(patient.processor().says.contains("SRTP by"))
        #expect(patient.kernel().contains { $0.name == "UDP offload" && $0.verdict == .good })
        #expect(patient.names()[0].verdict != .good)
    }
}
