/// What OAI-PMH has words for when something is wrong with a request (OAI-PMH 2.0 §3.6).
struct OAIFault: Error, Equatable, Sendable {
    enum Code: String, CaseIterable, Sendable {
        case badArgument, badResumptionToken, badVerb, cannotDisseminateFormat, idDoesNotExist, noRecordsMatch,
            noSetHierarchy
    }

    var code: Code
    var text: String

    init(_ code: Code, _ text: String) {
        self.code = code
        self.text = text
    }

    static func argument(_ text: String) -> Self { Self(.badArgument, text) }
}
