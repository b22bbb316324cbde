import Foundation
import HTTPTypes
import Office
import PortalAPI
import Testing

@testable import Portal

/// The table of operations, its description, and the routes that there are.
struct APIDescriptionTests {
    @Test func everyTypeOfEveryRouteCanBeDescribed() throws {
        for operation in APIOperation.all {
            let book = SchemaBook()
            for content in [operation.body, operation.answer] {
                guard case .json(let schema) = content else { continue }
                #expect(throws: Never.self, "\(operation.method) \(operation.path)") { try schema(book) }
            }
        }
        let document = try #require(
            try JSONSerialization.jsonObject(with: OpenAPIDocument.data(version: "1")) as? [String: Any])
        let paths = try #require(document["paths"] as? [String: [String: Any]])
        let operations = paths.values.flatMap(\.values).compactMap { $0 as? [String: Any] }
        #expect(operations.count == APIOperation.all.count)
        #expect(Set(operations.compactMap { $0["operationId"] as? String }).count == operations.count)
        // What is referred to is there.
        let text = String(decoding: try OpenAPIDocument.data(version: "1"), as: UTF8.self)
        let schemas = try #require((document["components"] as? [String: Any])?["schemas"] as? [String: Any])
        for match in text.matches(of: /#\/components\/schemas\/([^"]+)/) {
            #expect(schemas[String(match.1)] != nil, "\(match.1)")
        }
        #expect(schemas.count > 80)
    }

    @Test func schemasSayWhatTheCodeDoes() throws {
        let book = SchemaBook()
        _ = try book.schema(of: RecordingDetail.self, .answer)
        let detail = try #require(book.components["RecordingDetail"])
        guard case .object(let members) = detail, case .object(let properties)? = members["properties"],
            case .array(let required)? = members["required"]
        else {
            Issue.record("\(detail)")
            return
        }
        #expect(properties["sealedAt"] == ["type": "string", "format": "date-time"])
        #expect(properties["summary"] == ["$ref": "#/components/schemas/RecordingSummary"])
        #expect(
            properties["files"] == ["type": "array", "items": ["$ref": "#/components/schemas/RecordingDetail.File"]])
        #expect(required.contains("files"))
        #expect(!required.contains("sealedAt"))
        #expect(members["additionalProperties"] == false)
        _ = try book.schema(of: MeetingOrder.self, .request)
        guard case .object(let order)? = book.components["MeetingOrder-Body"],
            case .object(let parts)? = order["properties"],
            case .object(let kind)? = parts["order"], case .array(let kinds)? = kind["enum"]
        else {
            Issue.record("\(book.components)")
            return
        }
        #expect(kinds.count == MeetingOrder.Kind.allCases.count)
        #expect(order["required"] == ["order"])
        #expect(order["additionalProperties"] == nil)
        #expect(
            try book.schema(of: DestructionJudgement.self, .answer) == [
                "$ref": "#/components/schemas/DestructionJudgement"
            ])
        guard case .object(let judgement)? = book.components["DestructionJudgement"] else { return }
        #expect(
            judgement["properties"]
                == [
                    "obstacles": [
                        "type": "object", "additionalProperties": ["type": "array", "items": ["type": "string"]],
                    ]
                ])
    }
}

@Suite(.enabled(if: PortalHarness.hasOpenSSL)) struct APIRoutesTests {
    /// A route as the table of operations writes it.
    private static func described(_ path: String) -> String {
        path.replacing("/api/v1", with: "", maxReplacements: 1)
            .replacing(/:([a-zA-Z]+)/) { "{\($0.1)}" }.replacing("**", with: "{file}")
    }

    @Test func everyRouteIsDescribedAndNothingElseIs() async throws {
        try await PortalHarness.run { portal in
            let routes = portal.server.router(.https).routes.filter {
                "\($0.path)".hasPrefix("/api/") && $0.method != .head
            }
            let known = Set(routes.map { "\($0.method) \(Self.described("\($0.path)"))" })
            let told = Set(APIOperation.all.map { "\($0.method) \($0.path)" })
            #expect(known.subtracting(told).isEmpty, "without a description: \(known.subtracting(told).sorted())")
            #expect(told.subtracting(known).isEmpty, "without a route: \(told.subtracting(known).sorted())")
            #expect(told.count == APIOperation.all.count)
        }
    }

    @Test func theDescriptionIsServedToWhoeverHasAToken() async throws {
        try await PortalHarness.run { portal in
            #expect(try await portal.ask("/api/v1/openapi.json", .https(token: nil)).status == 401)
            for role in Role.allCases {
                let answer = try await portal.ask(
                    "/api/v1/openapi.json", .https(token: PortalHarness.token(of: role)))
                #expect(answer.status == 200)
                #expect(answer.headers["content-type"] == "application/json; charset=utf-8")
                #expect(answer.body == (try OpenAPIDocument.data(version: "1")))
            }
        }
    }

    /// Every role is tried with every action, over HTTPS: the table of rights is what the routes keep to.
    @Test func eachRoleMayDoWhatTheTableOfRightsSaysAndNothingElse() async throws {
        try await PortalHarness.run { portal in
            var tried: Set<PortalAction> = []
            for operation in APIOperation.all {
                guard case .action(let action) = operation.access else { continue }
                tried.insert(action)
                let parts = operation.path.split(separator: "/").map { part in
                    switch part {
                    case "{number}", "{hold}", "{paper}": "999999"
                    case "{archive}": "current"
                    default: part.hasPrefix("{") ? "khong-co" : String(part)
                    }
                }
                let address = "/api/v1/" + parts.joined(separator: "/")
                for role in Role.allCases {
                    let answer = try await portal.ask(
                        address, .https(token: PortalHarness.token(of: role)), method: operation.method.rawValue,
                        body: operation.method == .get ? nil : "{")
                    let isAllowed = role.may(action)
                    #expect(
                        (answer.status == 403) == !isAllowed && answer.status != 401,
                        "\(role) \(operation.method) \(operation.path): \(answer.status)")
                    #expect(answer.status < 500 || answer.status == 503, "\(operation.method) \(operation.path)")
                }
                #expect(
                    try await portal.ask(address, .https(token: nil), method: operation.method.rawValue).status == 401,
                    "\(operation.method) \(operation.path)")
            }
            // Beside the interface is `/oai` (HarvestRoutesTests), and keys are a question of a capture (TraceRoutesTests).
            #expect(Set(PortalAction.allCases).subtracting(tried) == [.harvest, .traceKeys])
        }
    }
}

/// The table of rights in the documentation is the one in the code.
struct RightsTableTests {
    @Test func theDocumentationHasTheTableOfRights() throws {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../../docs/api.md").standardizedFileURL
        let text = try String(contentsOf: file, encoding: .utf8)
        #expect(text.contains("\n" + RightsTable.markdown + "\n"), "docs/api.md is to have:\n\(RightsTable.markdown)")
    }
}
