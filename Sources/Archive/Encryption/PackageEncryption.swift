import CipherFiles
import Crypto
import Evidence
import Foundation

/// Encrypts the files of a package that is about to be sealed, beside the clear ones, which stay until the seal is entered.
struct PackageEncryption {
    let key: ContentKey
    let directory: String

    /// Encrypts one, opens it again and compares: the clear one goes soon. Returns what it was in clear.
    func encrypt(
        _ name: String, as stored: String, advance: (Int) -> Bool
    ) throws(EvidenceError) -> FileDigest {
        let (source, target) = (directory + "/" + name, directory + "/" + stored)
        var short = SHA256()
        var long = SHA512()
        var octets: Int64 = 0
        let isWhole: Bool
        do throws(CipherFileError) {
            isWhole = try CipherFileWriter.encrypt(source, to: target, key: key, name: stored) { piece in
                short.update(bufferPointer: piece)
                long.update(bufferPointer: piece)
                octets += Int64(piece.count)
                return advance(piece.count)
            }
        } catch { throw EvidenceError(error) }
        guard isWhole else { throw .stopped }
        let digest = FileDigest(sha256: Hex.text(short.finalize()), sha512: Hex.text(long.finalize()), size: octets)
        guard try sha256(of: stored) == digest.sha256 else {
            throw .malformed(path: target, reason: "what was encrypted does not come out again as it was")
        }
        return digest
    }

    func write(_ index: PackageIndex) throws(EvidenceError) {
        let path = directory + "/" + PackageIndex.path
        guard let data = try? index.data else { throw .malformed(path: path, reason: "it cannot be written") }
        do throws(CipherFileError) {
            let writer = try CipherFileWriter(creating: path, key: key, name: PackageIndex.path)
            var failure: CipherFileError?
            data.withUnsafeBytes { bytes in
                do throws(CipherFileError) { try writer.write(bytes) } catch { failure = error }
            }
            if let failure { throw failure }
            try writer.finish()
        } catch { throw EvidenceError(error) }
    }

    private func sha256(of stored: String) throws(EvidenceError) -> String {
        do throws(CipherFileError) {
            let file = try CipherFile(directory + "/" + stored, key: key, name: stored)
            var hash = SHA256()
            let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
            defer { piece.deallocate() }
            var offset: Int64 = 0
            while true {
                let count = try file.read(into: piece, at: offset)
                if count == 0 { break }
                hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: piece[..<count]))
                offset += Int64(count)
            }
            return Hex.text(hash.finalize())
        } catch { throw EvidenceError(error) }
    }

    /// Removes what an attempt before this one encrypted.
    static func removeStored(in directory: String) throws(EvidenceError) {
        for entry in try PackageFiles.list(directory) where PackageIndex.isStored(entry.path) {
            unlink(directory + "/" + entry.path)
        }
    }

    /// Removes what is in clear of a package whose encrypted files are sealed: names go, nothing more is promised of the disk. Can be
    /// done again.
    static func removeClear(in directory: String, keeping stored: Set<String>) throws(EvidenceError) {
        for entry in try PackageFiles.list(directory)
        where PackageIndex.encrypts(entry.path) && !stored.contains(entry.path) {
            let path = directory + "/" + entry.path
            guard unlink(path) == 0 || errno == ENOENT else { throw .file(path: path, errno: errno) }
        }
        for folder in ["/data", "/metadata"] { removeEmptyFolders(directory + folder, depth: 0) }
        try SafeFile.syncDirectory(of: directory + "/data/.")
        try SafeFile.syncDirectory(of: directory + "/.")
    }

    private static func removeEmptyFolders(_ directory: String, depth: Int) {
        guard depth < 8, let names = try? FileManager.default.contentsOfDirectory(atPath: directory) else { return }
        for name in names {
            var status = stat()
            let path = directory + "/" + name
            guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else { continue }
            removeEmptyFolders(path, depth: depth + 1)
        }
        rmdir(directory)
    }
}

extension EvidenceError {
    init(_ error: CipherFileError) {
        self =
            switch error {
            case .file(let path, let code): .file(path: path, errno: code)
            case .notRegular(let path): .notRegular(path: path)
            case .notEncrypted(let path), .damaged(let path, _), .tooLong(let path):
                .malformed(path: path, reason: error.description)
            case .noKey, .notUnwrapped, .cipher: .malformed(path: "", reason: error.description)
            }
    }
}
