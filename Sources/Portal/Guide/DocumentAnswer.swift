import Documents
import Foundation
import Hummingbird

/// A document as HTML, PDF or ODT.
struct DocumentAnswer: Sendable {
    let document: PrintedDocument
    /// ASCII, of the file to save, without its ending.
    let name: String
    let renderer: DocumentRenderer

    /// - Parameter format: `html`, `pdf`, `pdfa` (PDF/A-3b) or `odt`.
    func response(format: String) async throws -> Response {
        do {
            switch format {
            case "html":
                return Response(
                    status: .ok,
                    headers: [
                        .contentType: "text/html; charset=utf-8",
                        .contentSecurityPolicy: "default-src 'none'; style-src 'unsafe-inline'; "
                            + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
                    ], body: .init(byteBuffer: ByteBuffer(string: document.html)))
            case "pdf": return Self.file(try await renderer.pdf(document), "application/pdf", "\(name).pdf")
            case "pdfa": return Self.file(try await renderer.pdf(document, .archival), "application/pdf", "\(name).pdf")
            case "odt":
                return Self.file(
                    try await renderer.odt(document), "application/vnd.oasis.opendocument.text", "\(name).odt")
            default: throw Refusal(.badRequest, "format is html, pdf, pdfa or odt.", hint: "Leave it out for html.")
            }
        } catch let failure as DocumentRenderer.Failure {
            throw Refusal(failure)
        }
    }

    static func file(_ data: Data, _ type: String, _ name: String) -> Response {
        Response(
            status: .ok, headers: [.contentType: type, .contentDisposition: "attachment; filename=\"\(name)\""],
            body: .init(byteBuffer: ByteBuffer(bytes: data)))
    }
}

extension Refusal {
    init(_ failure: DocumentRenderer.Failure) {
        let hint: String
        let status: HTTPResponse.Status
        switch failure {
        case .absent: (status, hint) = (.notImplemented, "Ask for html, or have an administrator install it.")
        case .busy, .cancelled: (status, hint) = (.serviceUnavailable, "Try again in a minute.")
        case .tooLong, .tooLarge, .failed:
            (status, hint) = (.internalServerError, "Ask for html; tell an administrator.")
        }
        self.init(status, "The document cannot be made: \(failure).", hint: hint)
    }
}
