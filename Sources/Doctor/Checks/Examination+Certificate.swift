import Certificates
import Foundation
import SiteConfiguration

extension Examination {
    private static let fewDays = 21

    /// How long the server's certificate is still good, and whether it is for the names by which points come.
    func certificate(now: Date = Date()) -> Finding {
        let chain = configuration.certificates.chain ?? configuration.certificates.directory + "/server.pem"
        let isOwn = configuration.certificates.chain == nil
        let facts: CertificateFacts
        do throws(CertificateError) { facts = try CertificateFacts(ofChain: chain) } catch {
            return Finding(
                "certificate", isOwn && daemon == nil ? .warning : .bad, "\(error)",
                advice: isOwn ? "the daemon makes it at its start" : nil)
        }
        let days = Int((facts.notAfter.timeIntervalSince(now) / 86_400).rounded(.down))
        guard facts.notAfter > now else {
            return Finding(
                "certificate", .bad, "\(chain) has expired",
                advice: isOwn
                    ? "systemctl restart causewayd: a new one is made"
                    : "bring a new one (certificates.chain) and systemctl reload causewayd")
        }
        let missing = configuration.certificateNames.filter { !facts.isGood(for: $0) }
        guard missing.isEmpty else {
            return Finding(
                "certificate", .warning, "it is not for \(missing.joined(separator: ", "))",
                advice: isOwn
                    ? "systemctl restart causewayd: one for all names is made; points need nothing new"
                    : "have one issued that names them too")
        }
        guard days >= Self.fewDays else {
            return Finding(
                "certificate", .warning, "good for \(days) days more",
                advice: isOwn
                    ? "systemctl reload causewayd: a new one is made"
                    : "renew it (certificates.chain), then systemctl reload causewayd")
        }
        return Finding(
            "certificate", .good, "good for \(days) days more" + (isOwn ? ", made by the site's own CA" : ""))
    }
}
