import Foundation
import InteropSupport

/// What the browser answers or tells, as JSON; read with `JSONDecoder`.
package struct DevToolsMessage: Sendable {
    package let data: Data

    struct Head: Decodable {
        struct Failure: Decodable { var message: String }
        var id: Int?
        var method: String?
        var sessionId: String?
        var error: Failure?
    }

    /// Commands are answered with `result`, events bring `params`.
    private struct Body<Value: Decodable>: Decodable {
        var result: Value?
        var params: Value?
    }

    package func decoded<Value: Decodable>(_ type: Value.Type) throws -> Value {
        let body = try JSONDecoder().decode(Body<Value>.self, from: data)
        guard let value = body.result ?? body.params else { throw ToolFailure("the browser said nothing of use") }
        return value
    }
}

/// The Chrome DevTools Protocol over a pipe: JSON texts, each ended by a zero octet (`--remote-debugging-pipe`).
package actor DevTools {
    package typealias Arguments = [String: any Encodable & Sendable]

    private let writing: FileHandle
    private let reading: FileHandle
    private var buffer = Data()
    private var lastID = 0
    private var waiting: [Int: CheckedContinuation<DevToolsMessage, any Error>] = [:]
    private var listeners: [String: @Sendable (_ method: String, DevToolsMessage) -> Void] = [:]

    /// The ends of two named pipes, open both ways so that neither side waits for the other to open them.
    package init(commands: String, answers: String) throws {
        func open(_ path: String) throws -> FileHandle {
            let descriptor = Foundation.open(path, O_RDWR | O_CLOEXEC)
            guard descriptor >= 0 else { throw ToolFailure("\(path): \(String(cString: strerror(errno)))") }
            return FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        }
        writing = try open(commands)
        reading = try open(answers)
    }

    package func start() {
        reading.readabilityHandler = { [weak self] handle in
            let data = handle.availableData
            guard let self, !data.isEmpty else { return }
            // In the order in which it came: this handler is called by one queue, and waits.
            let taken = DispatchSemaphore(value: 0)
            Task {
                await self.take(data)
                taken.signal()
            }
            taken.wait()
        }
    }

    package func stop() {
        reading.readabilityHandler = nil
        for continuation in waiting.values { continuation.resume(throwing: ToolFailure("the browser is gone")) }
        waiting = [:]
    }

    package func listen(to session: String, _ hear: @escaping @Sendable (String, DevToolsMessage) -> Void) {
        listeners[session] = hear
    }

    package func command(_ method: String, _ arguments: Arguments = [:], in session: String? = nil) async throws
        -> DevToolsMessage
    {
        lastID += 1
        let id = lastID
        var fields: Arguments = ["id": id, "method": method, "params": AnyEncodable(arguments)]
        if let session { fields["sessionId"] = session }
        let octets = try JSONEncoder().encode(AnyEncodable(fields)) + [0]
        return try await withDeadline(.seconds(30), "\(method) to be answered") {
            try await self.send(octets, id)
        }
    }

    private func send(_ octets: Data, _ id: Int) async throws -> DevToolsMessage {
        try await withCheckedThrowingContinuation { continuation in
            waiting[id] = continuation
            do { try writing.write(contentsOf: octets) } catch {
                waiting[id] = nil
                continuation.resume(throwing: error)
            }
        }
    }

    private func take(_ data: Data) {
        buffer.append(data)
        while let end = buffer.firstIndex(of: 0) {
            let text = Data(buffer[buffer.startIndex..<end])
            buffer.removeSubrange(buffer.startIndex...end)
            guard let head = try? JSONDecoder().decode(DevToolsMessage.Head.self, from: text) else { continue }
            if let id = head.id, let continuation = waiting.removeValue(forKey: id) {
                if let error = head.error {
                    continuation.resume(throwing: ToolFailure("the browser refuses: \(error.message)"))
                } else {
                    continuation.resume(returning: DevToolsMessage(data: text))
                }
            } else if let method = head.method, let session = head.sessionId {
                listeners[session]?(method, DevToolsMessage(data: text))
            }
        }
    }
}

/// Encodes values of different types in one dictionary.
package struct AnyEncodable: Encodable, Sendable {
    private let write: @Sendable (any Encoder) throws -> Void

    package init(_ value: any Encodable & Sendable) { write = { try value.encode(to: $0) } }
    package init(_ values: DevTools.Arguments) {
        let wrapped = values.mapValues { AnyEncodable($0) }
        write = { try wrapped.encode(to: $0) }
    }
    package func encode(to encoder: any Encoder) throws { try write(encoder) }
}
