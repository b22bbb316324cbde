import Foundation

@testable import Trace

/// Speech from espeak-ng, and what others' programs do to it.
enum Speech {
    static let rate = 48_000

    static var isPossible: Bool {
        ["espeak-ng", "ffmpeg"].allSatisfy { FileManager.default.isExecutableFile(atPath: "/usr/bin/\($0)") }
    }

    private static let text = """
        Kính thưa các đồng chí, hôm nay chúng ta họp giao ban về tình hình phòng chống bão lụt trên địa bàn tỉnh. Đề nghị \
        các điểm cầu báo cáo ngắn gọn. Điểm cầu A Lưới báo cáo: mực nước sông đang ở dưới báo động hai, các hồ chứa vận hành \
        đúng quy trình. Điểm cầu Phú Lộc báo cáo: đã sơ tán năm trăm hộ dân ở vùng thấp trũng. Đề nghị Sở Y tế chuẩn bị cơ \
        số thuốc, hóa chất xử lý môi trường. Chủ tọa kết luận: các đơn vị trực ban hai mươi bốn trên hai mươi bốn giờ.
        """

    /// So many seconds of speech, 48 kHz, one channel, in a voice of its own.
    static func samples(seconds: Int, speed: Int = 160) throws -> [Int16] {
        let once = try run(["espeak-ng", "-v", "vi", "-s", "\(speed)", "--stdout", text])
        var samples = try convert(once, ["-i", "pipe:0"])
        while samples.count < seconds * rate { samples += samples }
        return Array(samples.prefix(seconds * rate))
    }

    /// What is left of samples after ffmpeg did `arguments` to them, as 48 kHz of one channel.
    static func through(_ samples: [Int16], _ arguments: [String]) throws -> [Int16] {
        let folder = NSTemporaryDirectory() + "trace-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let raw = samples.withUnsafeBytes { Data($0) }
        let file = folder + "/copy." + (arguments.last ?? "mka")
        _ = try run(
            ["ffmpeg", "-v", "error", "-f", "s16le", "-ar", "\(rate)", "-ac", "1", "-i", "pipe:0"]
                + arguments.dropLast() + ["-y", file], input: raw)
        return try convert(Data(), ["-i", file])
    }

    private static func convert(_ input: Data, _ source: [String]) throws -> [Int16] {
        let data = try run(
            ["ffmpeg", "-v", "error"] + source + ["-f", "s16le", "-ar", "\(rate)", "-ac", "1", "pipe:1"], input: input)
        return data.withUnsafeBytes { Array($0.bindMemory(to: Int16.self)) }
    }

    private static func run(_ command: [String], input: Data = Data()) throws -> Data {
        let process = Process()
        let (output, source) = (Pipe(), Pipe())
        process.executableURL = URL(fileURLWithPath: "/usr/bin/\(command[0])")
        process.arguments = Array(command.dropFirst())
        process.standardOutput = output
        process.standardInput = source
        try process.run()
        // Written beside, as what comes out has to be read meanwhile.
        let writer = Thread {
            try? source.fileHandleForWriting.write(contentsOf: input)
            try? source.fileHandleForWriting.close()
        }
        writer.start()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return data
    }

    static func curve(_ samples: [Int16]) -> LevelCurve {
        var curve = LevelCurve(sampleRate: rate)
        samples.withUnsafeBufferPointer { curve.add($0) }
        return curve
    }
}
