import Archive
import Dossier
import Foundation
import Testing

@testable import Portal

/// What harvesters ask, and what cannot be meant by it; without an archive.
struct OAIRequestTests {
    private static let key = OAIResumptionKey()
    private static let now: Int64 = 1_795_487_400

    private func request(_ query: String) throws(OAIFault) -> OAIRequest {
        try OAIRequest(try OAIRequest.accept(FormPairs.parse(query)), tokens: Self.key, at: Self.now)
    }

    private func code(_ query: String) -> OAIFault.Code? {
        do throws(OAIFault) {
            _ = try request(query)
            return nil
        } catch { return error.code }
    }

    @Test func eachVerbIsUnderstood() throws {
        #expect(try request("verb=Identify") == .identify)
        #expect(try request("verb=ListMetadataFormats") == .listMetadataFormats(identifier: nil))
        #expect(
            try request("verb=ListMetadataFormats&identifier=oai%3Ax.vn%3Aa")
                == .listMetadataFormats(identifier: "oai:x.vn:a"))
        #expect(try request("verb=ListSets") == .listSets(nil))
        #expect(
            try request("metadataPrefix=oai_dc&identifier=oai:x.vn:a&verb=GetRecord")
                == .getRecord(identifier: "oai:x.vn:a"))
        #expect(
            try request("verb=ListIdentifiers&metadataPrefix=oai_dc") == .list(isWhole: false, HarvestSelection(), nil))
        #expect(
            try request("verb=ListRecords&metadataPrefix=oai_dc&set=field-y-te&from=2026-11-24&until=2026-11-24")
                == .list(
                    isWhole: true,
                    HarvestSelection(from: 1_795_478_400, until: 1_795_564_799, set: "field-y-te"), nil))
    }

    @Test(arguments: [
        "", "verb=", "verb=identify", "verb=Identify&verb=Identify", "metadataPrefix=oai_dc", "verb=Identify%00",
    ])
    func whatIsNoVerbIsABadVerb(query: String) { #expect(code(query) == .badVerb) }

    @Test(arguments: [
        "verb=Identify&set=a", "verb=Identify&x=y", "verb=GetRecord", "verb=GetRecord&identifier=oai:x:a",
        "verb=GetRecord&metadataPrefix=oai_dc", "verb=ListRecords",
        "verb=ListRecords&metadataPrefix=oai_dc&set=a&set=a",
        "verb=ListRecords&metadataPrefix=oai_dc&from=2026-02-30",
        "verb=ListRecords&metadataPrefix=oai_dc&from=2026-11-24T25:00:00Z",
        "verb=ListRecords&metadataPrefix=oai_dc&from=2026-11-24&until=2026-11-24T00:00:00Z",
        "verb=ListRecords&metadataPrefix=oai_dc&from=2026-11-25&until=2026-11-24",
        "verb=ListRecords&metadataPrefix=oai_dc&set=a::b", "verb=ListRecords&metadataPrefix=oai_dc&set=",
        "verb=ListRecords&metadataPrefix=o%C3%A1i", "verb=ListRecords&metadataPrefix=oai_dc&resumptionToken=x",
        "verb=GetRecord&identifier=%3Cscript%3E&metadataPrefix=oai_dc", "verb=ListRecords&metadataPrefix=%ZZ",
    ])
    func whatAVerbDoesNotTakeIsABadArgument(query: String) { #expect(code(query) == .badArgument) }

    @Test func otherFormatsAndTokensAreTold() {
        #expect(code("verb=ListRecords&metadataPrefix=marc21") == .cannotDisseminateFormat)
        #expect(code("verb=GetRecord&identifier=oai:x:a&metadataPrefix=marc21") == .cannotDisseminateFormat)
        #expect(code("verb=ListRecords&resumptionToken=abc") == .badResumptionToken)
        #expect(code("verb=ListSets&resumptionToken=abc") == .badResumptionToken)
    }

    @Test func aTokenIsGoodForItsVerbUntilItExpiresAndOnlyAsItWasMade() throws {
        let token = OAIResumption(
            verb: .listRecords, from: 5, until: nil, set: "field-y-te", datestamp: 7, last: "a", given: 100, total: 250,
            expires: Self.now + 1)
        let text = Self.key.seal(token)
        #expect(try Self.key.open(text, for: .listRecords, at: Self.now) == token)
        #expect(
            try request("verb=ListRecords&resumptionToken=\(text)")
                == .list(isWhole: true, HarvestSelection(from: 5, set: "field-y-te"), token))
        for (other, verb, now) in [
            (text, OAIRequest.Verb.listIdentifiers, Self.now), (text, .listRecords, Self.now + 1),
            (text + "A", .listRecords, Self.now), (String(text.dropLast()), .listRecords, Self.now),
            (text + "=", .listRecords, Self.now), (OAIResumptionKey().seal(token), .listRecords, Self.now),
        ] {
            #expect(throws: OAIFault.self) { try Self.key.open(other, for: verb, at: now) }
        }
        // Each of its characters counts.
        for index in text.indices {
            var forged = text
            forged.replaceSubrange(index...index, with: text[index] == "A" ? "B" : "A")
            #expect(throws: OAIFault.self) { try Self.key.open(forged, for: .listRecords, at: Self.now) }
        }
    }

    @Test func datestampsReadBackAsTheyWereWritten() throws {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<5_000 {
            let seconds = Int64.random(in: -62_167_219_200...253_402_300_799, using: &random)
            let stamp = UTCDatestamp(seconds: seconds)
            #expect(UTCDatestamp(stamp.text) == stamp)
            if seconds > 0 {
                #expect(stamp.text == Date(timeIntervalSince1970: Double(seconds)).formatted(.iso8601))
            }
        }
        for edge in [Int64.min, .max] { #expect(UTCDatestamp(UTCDatestamp(seconds: edge).text) != nil) }
        #expect(UTCDatestamp("2024-02-29") != nil)
        #expect(UTCDatestamp("2026-02-29") == nil)
        #expect(UTCDatestamp("1900-02-29") == nil)
        #expect(UTCDatestamp("2026-11-24T00:00:00+07:00") == nil)
    }

    /// Whatever is asked, nothing traps, and the answer is a document that its schema lets be.
    @Test func randomArgumentsAreAnsweredByValidDocuments() throws {
        let schema = try OAISchema()
        var random = SystemRandomNumberGenerator()
        let document = OAIDocument(
            configuration: .init(repositoryName: "Kho \u{1} <&>", domain: "causeway.test", email: "luutru@example.vn"),
            baseURL: "https://hop.example.vn/oai", recordingURL: { _ in nil })
        var faults: Set<OAIFault.Code> = []
        for _ in 0..<3_000 {
            let query = Self.randomQuery(&random)
            let pairs = FormPairs.parse(query)
            let data: Data
            do throws(OAIFault) {
                let accepted = try OAIRequest.accept(pairs)
                let answer: OAIDocument.Answer
                do throws(OAIFault) {
                    _ = try OAIRequest(accepted, tokens: Self.key, at: Self.now)
                    answer = .formats
                } catch {
                    answer = .fault(error)
                    faults.insert(error.code)
                }
                data = document.data(answer, to: accepted, at: Self.now)
            } catch {
                data = document.data(.fault(error), to: nil, at: Self.now)
                faults.insert(error.code)
            }
            #expect(throws: Never.self, "\(query)") { try schema.validate(data) }
        }
        #expect(faults.count >= 3, "\(faults)")
    }

    private static func randomQuery(_ random: inout some RandomNumberGenerator) -> String {
        let names = ["verb", "identifier", "metadataPrefix", "from", "until", "set", "resumptionToken", "x", "%", ""]
        let values = [
            "Identify", "ListRecords", "ListSets", "GetRecord", "oai_dc", "2026-11-24", "2026-11-24T00:00:00Z", "a:b",
            "oai:x.vn:a",
            "%00", "%EF%BF%BF", "%C3", "+", "\u{202E}", "%3C%26", String(repeating: "a", count: 3_000), "", "=",
        ]
        var pairs: [String] = []
        if Bool.random(using: &random), let verb = OAIRequest.Verb.allCases.randomElement(using: &random) {
            pairs.append("verb=\(verb.rawValue)")
            if Bool.random(using: &random) { pairs.append("metadataPrefix=oai_dc") }
        }
        for _ in 0..<Int.random(in: 0...4, using: &random) {
            let name = names.randomElement(using: &random) ?? ""
            pairs.append("\(name)=\(values.randomElement(using: &random) ?? "")")
        }
        return pairs.joined(separator: "&")
    }
}
