import Foundation
import InteropSupport
import Testing

/// Whether the real daemon answers as its description says, whatever it is asked: by schemathesis.
@Suite(
    .serialized,
    .enabled(if: FileManager.default.isExecutableFile(atPath: APISite.schemathesis), "make .build/schemathesis/bin/st"))
struct APIConformanceTests {
    private static let checks = [
        "not_a_server_error", "status_code_conformance", "content_type_conformance", "response_headers_conformance",
        "response_schema_conformance",
    ]

    /// Every other request is of something that is there.
    private static let hooks = """
        import os, schemathesis
        known = {'recordings': os.environ['RECORDINGS'].split(','), 'rooms': ['giaoban'], 'points': ['soyte', 'phuloc'],
            'units': ['tinh'], 'guides': ['soyte']}
        count = 0

        @schemathesis.hook
        def map_path_parameters(context, path_parameters):
            global count
            count += 1
            kind = context.operation.path.split('/')[1]
            if path_parameters and count % 2 and kind in known:
                name = 'id' if 'id' in path_parameters else 'point' if kind == 'guides' else None
                if name: path_parameters[name] = known[kind][count // 2 % len(known[kind])]
            return path_parameters
        """

    /// Seconds for each role.
    private static let seconds = ProcessInfo.processInfo.environment["CAUSEWAY_FUZZ_SECONDS"].flatMap { Int($0) } ?? 20

    @Test(arguments: ["administrator", "agency-reader"])
    func nothingIsAnsweredOutsideTheDescription(role: String) async throws {
        let site = try await APISite(ordinary: 4, restricted: 1)
        try await site.run { daemon in
            let hooks = site.folder + "/api_hooks.py"
            try Self.hooks.write(toFile: hooks, atomically: true, encoding: .utf8)
            let log = site.folder + "/schemathesis.log"
            let child = try ChildProcess(
                "/usr/bin/env",
                [
                    // It leaves a directory of its own where it runs.
                    "--chdir=\(site.folder)", "PYTHONPATH=\(site.folder)", "SCHEMATHESIS_HOOKS=api_hooks",
                    "RECORDINGS=\(site.meetings.joined(separator: ","))", APISite.schemathesis, "run",
                    "https://127.0.0.1:\(daemon.httpsPort)/api/v1/openapi.json", "--tls-verify", daemon.authority, "-H",
                    "Authorization: Bearer \(APISite.token(role))", "--checks", Self.checks.joined(separator: ","),
                    "--phases", "coverage,fuzzing", "--max-time", "\(Self.seconds)", "--suppress-health-check", "all",
                    "--continue-on-failure", "--no-color",
                    // An administrator may have packages written anywhere on the machine, and the machine is this one.
                    "--exclude-path", "/recordings/{id}/packages",
                ], log: log)
            let status = try await child.wait(within: .seconds(Self.seconds + 90))
            #expect(status == 0, "\(child.logText.suffix(6_000))")
            #expect(child.logText.contains("Test cases:"), "\(child.logText.suffix(2_000))")
        }
    }
}
