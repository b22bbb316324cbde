import Foundation
import Vietnamese

extension Dossier {
    /// Codes of the archive: its own before that of the file.
    func archivalCode(_ site: DossierProfile.Site) -> String {
        ([site.archiveCode, fileCode].filter { !$0.isEmpty }).joined(separator: ".")
    }

    /// The file as a whole.
    func fileValues(_ profile: DossierProfile) -> FormValues {
        var values = common()
        values["fileCode"] = .text(fileCode)
        values["arcFileCode"] = .text(archivalCode(profile.site))
        values["title"] = .text(title)
        values["startDate"] = .date(startedAt)
        values["endDate"] = .date(endedAt)
        values["totalDoc"] = .number(recordings.count + papers.count)
        let pages = papers.compactMap(\.pages)
        if !papers.isEmpty, pages.count == papers.count { values["numberOfPage"] = .number(pages.reduce(0, +)) }
        if papers.allSatisfy(\.isBornDigital) { values["confidenceLevel"] = .meanings(["born-digital"]) }
        values["keyword"] = keywordText(limit: 100).map(FormValue.text)
        values["description"] = (note ?? retentionNote).map(FormValue.text)
        return values
    }

    /// A document of the file: the `ordinal`th, from 1.
    private func documentValues(_ ordinal: Int, _ profile: DossierProfile) -> FormValues {
        let number = String("0000000\(ordinal)".suffix(7))
        var values = common()
        values["docId"] = .text("\(fileCode).\(ordinal)")
        values["docCode"] = .text("\(fileCode).\(number)")
        values["arcFileCode"] = .text(archivalCode(profile.site))
        values["arcDocCode"] = .text("\(archivalCode(profile.site)).\(number)")
        values["docOrdinal"] = .number(ordinal)
        return values
    }

    func values(of recording: Recording, _ ordinal: Int, _ profile: DossierProfile) -> FormValues {
        var values = documentValues(ordinal, profile)
        values["typeMedia"] = .meanings([recording.kind.rawValue])
        values["archivesNumber"] = recording.archivesNumber.map(FormValue.text)
        values["eventName"] = .text(event)
        values["movieTitle"] = .text(recording.title)
        values["recorder"] = .text(recording.recorder)
        values["recordPlace"] = recording.place.map(FormValue.text)
        values["recordDate"] = .date(recording.recordedAt)
        values["playTime"] = .time(recording.duration)
        values["docAttached"] = .flag(!papers.isEmpty)
        values["quality"] = .text(recording.qualityText)
        values["description"] = recording.description.map(FormValue.text)
        return values
    }

    func values(of paper: DossierPaper, _ ordinal: Int, _ profile: DossierProfile) -> FormValues {
        var values = documentValues(ordinal, profile)
        values["typeName"] = .meanings([paper.typeMeaning])
        values["codeNumber"] = paper.number.map(FormValue.text)
        values["codeNotation"] = paper.symbol.map(FormValue.text)
        values["issuedDate"] = .date(paper.issuedAt)
        values["organName"] = paper.issuedBy.map(FormValue.text)
        values["subject"] = .text(paper.subject)
        values["numberOfPage"] = paper.pages.map(FormValue.number)
        if paper.isBornDigital { values["confidenceLevel"] = .meanings(["born-digital"]) }
        values["description"] = paper.note.map(FormValue.text)
        values["keyword"] = keywordText(limit: 100).map(FormValue.text)
        return values
    }

    private func common() -> FormValues {
        var values: FormValues = [
            "maintenance": .meanings([retentionMeaning]), "mode": .meanings([access.rawValue]),
            "language": .meanings(languages), "riskRecovery": .flag(insuranceCopy != nil),
        ]
        values["riskRecoveryStatus"] = insuranceCopy.map { .meanings([$0.rawValue]) }
        values["inforSign"] = informationSign.map(FormValue.text)
        return values
    }

    private var retentionMeaning: String {
        switch retention {
        case .permanent: "permanent"
        case .years(let years): "\(years)"
        }
    }

    /// The term is said where its code may be that for all others.
    private var retentionNote: String? {
        guard case .years(let years) = retention else { return nil }
        return "Thời hạn lưu trữ: \(years) năm."
    }

    /// As many as fit, whole.
    private func keywordText(limit: Int) -> String? {
        var text = ""
        for keyword in keywords.map(VietnameseText.stored) where !keyword.isEmpty {
            let longer = text.isEmpty ? keyword : text + "; " + keyword
            if longer.unicodeScalars.count <= limit { text = longer }
        }
        return text.isEmpty ? nil : text
    }
}

extension Recording {
    /// In 50 characters: what was lost of all points together, and of how many.
    var qualityText: String {
        if isUncounted { return "không đếm được: máy ghi dừng giữa chừng" }
        guard let losses else { return "chưa đo" }
        guard !losses.isEmpty else { return "không ghi được điểm cầu nào" }
        let damaged = losses.filter { $0.seconds > 0 }
        guard !damaged.isEmpty else { return "đủ: không mất giây nào ở \(losses.count) điểm cầu" }
        return "mất \(Self.seconds(damaged.map(\.seconds).reduce(0, +))) s ở \(damaged.count)/\(losses.count) điểm cầu"
    }

    /// The note, and what was lost of each point, in 2,000 characters: the rest is counted.
    var description: String? {
        var parts = note.map { [VietnameseText.stored($0)] } ?? []
        let damaged = (losses ?? []).filter { $0.seconds > 0 }.sorted { $0.seconds > $1.seconds }
        if !damaged.isEmpty {
            var text = "Số giây bị mất theo điểm cầu: "
            var left = damaged.count
            for loss in damaged {
                let entry = "\(VietnameseText.stored(loss.point)) \(Self.seconds(loss.seconds)) s"
                guard text.unicodeScalars.count + entry.unicodeScalars.count < 1500 else { break }
                text += (left == damaged.count ? "" : "; ") + entry
                left -= 1
            }
            parts.append(left == 0 ? "\(text)." : "\(text); \(left) điểm cầu khác.")
        }
        return parts.isEmpty ? nil : parts.joined(separator: " ")
    }

    /// `12,4`, with the comma of Vietnamese.
    private static func seconds(_ seconds: Double) -> String {
        guard seconds.isFinite, seconds < 1e9 else { return "?" }
        let tenths = max(1, Int((seconds * 10).rounded()))
        return "\(tenths / 10),\(tenths % 10)"
    }
}

extension SupplyRequest {
    var values: FormValues {
        var values: FormValues = [
            "requestID": .text(id), "requestDate": .date(requestedAt), "purpose": .meanings([purpose]),
            "purposeContent": .text(purposeInWords), "feeObjectType": .meanings([feeObject]),
        ]
        values["researchTopic"] = researchTopic.map(FormValue.text)
        values["description"] = note.map(FormValue.text)
        return values
    }
}
