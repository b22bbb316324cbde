import Crypto
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

/// The files of a page, read once: they are few and small, and nothing that is asked for reaches the disk.
struct PageFiles: Sendable {
    struct File: Sendable {
        let body: ByteBuffer
        let contentType: String
        /// RFC 9110 §8.8.3.
        let entityTag: String
    }

    private let files: [String: File]

    /// `path` is below the folder, with slashes.
    subscript(path: String) -> File? { files[path] }
    var paths: [String] { files.keys.sorted() }

    /// Where a page's folder lies: with the built program, as SwiftPM copies it there, or as it is installed.
    static func find(_ name: String) -> PageFiles? {
        guard let program = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") else {
            return nil
        }
        let folder = (program as NSString).deletingLastPathComponent
        return PageFiles(folder: folder + "/causeway_Portal.resources/\(name)")
            ?? PageFiles(folder: (folder as NSString).deletingLastPathComponent + "/share/causeway/\(name)")
    }

    /// Nil where there is no page.
    init?(folder: String) {
        guard let paths = FileManager.default.enumerator(atPath: folder) else { return nil }
        var files: [String: File] = [:]
        for case let path as String in paths {
            guard let type = Self.contentTypes[(path as NSString).pathExtension],
                let data = FileManager.default.contents(atPath: "\(folder)/\(path)")
            else { continue }
            let digest = SHA256.hash(data: data).prefix(12).map {
                String($0 >> 4, radix: 16) + String($0 & 15, radix: 16)
            }
            files[path] = File(
                body: ByteBuffer(bytes: data), contentType: type, entityTag: "\"\(digest.joined())\"")
        }
        guard files["index.html"] != nil else { return nil }
        self.files = files
    }

    /// What is answered with a file; revalidated each time, so that a page and its scripts are always of one version.
    static func answer(_ file: File, _ status: HTTPResponse.Status, _ request: Request) -> Response {
        let headers: HTTPFields = [
            .contentType: file.contentType, .eTag: file.entityTag, .cacheControl: "no-cache",
        ]
        if status == .ok, request.headers[.ifNoneMatch] == file.entityTag {
            return Response(status: .notModified, headers: headers)
        }
        return Response(status: status, headers: headers, body: .init(byteBuffer: file.body))
    }

    private static let contentTypes = [
        "html": "text/html; charset=utf-8", "css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8",
        "svg": "image/svg+xml",
    ]
}
