import CResolver
import Glibc
import SIP

/// One question to the system's resolver, asked and waited for on the thread that calls.
enum SystemQuery {
    /// What was found, and for how long that holds; nil for an answer that says nothing about it.
    struct Result: Sendable {
        let answer: DNSAnswer
        let lifetime: Duration?
    }

    private static let mostRecords = 64

    static func ask(_ query: DNSQuery, _ settings: SystemResolver.Settings) -> Result {
        switch query {
        case .srv(let name):
            records(name, cr_type_srv, settings) { found in
                .srv(
                    found.map {
                        SRVRecord(
                            priority: $0.order, weight: $0.preference, port: $0.port, target: text(of: $0.name))
                    })
            }
        case .naptr(let name):
            records(name, cr_type_naptr, settings) { found in
                .naptr(
                    found.map {
                        NAPTRRecord(
                            order: $0.order, preference: $0.preference, flags: text(of: $0.flags),
                            service: text(of: $0.service), replacement: text(of: $0.name))
                    })
            }
        case .addresses(let name):
            addresses(of: name)
        }
    }

    private static func records(
        _ name: String, _ type: Int, _ settings: SystemResolver.Settings, _ answer: (ArraySlice<cr_record>) -> DNSAnswer
    ) -> Result {
        guard isAskable(name) else { return Result(answer: .nothing, lifetime: nil) }
        var records = [cr_record](repeating: cr_record(), count: mostRecords)
        let server = settings.nameServer
        let count = cr_lookup(
            name, Int32(type), server?.address ?? 0, server?.port ?? 0,
            Int32(clamping: max(1, settings.timeout.components.seconds)), Int32(clamping: max(1, settings.tries)),
            &records, Int32(mostRecords))
        switch Int(count) {
        case 1...mostRecords:
            let found = records.prefix(Int(count))
            return Result(answer: answer(found), lifetime: .seconds(found.map(\.ttl).min() ?? 0))
        case cr_nothing: return Result(answer: .nothing, lifetime: nil)
        default: return Result(answer: .failed, lifetime: nil)
        }
    }

    /// A and AAAA of the name system, `/etc/hosts` and whatever else the system is set to ask, in the order of RFC 6724.
    private static func addresses(of name: String) -> Result {
        guard isAskable(name) else { return Result(answer: .nothing, lifetime: nil) }
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        hints.ai_socktype = Int32(SOCK_DGRAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(name, nil, &hints, &list)
        defer { if let list { freeaddrinfo(list) } }
        guard status == 0 else {
            let isFailure = [EAI_AGAIN, EAI_FAIL, EAI_MEMORY, EAI_SYSTEM].contains(status)
            return Result(answer: isFailure ? .failed : .nothing, lifetime: nil)
        }
        var found: [String] = []
        var next = list
        while let entry = next?.pointee, found.count < mostRecords {
            var host = [CChar](repeating: 0, count: Int(NI_MAXHOST))
            if let address = entry.ai_addr,
                getnameinfo(address, entry.ai_addrlen, &host, socklen_t(host.count), nil, 0, NI_NUMERICHOST) == 0
            {
                let text = String(decoding: host.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
                if !found.contains(text) { found.append(text) }
            }
            next = entry.ai_next
        }
        return Result(answer: found.isEmpty ? .nothing : .addresses(found), lifetime: nil)
    }

    /// What cannot be a name in the system is not asked for (RFC 1035 §2.3.4).
    private static func isAskable(_ name: String) -> Bool {
        (1...253).contains(name.utf8.count) && name.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
    }

    /// The text in a C array that is imported as a tuple.
    private static func text<Characters>(of characters: Characters) -> String {
        withUnsafeBytes(of: characters) { octets in String(decoding: octets.prefix { $0 != 0 }, as: UTF8.self) }
    }
}
