import Evidence
import Foundation
import Matroska

@testable import Archive

/// A master as the recorder writes it: a cluster each 250 ms, and its chain beside it.
enum RecordedMaster {
    static let clusterMilliseconds: Int64 = 250

    /// Where each cluster lies.
    @discardableResult
    static func write(to path: String, meeting: String, clusters: Int = 40, isFinished: Bool = true) throws
        -> [ClusterPlace]
    {
        let chain = try ClusterChainFile(creating: ClusterChainFile.path(of: path), meeting: meeting)
        let writer = try MatroskaWriter(
            try FileSink(creating: path), info: MatroskaInfo(title: "Họp", tags: ["MEETING": meeting]),
            trackRegionSize: 4096)
        var places: [ClusterPlace] = []
        writer.onCluster = { place, octets in
            chain.append(place, octets)
            places.append(place)
        }
        try writer.addTrack(
            MatroskaTrack(
                number: 1, codec: .opus, name: "Xã Phú Lộc",
                codecPrivate: MatroskaTrack.opusHead(channels: 1, preSkip: 312), tags: ["POINT": "phu-loc"]))
        for cluster in 0..<clusters {
            for packet in 0..<12 {
                let time = Int64(cluster) * clusterMilliseconds + Int64(packet) * 20
                // Of other lengths, so that clusters are.
                let data = (0..<60 + cluster % 5).map { UInt8(truncatingIfNeeded: cluster &* 31 &+ packet &* 7 &+ $0) }
                try writer.write(
                    MatroskaBlock(track: 1, timestampNanoseconds: time * 1_000_000, isKeyframe: true, data: data))
            }
            try writer.flush()
        }
        if isFinished {
            try writer.finish()
            chain.finish()
        }
        return places
    }
}

extension Archive {
    /// A sealed meeting with a real master of 10 s.
    func recordedMeeting(
        _ new: NewMeeting = .sample(), clusters: Int = 40
    ) async throws -> (meeting: MeetingRecord, clusters: [ClusterPlace]) {
        let meeting = try await openMeeting(new)
        try await setState(meeting.id, to: .recording)
        let places = try RecordedMaster.write(to: paths(of: meeting).master, meeting: meeting.id, clusters: clusters)
        try Data("film".utf8).write(to: URL(fileURLWithPath: paths(of: meeting).accessCopy))
        try append(EventRecord(at: new.openedAt, name: "opened"), to: meeting)
        try add(Data("{}".utf8), as: "reports/report.json", to: meeting)
        try await closeMeeting(meeting.id, at: new.openedAt.addingTimeInterval(10), durationMilliseconds: 10_000)
        return (try await seal(meeting.id), places)
    }

    var publicKey: String {
        (try? String(contentsOfFile: root + "/keys/seal.pub.pem", encoding: .utf8)) ?? ""
    }

    func ledgerCopy() throws -> Ledger {
        Ledger(parsing: try Data(contentsOf: URL(fileURLWithPath: root + "/ledger.jsonl")))
    }
}

/// Does to a sealed file what a hand with all rights may do.
func tamper(_ path: String, _ change: (inout Data) throws -> Void) throws {
    var data = try Data(contentsOf: URL(fileURLWithPath: path))
    try change(&data)
    chmod(path, 0o640)
    try data.write(to: URL(fileURLWithPath: path))
}

/// Runs a shell; returns its status and all that it said.
func shell(_ script: String, in directory: String) throws -> (status: Int32, output: String) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", script]
    process.currentDirectoryURL = URL(fileURLWithPath: directory)
    let output = Pipe()
    process.standardOutput = output
    process.standardError = output
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: data, as: UTF8.self))
}

func isInstalled(_ programs: String...) -> Bool {
    programs.allSatisfy { FileManager.default.isExecutableFile(atPath: "/usr/bin/" + $0) }
}
