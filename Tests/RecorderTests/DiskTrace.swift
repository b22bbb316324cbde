import Foundation

/// What a process did to files, as `strace -f -y -xx` tells it, in the order in which it happened.
struct DiskTrace {
    struct File {
        private static let pageSize = 4096

        struct Write {
            /// Nil: behind all that is there.
            var offset: Int?
            var bytes: [UInt8]
            /// Instead of writing: the file is cut off at `offset`.
            var isCut = false
            var began: Int
            var ended: Int

            func apply(to file: inout [UInt8]) {
                let offset = offset ?? file.count
                let end = isCut ? offset : offset + bytes.count
                if file.count < end { file += [UInt8](repeating: 0, count: end - file.count) }
                if isCut { file.removeLast(file.count - end) } else { file.replaceSubrange(offset..<end, with: bytes) }
            }
        }
        fileprivate(set) var writes: [Write] = []
        fileprivate(set) var syncs: [(began: Int, ended: Int)] = []

        /// All that was written by then.
        func written(before moment: Int) -> [UInt8] {
            var file: [UInt8] = []
            for write in writes where write.began < moment { write.apply(to: &file) }
            return file
        }

        /// What a disk may have of it when the power fails then: all that was written when the last sync began that has ended;
        /// of each page that was written since, any state that it has had; and any length that it has had since. Pages that
        /// the disk never got are zeros.
        func afterPowerCut(at moment: Int, using random: inout some RandomNumberGenerator) -> [UInt8] {
            let synced = syncs.last { $0.ended < moment }?.began ?? -1
            var image: [UInt8] = []
            for write in writes where write.ended < synced { write.apply(to: &image) }
            var memory = image
            var lengths = [image.count]
            var states: [Int: [[UInt8]]] = [:]
            for write in writes where write.ended >= synced && write.began < moment {
                let before = memory.count
                write.apply(to: &memory)
                lengths.append(memory.count)
                guard !write.isCut, !write.bytes.isEmpty else { continue }
                let first = write.offset ?? before
                for page in first / Self.pageSize...(first + write.bytes.count - 1) / Self.pageSize {
                    states[page, default: []].append(
                        Array(memory[page * Self.pageSize..<min(memory.count, (page + 1) * Self.pageSize)]))
                }
            }
            for (page, seen) in states {
                let choice = Int.random(in: -1..<seen.count, using: &random)
                guard choice >= 0 else { continue }
                Write(offset: page * Self.pageSize, bytes: seen[choice], began: 0, ended: 0).apply(to: &image)
            }
            let length = lengths.randomElement(using: &random) ?? image.count
            Write(offset: length, bytes: [], isCut: true, began: 0, ended: 0).apply(to: &image)
            return image
        }
    }

    private var files: [String: File] = [:]
    private(set) var lines = 0

    func file(_ path: String) -> File { files[path] ?? File() }

    init(path: String) throws {
        let text = try Data(contentsOf: URL(fileURLWithPath: path))
        var pending: [Substring: (line: Int, call: Substring)] = [:]
        for (number, raw) in text.split(separator: UInt8(ascii: "\n")).enumerated() {
            lines = number + 1
            let line = Substring(decoding: raw, as: UTF8.self)
            guard let space = line.firstIndex(of: " ") else { continue }
            let process = line[..<space]
            let call = line[space...].drop { $0 == " " }
            if call.hasSuffix("<unfinished ...>") {
                pending[process] = (number, call)
            } else if call.hasPrefix("<..."), let begun = pending.removeValue(forKey: process) {
                take(begun.call, result: Self.result(call), began: begun.line, ended: number)
            } else {
                take(call, result: Self.result(call), began: number, ended: number)
            }
        }
        // Those that never ended.
        for begun in pending.values { take(begun.call, result: nil, began: begun.line, ended: .max) }
        for path in files.keys {
            files[path]?.writes.sort { $0.began < $1.began }
            files[path]?.syncs.sort { $0.ended < $1.ended }
        }
    }

    private static func result(_ call: Substring) -> Int? {
        call.range(of: ") = ", options: .backwards).flatMap {
            Int(call[$0.upperBound...].prefix { $0.isNumber || $0 == "-" })
        }
    }

    /// `name(descriptor<path>, "bytes", count, offset`
    private mutating func take(_ call: Substring, result: Int?, began: Int, ended: Int) {
        guard let open = call.firstIndex(of: "("), let from = call.firstIndex(of: "<"),
            let to = call.firstIndex(of: ">"),
            result ?? 0 >= 0
        else { return }
        let name = call[..<open]
        let path = String(decoding: Self.octets(call[from...].dropFirst().prefix(while: { $0 != ">" })), as: UTF8.self)
        let arguments = call[to...].dropFirst()
        let rest = arguments.lastIndex(of: "\"").map { arguments[$0...].dropFirst() } ?? arguments
        let numbers = rest.split { !$0.isNumber }.prefix(2).compactMap { Int($0) }
        let bytes = arguments.split(separator: "\"", maxSplits: 2, omittingEmptySubsequences: false)
        switch name {
        case "write", "pwrite64":
            guard bytes.count == 3 else { return }
            let octets = Self.octets(bytes[1])
            let offset = name == "write" ? nil : numbers.count > 1 ? numbers[1] : 0
            files[path, default: File()].writes.append(
                File.Write(
                    offset: offset, bytes: Array(octets.prefix(result ?? octets.count)), began: began, ended: ended))
        case "ftruncate":
            files[path, default: File()].writes.append(
                File.Write(offset: numbers.first ?? 0, bytes: [], isCut: true, began: began, ended: ended))
        case "fsync", "fdatasync":
            if ended != .max { files[path, default: File()].syncs.append((began, ended)) }
        default: break
        }
    }

    /// `\x41\x42…`
    private static func octets(_ text: Substring) -> [UInt8] {
        var octets: [UInt8] = []
        var digits = 0
        var value: UInt8 = 0
        for unit in text.utf8 {
            switch unit {
            case UInt8(ascii: "\\"), UInt8(ascii: "x"): (digits, value) = (0, 0)
            default:
                value = value << 4 | (unit < 0x40 ? unit & 0xF : (unit & 0xF) + 9)
                digits += 1
                if digits == 2 { octets.append(value) }
            }
        }
        return octets
    }
}
