import Foundation
import Vietnamese

/// A meeting as calendars take it (RFC 5545), in Vietnamese.
public struct CalendarFile: Sendable {
    private enum Method: String { case publish = "PUBLISH", cancel = "CANCEL" }

    private let meeting: ScheduledMeeting
    private let invitation: InvitationText
    private let register: OfficeRegister
    private let domain: String

    public init(
        _ meeting: ScheduledMeeting, _ register: OfficeRegister, domain: String, invitation: InvitationText
    ) {
        self.meeting = meeting
        self.register = register
        self.domain = domain
        self.invitation = invitation
    }

    private var method: Method { meeting.isCancelled ? .cancel : .publish }

    /// As HTTP and mail name what `text` gives (RFC 5545 §8.1).
    public var contentType: String { "text/calendar; charset=utf-8; method=\(method.rawValue)" }

    /// UTF-8 with lines of at most 75 octets that end in CRLF. Of what is secret it has the time alone, for others see calendars.
    public func text(to point: String?, stamp: Date) -> String {
        let isSecret = meeting.confidentiality.isStateSecret
        let summary = isSecret ? "Cuộc họp" : meeting.title
        let description = isSecret ? "Xem giấy mời." : invitation.text(to: point)
        var lines = [
            "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Causeway//Lịch họp//VI", "CALSCALE:GREGORIAN",
            "METHOD:\(method.rawValue)",
        ]
        lines += Self.timeZone
        lines += [
            "BEGIN:VEVENT", "UID:\(meeting.id)@\(domain)", "DTSTAMP:\(Self.utc(stamp))",
            "SEQUENCE:\(meeting.revision)", "DTSTART;TZID=\(Self.zone):\(Self.local(meeting.starts))",
            "DURATION:PT\(meeting.minutes)M",
        ]
        // Sittings that were held at other times are behind everybody; they have no place before DTSTART (§3.8.2.4).
        if let rule = meeting.recurrence { lines.append("RRULE:\(Self.text(rule, from: meeting.starts))") }
        if !meeting.exceptions.isEmpty {
            let dates = meeting.exceptions.sorted().map(Self.local).joined(separator: ",")
            lines.append("EXDATE;TZID=\(Self.zone):\(dates)")
        }
        lines += [
            "SUMMARY;LANGUAGE=vi:\(Self.escaped(summary))", "DESCRIPTION;LANGUAGE=vi:\(Self.escaped(description))",
        ]
        if !isSecret {
            lines += [
                "LOCATION;LANGUAGE=vi:\(Self.escaped(register.room(meeting.room)?.title ?? meeting.room))",
                "ORGANIZER;CN=\(Self.quoted(meeting.convener)):sip:\(meeting.room)@\(domain)",
            ]
        }
        lines += [
            "STATUS:\(meeting.isCancelled ? "CANCELLED" : "CONFIRMED")", "CLASS:\(classification)", "TRANSP:OPAQUE",
            "END:VEVENT", "END:VCALENDAR",
        ]
        return lines.map { Self.folded($0) + "\r\n" }.joined()
    }

    private var classification: String {
        switch meeting.confidentiality {
        case .ordinary: "PUBLIC"
        case .restricted: "PRIVATE"
        case .secret, .highlySecret, .topSecret: "CONFIDENTIAL"
        }
    }

    private static let zone = "Asia/Ho_Chi_Minh"
    /// Seven hours ahead since 1975, without daylight saving.
    private static let timeZone = [
        "BEGIN:VTIMEZONE", "TZID:\(zone)", "BEGIN:STANDARD", "DTSTART:19750613T000000", "TZOFFSETFROM:+0700",
        "TZOFFSETTO:+0700", "TZNAME:+07", "END:STANDARD", "END:VTIMEZONE",
    ]

    static func text(_ rule: Recurrence, from start: Date) -> String {
        var parts = ["FREQ=\(rule.frequency.rawValue.uppercased())"]
        if rule.interval != 1 { parts.append("INTERVAL=\(rule.interval)") }
        if rule.frequency == .weekly {
            parts.append("BYDAY=" + rule.weekdays(from: start).map(\.rawValue).joined(separator: ","))
        }
        let sittings = rule.starts(from: start).count
        switch rule.end {
        case .until(let date) where sittings < Recurrence.mostSittings && date <= start + Recurrence.longest:
            parts.append("UNTIL=\(utc(date))")
        // No more than there are, where the rule says more than is ever held.
        case .count, .until: parts.append("COUNT=\(sittings)")
        }
        return parts.joined(separator: ";")
    }

    /// `20261201T080000`, in Vietnam.
    static func local(_ date: Date) -> String {
        String(IndochinaTime.text(date).prefix(19).filter { $0 != "-" && $0 != ":" })
    }

    static func utc(_ date: Date) -> String { local(date.addingTimeInterval(-Double(CivilDay.offset))) + "Z" }

    /// RFC 5545 §3.3.11.
    static func escaped(_ text: String) -> String {
        text.replacing("\\", with: "\\\\").replacing(";", with: "\\;").replacing(",", with: "\\,")
            .replacing("\r\n", with: "\\n").replacing("\n", with: "\\n")
    }

    /// A parameter's value has no quotes or control characters (§3.2).
    static func quoted(_ text: String) -> String {
        "\""
            + String(
                text.unicodeScalars.filter { $0 != "\"" && $0.properties.generalCategory != .control }.map(
                    Character.init)) + "\""
    }

    /// Lines of at most 75 octets, never cut within a character (§3.1).
    static func folded(_ line: String) -> String {
        var folded = ""
        var octets = 0
        for character in line {
            let length = character.utf8.count
            if octets + length > 75 {
                folded += "\r\n "
                octets = 1
            }
            folded.append(character)
            octets += length
        }
        return folded
    }
}
