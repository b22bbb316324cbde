/// The manifest of a package: lines that `sha256sum -c` reads, as in a BagIt payload manifest (RFC 8493 §2.1.3).
enum PackageManifest {
    static func text(_ files: [PackageFile]) -> String {
        files.compactMap { file in file.sha256.map { line(path: file.path, sha256: $0) } }.joined()
    }

    /// GNU coreutils marks a line with `\` when its name has a backslash or a line break, and escapes those.
    static func line(path: String, sha256: String) -> String {
        let escaped = path.unicodeScalars.map { scalar in
            switch scalar {
            case "\\": "\\\\"
            case "\n": "\\n"
            case "\r": "\\r"
            default: String(scalar)
            }
        }.joined()
        return (escaped == path ? "" : "\\") + sha256 + "  " + escaped + "\n"
    }
}
