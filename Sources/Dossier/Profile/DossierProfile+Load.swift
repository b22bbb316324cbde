import Foundation

/// Why a profile cannot be used.
public enum ProfileFault: Error, Hashable, Sendable, CustomStringConvertible {
    case unreadable(path: String)
    /// Not JSON, or not of the profile's shape; where, and why.
    case malformed(path: String, where: String, reason: String)
    /// It contradicts itself, or leaves out what the program has to know.
    case inconsistent(where: String, reason: String)

    public var description: String {
        switch self {
        case .unreadable(let path): "\(path) cannot be read"
        case .malformed(let path, let place, let reason): "\(path): \(place.isEmpty ? "" : place + ": ")\(reason)"
        case .inconsistent(let place, let reason): "dossier profile: \(place): \(reason)"
        }
    }
}

extension DossierProfile {
    private static let longest = 4 << 20

    /// Reads the profile that is installed and lays the site's file over it, where there is one: objects member by member,
    /// all else whole (RFC 7396, JSON Merge Patch).
    public static func load(_ path: String, corrections: String? = nil) throws(ProfileFault) -> DossierProfile {
        var tree = try json(path)
        if let corrections { tree = merged(tree, try json(corrections)) }
        let place = corrections ?? path
        let profile: DossierProfile
        do {
            profile = try JSONDecoder().decode(
                DossierProfile.self, from: try JSONSerialization.data(withJSONObject: tree))
        } catch let error as DecodingError {
            throw .malformed(path: place, where: error.place, reason: error.reason)
        } catch {
            throw .malformed(path: place, where: "", reason: "\(error)")
        }
        try profile.check()
        return profile
    }

    private static func json(_ path: String) throws(ProfileFault) -> Any {
        guard let data = FileManager.default.contents(atPath: path), data.count <= longest else {
            throw .unreadable(path: path)
        }
        do { return try JSONSerialization.jsonObject(with: data) } catch {
            throw .malformed(path: path, where: "", reason: "it is not JSON: \(error.localizedDescription)")
        }
    }

    private static func merged(_ base: Any, _ patch: Any) -> Any {
        guard let patch = patch as? [String: Any] else { return patch }
        var result = base as? [String: Any] ?? [:]
        for (name, value) in patch {
            result[name] = value is NSNull ? nil : merged(result[name] ?? NSNull(), value)
        }
        return result
    }

    /// What the program relies on, so that nothing of it is found missing when a package is made.
    func check() throws(ProfileFault) {
        for (list, meanings) in Self.knownMeanings {
            let known = Set((codes[list] ?? []).map(\.means))
            for meaning in meanings where !known.contains(meaning) {
                throw .inconsistent(where: "codes.\(list)", reason: "no code means \(meaning)")
            }
        }
        for (list, entries) in codes {
            guard Set(entries.map(\.code)).count == entries.count, entries.allSatisfy({ !$0.code.isEmpty }) else {
                throw .inconsistent(where: "codes.\(list)", reason: "a code is empty, or stands there twice")
            }
        }
        for (name, form) in forms { try check(form, "forms.\(name)") }
        for kind in PackageKind.allCases { try check(kind) }
        for item in sheet.items where !SupplySheet.values.contains(item.value) {
            throw .inconsistent(where: "sheet", reason: "there is no value \(item.value)")
        }
        guard (100...100_000).contains(supply.videoKilobits), (16...2_000).contains(supply.audioKilobits),
            (0...supply.videoKilobits).contains(supply.leastVideoKilobits)
        else { throw .inconsistent(where: "supply", reason: "the bit rates cannot be met") }
    }

    private func check(_ form: Form, _ place: String) throws(ProfileFault) {
        guard Self.isName(form.root), form.schema.hasSuffix(".xsd"), PackageName.isUsable(form.schema) else {
            throw .inconsistent(where: place, reason: "its root or its schema has no usable name")
        }
        var seen: Set<String> = []
        for field in form.fields {
            let place = "\(place).\(field.name)"
            guard Self.isName(field.name), seen.insert(field.name).inserted else {
                throw .inconsistent(where: place, reason: "no name for an element, or there twice")
            }
            guard field.fixed != nil || FormValue.names.contains(field.source) else {
                throw .inconsistent(where: place, reason: "there is no value \(field.source)")
            }
            guard (field.kind == .code) == (field.codes != nil), field.codes.map({ codes[$0] != nil }) ?? true else {
                throw .inconsistent(where: place, reason: "its list of codes is not there")
            }
            guard (1...10_000).contains(field.maximum ?? 1) else {
                throw .inconsistent(where: place, reason: "maximum is not from 1 to 10000")
            }
        }
        for field in form.fields {
            guard let other = field.requiredWith, !seen.contains(other) else { continue }
            throw .inconsistent(where: "\(place).\(field.name)", reason: "there is no field \(other)")
        }
    }

    private func check(_ kind: PackageKind) throws(ProfileFault) {
        let place = "packages.\(kind.rawValue)"
        guard let package = packages[kind.rawValue] else { throw .inconsistent(where: place, reason: "it is missing") }
        guard package.objectID.contains("{uuid}"),
            PackageName.isUsable(
                package.objectID.replacingOccurrences(of: "{uuid}", with: "x")
                    .replacingOccurrences(of: "{fonds}", with: "x").replacingOccurrences(of: ":", with: "_"))
        else { throw .inconsistent(where: "\(place).objectID", reason: "it has no {uuid}, or is no name") }
        let names = [package.dossier, package.recording, package.paper]
        for name in names where forms[name] == nil {
            throw .inconsistent(where: place, reason: "there is no form \(name)")
        }
        guard Set(names.compactMap { forms[$0]?.schema }).count == names.count else {
            throw .inconsistent(where: place, reason: "two of its forms have schemas of one name")
        }
    }

    /// What the program means by itself; retention and languages are whatever the dossier has.
    private static let knownMeanings: [String: [String]] = [
        "maintenance": ["permanent", "other"], "mode": ["open", "conditional", "secret"],
        "confidenceLevel": ["born-digital"], "typeMedia": ["sound", "film"], "language": ["vi", "other"],
        "riskRecoveryStatus": ["made", "not-made"], "purpose": ["official-duty"], "typeName": ["other"],
        "feeObjectType": ["other"],
    ]

    /// An ASCII name of an element without prefix (XML Namespaces 1.0, NCName).
    private static func isName(_ text: String) -> Bool {
        guard let first = text.utf8.first, text.utf8.count <= 64 else { return false }
        let isLetter = { (byte: UInt8) in (byte | 0x20) >= UInt8(ascii: "a") && (byte | 0x20) <= UInt8(ascii: "z") }
        return isLetter(first)
            && text.utf8.allSatisfy { isLetter($0) || ($0 >= 0x30 && $0 <= 0x39) || $0 == 0x5F || $0 == 0x2D }
    }
}

extension DecodingError {
    fileprivate var context: Context? {
        switch self {
        case .typeMismatch(_, let context), .valueNotFound(_, let context), .keyNotFound(_, let context),
            .dataCorrupted(let context):
            context
        @unknown default: nil
        }
    }

    fileprivate var place: String {
        var path = context?.codingPath.map { $0.intValue.map { "[\($0)]" } ?? $0.stringValue } ?? []
        if case .keyNotFound(let key, _) = self { path.append(key.stringValue) }
        return path.joined(separator: ".")
    }

    fileprivate var reason: String {
        if case .keyNotFound = self { return "it is missing" }
        return context?.debugDescription ?? "it has another shape"
    }
}
