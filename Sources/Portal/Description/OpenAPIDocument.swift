import Foundation
import Office
import PortalAPI

/// The interface in the words of OpenAPI 3.1.
enum OpenAPIDocument {
    /// What may be wrong with any request, and is told as ``APIError``. 500 is not among them: it is a defect.
    private static let refusals: [(status: Int, name: String, text: String)] = [
        (400, "BadRequest", "Something of the request is not as it is described."),
        (401, "Unauthorized", "No valid token or session came with it."),
        (403, "Forbidden", "The role or the token's scopes do not allow it, or a page of another site asked."),
        (404, "NotFound", "It is not there, or not for this visitor."),
        (409, "Conflict", "What it asks for cannot be now."),
        (410, "Gone", "The recording was destroyed."),
        (413, "ContentTooLarge", "The body is too long."),
        (415, "UnsupportedMediaType", "The body is of another media type."),
        (416, "RangeNotSatisfiable", "There is nothing in that range."),
        (
            429, "TooManyRequests",
            "Too many wrong tokens or passwords came from there, or this visitor asked for too much; Retry-After says when."
        ),
        (503, "ServiceUnavailable", "Not at the moment, or not here."),
    ]

    /// The document, as it is served.
    static func data(version: String) throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
        return try encoder.encode(value(version: version))
    }

    static func value(version: String) throws -> JSONValue {
        let book = SchemaBook()
        var paths: [String: [String: JSONValue]] = [:]
        for operation in APIOperation.all {
            paths[operation.path, default: [:]][operation.method.rawValue.lowercased()] = try describe(operation, book)
        }
        let refusal = try book.schema(of: APIError.self, .answer)
        let responses = refusals.map { known in
            (
                known.name,
                [
                    "description": .string(known.text), "content": ["application/json": ["schema": refusal]],
                ] as JSONValue
            )
        }
        return [
            "openapi": "3.1.0",
            "info": [
                "title": "Causeway", "version": .string(version),
                "description": "The conference bridge and its archive. Times are ISO 8601 with an offset.",
            ],
            "servers": [["url": "/api/v1"]],
            "paths": .object(paths.mapValues { .object($0) }),
            "components": [
                "schemas": .object(book.components),
                "responses": .object(Dictionary(responses) { first, _ in first }),
                "securitySchemes": ["token": ["type": "http", "scheme": "bearer"]],
            ],
        ]
    }

    private static func describe(_ operation: APIOperation, _ book: SchemaBook) throws -> JSONValue {
        var described: [String: JSONValue] = [
            "summary": .string(operation.summary), "operationId": .string(identifier(of: operation)),
            "tags": .strings([operation.path.split(separator: "/").first.map(String.init) ?? ""]),
        ]
        switch operation.access {
        case .action(let action):
            described["security"] = [["token": []]]
            described["x-action"] = .string(action.rawValue)
            described["x-scope"] = .string(action.scope.rawValue)
            described["x-roles"] = .strings(Role.allCases.filter { $0.may(action) }.map(\.rawValue))
        case .anybody: described["security"] = [["token": []]]
        case .session: described["security"] = []
        }
        let names = operation.path.split(separator: "/").filter { $0.hasPrefix("{") }.map {
            String($0.dropFirst().dropLast())
        }
        let parameters =
            names.map { name -> JSONValue in
                ["name": .string(name), "in": "path", "required": true, "schema": schema(ofPart: name)]
            }
            + operation.query.map { parameter -> JSONValue in
                [
                    "name": .string(parameter.name), "in": "query", "required": .boolean(parameter.isRequired),
                    "schema": parameter.schema, "description": .string(parameter.summary),
                ]
            }
        if !parameters.isEmpty { described["parameters"] = .array(parameters) }
        if let content = try content(operation.body, book) {
            described["requestBody"] = ["required": true, "content": content]
        }
        var responses: [String: JSONValue] = [:]
        for status in operation.statuses {
            var response: [String: JSONValue] = ["description": .string(words(status))]
            if status != 204, status != 304 { response["content"] = try content(operation.answer, book) }
            responses[String(status)] = .object(response)
        }
        for known in refusals {
            responses[String(known.status)] = ["$ref": .string("#/components/responses/\(known.name)")]
        }
        described["responses"] = .object(responses)
        return .object(described)
    }

    private static func content(_ content: APIOperation.Content, _ book: SchemaBook) throws -> JSONValue? {
        switch content {
        case .none: nil
        case .json(let schema): ["application/json": ["schema": try schema(book)]]
        case .jsonOr(let schema, let types):
            .object(octets(types).merging(["application/json": ["schema": try schema(book)]]) { first, _ in first })
        case .octets(let types): .object(octets(types))
        }
    }

    private static func octets(_ types: [String]) -> [String: JSONValue] {
        Dictionary(types.map { ($0, [:] as JSONValue) }) { first, _ in first }
    }

    private static func schema(ofPart name: String) -> JSONValue {
        switch name {
        case "number", "hold", "paper": ["type": "integer", "minimum": 1, "maximum": .integer(Int.max)]
        case "archive": ["type": "string", "enum": ["current", "historical"]]
        default: ["type": "string", "minLength": 1]
        }
    }

    private static func identifier(of operation: APIOperation) -> String {
        let words = operation.path.split(whereSeparator: { "/{}.-".contains($0) })
        return operation.method.rawValue.lowercased()
            + words.map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
    }

    private static func words(_ status: Int) -> String {
        switch status {
        case 201: "It was made."
        case 202: "It was begun."
        case 204: "It was done; there is nothing to say."
        case 206: "A range of it."
        case 304: "The visitor has it already."
        default: "What was asked for."
        }
    }
}
