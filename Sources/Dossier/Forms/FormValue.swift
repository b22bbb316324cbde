import Foundation
import Preservation

/// What goes into an element of a form, before the form says how it is written.
enum FormValue: Hashable {
    case text(String)
    case date(Date)
    case number(Int)
    case flag(Bool)
    case time(Duration)
    /// What the codes mean; the form's list has the codes.
    case meanings([String])

    /// All that forms can ask for.
    static let names: Set<String> = [
        "fileCode", "arcFileCode", "title", "maintenance", "mode", "language", "startDate", "endDate", "keyword",
        "totalDoc", "numberOfPaper", "numberOfPage", "format", "inforSign", "confidenceLevel", "paperFileCode",
        "riskRecovery", "riskRecoveryStatus", "description",
        "docId", "docCode", "arcDocCode", "docOrdinal", "typeMedia", "archivesNumber", "eventName", "movieTitle",
        "recorder", "recordPlace", "recordDate", "playTime", "docAttached", "quality",
        "typeName", "codeNumber", "codeNotation", "issuedDate", "organName", "subject", "autograph", "process",
        "requestID", "requestDate", "purpose", "purposeContent", "feeObjectType", "researchTopic",
    ]
}

typealias FormValues = [String: FormValue]

extension DossierProfile {
    /// The document of a form: an element for each field, empty where there is no value and none is required.
    func document(_ formName: String, _ values: FormValues) throws(DossierFault) -> Data {
        guard let form = forms[formName] else { throw .missing(field: formName, form: "the profile") }
        var fields: [XMLNode] = []
        for field in form.fields {
            let text = try text(of: field, in: formName, values[field.source])
            let isRequired = field.isRequired || field.requiredWith.map { values[$0] == .flag(true) } ?? false
            guard !text.isEmpty || !isRequired else { throw .missing(field: field.name, form: formName) }
            fields.append(XMLNode(field.name, text))
        }
        return XMLNode(form.root, fields).document
    }

    private func text(of field: Field, in form: String, _ value: FormValue?) throws(DossierFault) -> String {
        if let fixed = field.fixed { return fixed }
        let text: String
        switch value {
        case nil: return ""
        case .text(let value): text = XMLNode.representable(value)
        case .date(let date): text = RecordDate.text(date)
        case .number(let number): text = "\(number)"
        case .flag(let flag): text = flag ? "1" : "0"
        case .time(let duration): text = RecordDate.playTime(duration)
        case .meanings(let meanings):
            var found: [String] = []
            for meaning in field.several == true ? meanings : Array(meanings.prefix(1)) {
                guard let code = code(field.codes, meaning: meaning) ?? code(field.codes, meaning: "other") else {
                    throw .noCode(field: field.name, form: form, meaning: meaning)
                }
                if !found.contains(code.code) { found.append(code.code) }
            }
            text = found.joined(separator: ";")
        }
        if let limit = field.maximum, text.unicodeScalars.count > limit {
            throw .tooLong(field: field.name, form: form, limit: limit)
        }
        return text
    }
}
