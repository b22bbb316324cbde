import Foundation
import Testing

@testable import SiteConfiguration

/// What is printed of a configuration, and its schema, judged by python3-jsonschema.
@Suite struct WrittenTests {
    @Test(arguments: [true, false]) func whatIsPrintedIsReadAsTheSame(withDefaults: Bool) throws {
        let site = try Configuration.load(path: samplePath)
        let text = site.text(withDefaults: withDefaults)
        #expect(!text.contains("doi-mat-khau"))
        var again = try parse(text)
        // Secrets are not shown.
        for index in again.points.indices { again.points[index].password = site.points[index].password }
        #expect(again == site)
        #expect(text.contains("# default") == withDefaults)
    }

    @Test func whatNobodySetIsMarked() throws {
        let text = try parse("sip: {domain: hop.example.vn}\nlog: {level: info}").text(withDefaults: true)
        #expect(text.contains("  domain: hop.example.vn\n"))
        #expect(text.contains("  ringing: true  # default\n"))
        #expect(try parse("log: {level: info}").text(withDefaults: false) == "")
    }

    private static let hasValidator =
        (try? run(["-c", "import jsonschema, yaml"], input: "")) == ""

    private static func run(_ arguments: [String], input: String) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
        process.arguments = arguments
        let output = Pipe()
        let feed = Pipe()
        process.standardOutput = output
        process.standardError = output
        process.standardInput = feed
        try process.run()
        feed.fileHandleForWriting.write(Data(input.utf8))
        try feed.fileHandleForWriting.close()
        let said = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return said
    }

    @Test(.enabled(if: hasValidator, "needs python3-jsonschema and python3-yaml"))
    func theSchemaTakesWhatIsGoodAndRefusesWhatIsNot() throws {
        let scratch = try Scratch()
        let schema = try scratch.write(Configuration.schemaText(), to: "schema.json")
        let program = """
            import json, sys, yaml, jsonschema
            schema = json.load(open(sys.argv[1]))
            jsonschema.Draft202012Validator.check_schema(schema)
            for error in jsonschema.Draft202012Validator(schema).iter_errors(yaml.safe_load(sys.stdin)):
                print("/".join(map(str, error.path)) or "-")
            """
        func refused(_ text: String) throws -> [String] {
            try Self.run(["-c", program, schema], input: text).split(separator: "\n").map(String.init)
        }
        let sample = try String(contentsOfFile: samplePath, encoding: .utf8)
        #expect(try refused(sample) == [])
        for name in ["province", "lab"] {
            let path = root.appendingPathComponent("config/\(name).yaml").path
            do throws(ConfigurationErrors) { _ = try Configuration.load(path: path) } catch {
                // The files that it names are not on this machine.
                #expect(error.errors.allSatisfy { $0.message.hasSuffix("No such file or directory") }, "\(error)")
            }
            #expect(try refused(try String(contentsOfFile: path, encoding: .utf8)) == [], "\(name)")
        }
        let first = try String(contentsOfFile: root.appendingPathComponent("config/first.yaml").path, encoding: .utf8)
        let filled = first.replacing("@ADDRESS@", with: "192.0.2.10").replacing("@DOMAIN@", with: "hop.example.vn")
        #expect(try refused(filled) == [])
        _ = try parse(filled)
        #expect(try refused(Configuration().text(withDefaults: true)) == [])
        #expect(try refused("sip: {domian: x}") == ["sip"])
        #expect(
            try refused("sip: {listeners: [{transport: sctp, address: 0.0.0.0, port: 70000}]}").sorted()
                == ["sip/listeners/0/port", "sip/listeners/0/transport"])
        #expect(try refused("points: [{id: a}]") == ["points/0"])
        #expect(try refused("lineCheck: {thresholds: {loss: [1]}}") == ["lineCheck/thresholds/loss"])
    }
}
