import Foundation

/// What is said in tests, and how well it came through by STOI and PESQ, which are had from PyPI (`make bench-loss`).
enum SpeechScore {
    struct Score {
        /// Intelligibility, 0...1 (Taal et al. 2011).
        var stoi: Double
        /// Quality, 1...4.64 (ITU-T P.862.2).
        var pesq: Double
    }

    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    static let sampleRate = 48_000
    static let python: String = {
        let root = URL(fileURLWithPath: #filePath).pathComponents.dropLast(4).joined(separator: "/").dropFirst()
        return ProcessInfo.processInfo.environment["CAUSEWAY_SPEECH_PYTHON"] ?? "\(root)/.build/speech/bin/python"
    }()
    private static let synthesizer = "/usr/bin/espeak-ng"

    static var isAvailable: Bool {
        [python, synthesizer].allSatisfy { FileManager.default.isExecutableFile(atPath: $0) }
    }

    private static let text = """
        Kính thưa các đồng chí tại các điểm cầu. Hôm nay Văn phòng Ủy ban nhân dân tỉnh tổ chức hội nghị giao ban trực tuyến về
        tình hình kinh tế xã hội tháng chín. Đề nghị các đơn vị kiểm tra đường truyền, tắt micro khi không phát biểu, và giơ tay
        khi cần nêu ý kiến. Sau đây xin mời đồng chí giám đốc Sở Kế hoạch và Đầu tư báo cáo tiến độ giải ngân vốn đầu tư công.
        Đến hết quý ba, toàn tỉnh đã giải ngân được sáu mươi hai phẩy năm phần trăm kế hoạch, cao hơn cùng kỳ năm trước. Các huyện
        miền núi còn gặp khó khăn do mưa lũ kéo dài, một số tuyến đường bị sạt lở chưa khắc phục xong. Chúng tôi kiến nghị bổ
        sung kinh phí sửa chữa, và điều chỉnh thời hạn hoàn thành của bốn dự án trọng điểm sang tháng mười hai.
        """

    /// Vietnamese speech of so many seconds, 48 kHz, mono.
    static func speech(seconds: Int) async throws -> [Int16] {
        let path = temporary("speech")
        defer { try? FileManager.default.removeItem(atPath: path) }
        _ = try await run(synthesizer, ["-v", "vi", "-s", "150", "-w", path, text])
        // What `espeak-ng` writes: a header of 44 octets, 22,050 Hz, 16 bits.
        let bytes = try Data(contentsOf: URL(fileURLWithPath: path)).dropFirst(44)
        let read = bytes.withUnsafeBytes { raw in
            (0..<raw.count / 2).map { Int16(littleEndian: raw.loadUnaligned(fromByteOffset: $0 * 2, as: Int16.self)) }
        }
        let loudest = Double(read.map { $0.magnitude }.max() ?? 1)
        guard !read.isEmpty, loudest > 100 else { throw Failure(description: "espeak-ng says nothing") }
        // By lines between samples; what that adds lies above what is judged. Half of full scale.
        let gain = 16_384 / loudest
        return (0..<seconds * sampleRate).map { index in
            let place = Double(index) * 22_050 / Double(sampleRate)
            let left = Int(place)
            let part = place - Double(left)
            let (a, b) = (Double(read[left % read.count]), Double(read[(left + 1) % read.count]))
            return Int16((a + (b - a) * part) * gain)
        }
    }

    /// Of each recording against what was said, whose first `skipping` seconds do not count.
    static func scores(of recordings: [[Int16]], against clean: [Int16], skipping: Int) async throws -> [Score] {
        let paths = recordings.indices.map { temporary("heard-\($0)") }
        let original = temporary("said")
        defer { for path in paths + [original] { try? FileManager.default.removeItem(atPath: path) } }
        for (path, samples) in zip([original] + paths, [clean] + recordings) { try write(samples, to: path) }
        let script = Bundle.module.path(forResource: "score", ofType: "py") ?? ""
        let output = try await run(python, [script, original, "\(skipping)"] + paths)
        guard let scores = try JSONSerialization.jsonObject(with: output) as? [String: [Double]] else {
            throw Failure(description: "no scores: \(String(decoding: output, as: UTF8.self))")
        }
        return try paths.map { path in
            guard let score = scores[path], score.count == 2 else { throw Failure(description: "no score of \(path)") }
            return Score(stoi: score[0], pesq: score[1])
        }
    }

    private static func temporary(_ name: String) -> String {
        NSTemporaryDirectory() + "causeway-\(name)-\(UUID().uuidString).wav"
    }

    private static func write(_ samples: [Int16], to path: String) throws {
        func octets(_ value: some FixedWidthInteger) -> [UInt8] {
            withUnsafeBytes(of: value.littleEndian) { Array($0) }
        }
        let size = UInt32(samples.count * 2)
        var file = Data("RIFF".utf8) + octets(size + 36) + Data("WAVEfmt ".utf8) + octets(UInt32(16))
        file += octets(UInt16(1)) + octets(UInt16(1)) + octets(UInt32(sampleRate)) + octets(UInt32(sampleRate * 2))
        file += octets(UInt16(2)) + octets(UInt16(16)) + Data("data".utf8) + octets(size)
        file += samples.withUnsafeBytes { Data($0) }
        try file.write(to: URL(fileURLWithPath: path))
    }

    private static func run(_ program: String, _ arguments: [String]) async throws -> Data {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        let (output, complaints) = (Pipe(), Pipe())
        process.standardOutput = output
        process.standardError = complaints
        let status = try await withCheckedThrowingContinuation { continuation in
            process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
            do { try process.run() } catch { continuation.resume(throwing: error) }
        }
        let data = output.fileHandleForReading.readDataToEndOfFile()
        guard status == 0 else {
            let text = String(decoding: complaints.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
            throw Failure(description: "\(program): \(text.suffix(2_000))")
        }
        return data
    }
}
