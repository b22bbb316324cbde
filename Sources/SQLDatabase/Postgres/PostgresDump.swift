import CPostgres
import ChildProcesses
import Foundation

extension PostgresSettings {
    /// Writes the schema as it is at one moment into a file in `pg_dump`'s own format, from which `pg_restore` makes it again; and has
    /// `pg_restore` read it.
    /// - Parameter path: of a file that is there, empty, with the rights that it is to have.
    public func dump(to path: String) async throws {
        let (words, password) = try Self.words(of: conninfo)
        // On the command line everybody could read it.
        var environment = ProcessInfo.processInfo.environment
        if let password { environment["PGPASSWORD"] = password }
        let limits = ChildProcess.Limits(time: .seconds(3600), niceness: 10)
        let steps: [(String, [String])] = [
            (
                "/usr/bin/pg_dump",
                [
                    "--format=custom", "--schema=\(schema)", "--no-owner", "--no-privileges", "--file=\(path)",
                    "--dbname=\(words)",
                ]
            ),
            ("/usr/bin/pg_restore", ["--list", path]),
        ]
        for (program, arguments) in steps {
            let outcome: ChildProcess.Outcome
            do {
                outcome = try await ChildProcess(program, arguments, environment: environment, limits: limits).run()
            } catch {
                throw SQLDatabaseError.refused(
                    code: "pg_dump", reason: "\(error); install postgresql-client to have copies of the database")
            }
            guard outcome.isSuccess else {
                throw SQLDatabaseError.refused(code: "pg_dump", reason: "\(program): \(outcome.complaint)")
            }
        }
    }

    /// A conninfo without its password, and that.
    static func words(of conninfo: String) throws -> (String, password: String?) {
        var message: UnsafeMutablePointer<CChar>?
        guard let options = PQconninfoParse(conninfo, &message) else {
            PQfreemem(message)
            throw SQLDatabaseError.refused(code: "conninfo", reason: "the conninfo cannot be read")
        }
        defer { PQconninfoFree(options) }
        var words: [String] = []
        var password: String?
        var option = options
        while let keyword = option.pointee.keyword {
            if let value = option.pointee.val.map({ String(cString: $0) }) {
                let name = String(cString: keyword)
                if name == "password" {
                    password = value
                } else {
                    words.append("\(name)='\(value.replacing("\\", with: "\\\\").replacing("'", with: "\\'"))'")
                }
            }
            option += 1
        }
        return (words.joined(separator: " "), password)
    }
}
