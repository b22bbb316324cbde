import Documents
import Foundation
import Vietnamese

/// The sheet that goes with a copy that is given out: eleven items that say who got what, from which original, for what, and
/// until when. The archive signs it.
public struct SupplySheet: Sendable {
    /// What its items can ask for.
    static let values: Set<String> = [
        "authenticationCode", "archiveName", "recipient", "originalCode", "originalNumber", "typeName", "title",
        "purpose", "issuedAt", "validUntil", "copies",
    ]

    /// Mark, name and value of each item, in the profile's order.
    public private(set) var items: [(mark: String, name: String, value: String)] = []
    private let title: String
    private let footer: String

    /// - Throws: ``DossierFault/missing(field:form:)`` where an item that is not optional has no value.
    public init(_ dossier: Dossier, _ profile: DossierProfile) throws(DossierFault) {
        guard let request = dossier.request else { throw .requestMissing }
        for item in profile.sheet.items {
            let value = VietnameseText.stored(Self.value(item.value, request, dossier, profile))
            guard !value.isEmpty || item.optional == true else {
                throw .missing(field: item.value, form: profile.sheet.vi)
            }
            items.append((item.mark, item.vi, value))
        }
        title = profile.sheet.vi
        footer = "\(request.authenticationCode) · \(dossier.archivalCode(profile.site))"
    }

    public var document: PrintedDocument {
        let rows = items.map { item in
            "<tr><td class=\"number\">\(item.mark)</td><th scope=\"row\">\(item.name)</th><td>\(item.value)</td></tr>"
                as Markup
        }
        return PrintedDocument(
            title: title, language: .vietnamese,
            body: """
                <h1>\(title)</h1>
                <table><tbody>
                \(rows)
                </tbody></table>
                """, footer: footer)
    }

    /// The sheet as PDF/A-3b, made by WeasyPrint.
    public func pdf(_ renderer: DocumentRenderer) async throws -> Data {
        let data = try await renderer.pdf(document, .archival)
        guard Self.isArchival(data) else { throw DossierFault.sheetNotArchival }
        return data
    }

    /// Whether a file says that it is PDF/A (ISO 19005-3 §6.6.4): what it says is for a validator to check.
    static func isArchival(_ data: Data) -> Bool {
        guard data.starts(with: Data("%PDF-".utf8)) else { return false }
        return ["<pdfaid:part>", "pdfaid:part=\""].contains { data.range(of: Data($0.utf8)) != nil }
    }

    private static func value(
        _ name: String, _ request: SupplyRequest, _ dossier: Dossier, _ profile: DossierProfile
    ) -> String {
        switch name {
        case "authenticationCode": return request.authenticationCode
        case "archiveName": return profile.site.archiveName
        case "recipient": return request.recipient
        case "originalCode": return dossier.archivalCode(profile.site)
        case "originalNumber": return request.originalNumber ?? ""
        case "typeName":
            let kinds = Set(dossier.recordings.map(\.kind.rawValue)).sorted()
            return kinds.compactMap { profile.code("typeMedia", meaning: $0)?.vi }.joined(separator: ", ")
                + (dossier.papers.isEmpty ? "" : (kinds.isEmpty ? "Văn bản" : ", văn bản"))
        case "title": return dossier.title
        case "purpose":
            let purpose = profile.code("purpose", meaning: request.purpose)?.vi
            return [purpose, request.purposeInWords].compactMap { $0 }.joined(separator: ": ")
        case "issuedAt": return RecordDate.text(request.issuedAt)
        case "validUntil": return RecordDate.text(request.validUntil)
        case "copies": return "\(request.copies)"
        default: return ""
        }
    }
}
