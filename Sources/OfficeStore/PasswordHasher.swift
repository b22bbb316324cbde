import COpenSSL
import Dispatch
import Foundation
import Synchronization

/// Hashes people's passwords by scrypt (RFC 7914), one at a time: each takes 32 MiB and about a tenth of a second, which is
/// the point of it, and so a crowd of them must not take the machine.
final class PasswordHasher: Sendable {
    enum Failure: Error { case cannotHash, tooManyWait }

    /// log2 of the cost N, block size r and parallelism p: 2^15·8·128 octets.
    private static let cost: UInt64 = 1 << 15
    private static let blockSize: UInt64 = 8
    private static let parallelism: UInt64 = 1
    private static let length = 32

    private static let mostWaiting = 32

    private let queue = DispatchQueue(label: "office.passwords", qos: .utility)
    private let waiting = Atomic(0)

    /// `scrypt$32768$8$1$SALT$KEY`, with salt and key in Base64.
    func hash(_ password: String) async throws -> String {
        let salt = (0..<16).map { _ in UInt8.random(in: .min ... .max) }
        let key = try await derive(password, salt, Self.cost, Self.blockSize, Self.parallelism)
        let parts = ["\(Self.cost)", "\(Self.blockSize)", "\(Self.parallelism)"]
        return (["scrypt"] + parts + [Data(salt).base64EncodedString(), Data(key).base64EncodedString()])
            .joined(separator: "$")
    }

    /// Whether `password` is the one that `hash` was made of. Without a hash the same time goes by before the answer no.
    func verify(_ password: String, _ hash: String?) async throws -> Bool {
        let parts = (hash ?? Self.nobodys).split(separator: "$", omittingEmptySubsequences: false)
        guard parts.count == 6, parts[0] == "scrypt", let cost = UInt64(parts[1]), let blockSize = UInt64(parts[2]),
            let parallelism = UInt64(parts[3]), let salt = Data(base64Encoded: String(parts[4])),
            let key = Data(base64Encoded: String(parts[5])), key.count == Self.length
        else { throw Failure.cannotHash }
        let derived = try await derive(password, Array(salt), cost, blockSize, parallelism)
        let isEqual = zip(derived, key).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
        return isEqual && hash != nil
    }

    private static let nobodys =
        "scrypt$\(cost)$\(blockSize)$\(parallelism)$AAAAAAAAAAAAAAAAAAAAAA==$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="

    private func derive(
        _ password: String, _ salt: [UInt8], _ cost: UInt64, _ blockSize: UInt64, _ parallelism: UInt64
    ) async throws -> [UInt8] {
        // The same text has the same octets, whatever keyboard it came from.
        let password = Array(password.precomposedStringWithCanonicalMapping.utf8)
        guard waiting.add(1, ordering: .relaxed).newValue <= Self.mostWaiting else {
            waiting.subtract(1, ordering: .relaxed)
            throw Failure.tooManyWait
        }
        defer { waiting.subtract(1, ordering: .relaxed) }
        return try await withCheckedThrowingContinuation { continuation in
            queue.async {
                var key = [UInt8](repeating: 0, count: Self.length)
                let made = password.withUnsafeBytes { password in
                    EVP_PBE_scrypt(
                        password.baseAddress?.assumingMemoryBound(to: CChar.self), password.count, salt, salt.count,
                        cost, blockSize, parallelism, 64 << 20, &key, key.count)
                }
                continuation.resume(with: made == 1 ? .success(key) : .failure(Failure.cannotHash))
            }
        }
    }
}
