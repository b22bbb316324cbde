import Testing

@testable import SiteConfiguration

/// Each file is wrong in the ways that are listed; the list is whole.
@Suite struct FaultTests {
    @Test func unknownKeyIsNamedWithTheNearestKnownOne() {
        #expect(faults("sip:\n  domian: x.vn\n") == ["F:2:3: sip.domian: unknown key; did you mean 'domain'?"])
        #expect(
            faults("media:\n  silence-limit: 30s\n") == [
                "F:2:3: media.silence-limit: unknown key; did you mean 'silenceLimit'?"
            ])
        #expect(faults("log:\n  zzz: 1\n") == ["F:2:3: log.zzz: unknown key; known here: level, format, journalMonths"])
    }

    @Test func wrongTypesSayWhatIsExpectedAndWhatIsThere() {
        #expect(
            faults("media:\n  workers: many\n") == [
                "F:2:12: media.workers: expected a whole number from 0 to 256 (threads), found 'many'"
            ])
        #expect(
            faults("media: 5\n") == [
                "F:1:8: media: expected a section with keys (bind, advertised, ports, workers, …), found '5'"
            ])
        #expect(faults("rooms: giaoban\n") == ["F:1:8: rooms: expected a list of sections, found 'giaoban'"])
        #expect(faults("sip:\n  ringing: maybe\n") == ["F:2:12: sip.ringing: expected true or false, found 'maybe'"])
        #expect(
            faults("sip:\n  domain: [a, b]\n") == [
                "F:2:11: sip.domain: expected a DNS name or a numeric IP address, found a list"
            ])
        #expect(
            faults("- a\n- b\n") == [
                "F:1:1: expected a section with keys (sip, media, archive, recording, …), found a list"
            ])
        #expect(
            faults("media:\n  workers:\n") == [
                "F:2:3: media.workers: has no value; expected a whole number from 0 to 256 (threads)"
            ])
    }

    @Test(arguments: [
        ("silenceLimit: 30", "expected a duration such as 30s, 5m or 2h, from 5s to 10m, found '30'"),
        ("silenceLimit: 4s", "expected a duration such as 30s, 5m or 2h, from 5s to 10m, found '4s'"),
        (
            "silenceLimit: 99999999999999h",
            "expected a duration such as 30s, 5m or 2h, from 5s to 10m, found '99999999999999h'"
        ),
        (
            "ports: 29999-20000",
            "expected a range of at least 4 ports from 1024 to 65535, as 20000-29999, found '29999-20000'"
        ),
        (
            "ports: 20000-20002",
            "expected a range of at least 4 ports from 1024 to 65535, as 20000-29999, found '20000-20002'"
        ),
        (
            "ports: 20000-70000",
            "expected a range of at least 4 ports from 1024 to 65535, as 20000-29999, found '20000-70000'"
        ),
        ("bind: host.vn", "expected a numeric IPv4 or IPv6 address, found 'host.vn'"),
        ("bind: 127.0.0.256", "expected a numeric IPv4 or IPv6 address, found '127.0.0.256'"),
        ("workers: 257", "expected a whole number from 0 to 256 (threads), found '257'"),
        ("workers: 4.5", "expected a whole number from 0 to 256 (threads), found '4.5'"),
    ])
    func valueOutOfRangeSaysTheRange(line: String, message: String) throws {
        let key = try #require(line.split(separator: ":").first)
        let found = faults("media:\n  \(line)\n")
        #expect(found == ["F:2:\(key.count + 5): media.\(key): \(message)"])
    }

    @Test func choicesAreListedAndGuessed() {
        #expect(
            faults("media:\n  srtp: {engine: opensl}\n") == [
                "F:2:18: media.srtp.engine: expected one of auto, ipsec-mb, openssl, libsrtp2, found 'opensl'; did you mean 'openssl'?"
            ])
        #expect(
            faults("recording:\n  accessCopy: {size: 1281x720}\n") == [
                "F:2:22: recording.accessCopy.size: expected a picture size of even numbers from 320x180 to 1920x1080, as 1280x720, found '1281x720'"
            ])
    }

    @Test func missingKeysOfAnEntryAreNamed() {
        #expect(
            faults("units:\n  - name: Sở Y tế\n") == [
                "F:2:5: units[0]: the key 'id' is missing; expected an id of 1 to 64 of a-z, 0-9, '.', '_' and '-', beginning with a letter or digit"
            ])
    }

    @Test func everythingWrongIsReportedAtOnceInTheOrderOfLines() {
        let found = faults(
            """
            sip:
              domain: "not a host"
              listeners:
                - {transport: sctp, address: 127.0.0.1, port: 0}
            log: {level: loud}
            rooms:
              - id: Giao Ban
            """)
        #expect(found.map { $0.prefix { $0 != " " } } == ["F:2:11:", "F:4:19:", "F:4:51:", "F:5:14:", "F:7:9:"])
    }

    @Test func idsThatAreThereTwiceNameBothPlaces() {
        #expect(
            faults("units:\n  - {id: a, name: A}\n  - {id: b, name: B}\n  - {id: a, name: C}\n") == [
                "F:4:10: units[2].id: 'a' is there already, in units[0] at line 2"
            ])
        let twice = """
            points:
              - {id: a, name: A, password: x}
              - {id: b, name: B, username: a, password: x}
            """
        #expect(faults(twice) == ["F:3:32: points[1].username: 'a' is there already, in points[0] at line 2"])
    }

    @Test func keyThatStandsTwiceIsAnError() {
        #expect(
            faults("log:\n  level: info\n  level: debug\n")
                == [
                    "F:2:3: is not YAML: 'level' stands twice in this section; one must go"
                ].map { $0.replacingOccurrences(of: "is not YAML: ", with: "") })
    }

    @Test func referencesThatLeadNowhereAreNamed() {
        let text = """
            units: [{id: soyte, name: Sở Y tế}]
            points:
              - {id: p1, name: A, unit: soyta, password: x}
            rooms:
              - id: giaoban
                points: [p1, p2, vanphong, p1]
            """
        #expect(
            faults(text) == [
                "F:3:29: points[0].unit: there is no unit 'soyta' in units; did you mean 'soyte'?",
                "F:6:18: rooms[0].points[1]: there is no point 'p2' in points; did you mean 'p1'?",
                "F:6:22: rooms[0].points[2]: there is no point 'vanphong' in points",
                "F:6:32: rooms[0].points[3]: 'p1' is in this list already",
            ])
    }

    @Test func portsThatClashAreNamed() {
        let text = """
            sip:
              listeners:
                - {transport: tcp, address: 127.0.0.1, port: 5060}
                - {transport: udp, address: 127.0.0.1, port: 5060}
                - {transport: tls, address: 0.0.0.0, port: 5060, advertised: hop.vn}
                - {transport: udp, address: 127.0.0.1, port: 20001}
                - {transport: tcp, address: 127.0.0.2, port: 8443}
            portal: {address: 127.0.0.2, port: 8443}
            """
        #expect(
            faults(text) == [
                "F:5:48: sip.listeners[2].port: TCP port 5060 is taken already, by sip.listeners[0]",
                "F:6:50: sip.listeners[3].port: UDP port 20001 is within media.ports (20000-29999); move one of them",
                "F:8:36: portal.port: TCP port 8443 is taken already, by sip.listeners[4]",
            ])
    }

    @Test func addressOfAllNeedsOneThatPointsAreTold() {
        let text = """
            sip:
              listeners: [{transport: udp, address: '::', port: 5060}]
            media: {bind: 0.0.0.0}
            """
        #expect(
            faults(text) == [
                "F:2:41: sip.listeners[0].address: listens on all addresses; 'advertised' must say which one points are told",
                "F:3:15: media.bind: listens on all addresses; 'media.advertised' must say which one points are told",
            ])
    }

    @Test func standingOrderNeedsItsDecision() {
        #expect(
            faults("rooms:\n  - id: a\n    recording: {order: standing, orderedBy: X}\n") == [
                "F:3:16: rooms[0].recording: a standing order needs document: who decided, and the decision's number and date"
            ])
    }

    @Test func pointNeedsExactlyOneWayToProveItself() {
        let digest = String(repeating: "0", count: 32)
        let text = """
            points:
              - {id: a, name: A}
              - {id: b, name: B, password: geheim, passwordFile: /nirgends, ha1Md5: \(digest)}
            """
        #expect(
            faults(text).prefix(2) == [
                "F:2:5: points[0]: has no password, passwordFile, ha1Sha256, ha1Md5 or certificate; one must be there",
                "F:3:5: points[1]: has password and passwordFile and ha1Sha256/ha1Md5; one of them must go",
            ])
    }

    @Test func secretsAreNotRepeatedInMessages() {
        let text = """
            points:
              - {id: a, name: A, ha1Md5: geheim}
              - {id: b, name: B, password: "geheim\\u0007"}
            portal:
              tokens: [{name: x, role: archivist, sha256: geheim}]
            """
        let found = faults(text)
        #expect(found.count == 3)
        #expect(found.allSatisfy { !$0.contains("geheim") && $0.contains("not shown") })
    }

    @Test(arguments: [
        ("{path: /b, remote: 'a:b', rcloneConfig: /dev/null}", "has a path and a remote; one must go"),
        ("{remote: 'a:b'}", "needs rcloneConfig beside the remote"),
        ("{remote: ':s3,secret_access_key=x:b', rcloneConfig: /etc/hostname}", "is to be NAME:PATH"),
        ("{remote: 'a,b=c:d', rcloneConfig: /etc/hostname}", "is to be NAME:PATH"),
        ("{path: /a/packages}", "is to be beside the archive's directory"),
        ("{path: /}", "is to be beside the archive's directory"),
    ]) func aSecondLocationIsOnePlaceOfItsOwn(_ section: String, _ reason: String) {
        let found = faults("archive: {directory: /a, secondLocation: \(section)}\n")
        #expect(found.contains { $0.contains("archive.secondLocation") && $0.contains(reason) }, "\(found)")
    }

    @Test func aSecondLocationIsAPathOrARemote() {
        #expect(faults("archive: {directory: /a, secondLocation: {path: /mnt/b}}\n").isEmpty)
        #expect(
            faults("archive: {directory: /a, secondLocation: {remote: 'kho2:x', rcloneConfig: /etc/hostname}}\n")
                .isEmpty)
    }

    @Test func filesThatAreMissingAreNamed() {
        let text = """
            certificates: {chain: there/not.pem, key: /dev/null}
            points:
              - {id: a, name: A, passwordFile: /nowhere/p}
            """
        #expect(
            faults(text) == [
                "F:1:23: certificates.chain: /etc/causeway/there/not.pem cannot be read: No such file or directory",
                "F:1:43: certificates.key: /dev/null cannot be read: it is not a regular file",
                "F:3:36: points[0].passwordFile: /nowhere/p cannot be read: No such file or directory",
            ])
        #expect(
            faults("certificates: {chain: /etc/passwd}\n") == [
                "F:1:23: certificates.chain: needs certificates.key beside it"
            ])
    }

    @Test func badYAMLHasItsLine() {
        #expect(
            faults("sip:\n\tdomain: x\n") == [
                "F:2:1: is not YAML: found character that cannot start any token"
            ])
        #expect(faults("sip: {domain: x\n") == ["F:2:1: is not YAML: did not find expected ',' or '}'"])
        #expect(faults("a: b\n---\nc: d\n") == ["F:2:1: is not YAML: but found another document"])
        #expect(faults("a: *nothing\n") == ["F:1:4: is not YAML: found undefined alias"])
    }

    @Test func fileThatIsNotTextHasTheLineOfTheFault() {
        #expect(
            faults(Array("log:\n  level: inf".utf8) + [0xFF, 0x0A]) == ["F:2: is not UTF-8 text; save it as UTF-8"])
        #expect(faults(Array("log: {}\n\n".utf8) + [0]).first?.hasPrefix("F:3: is not YAML: ") == true)
    }

    @Test func missingFileIsOneClearLine() {
        #expect {
            try Configuration.load(path: "/nowhere/causeway.yaml")
        } throws: { "\($0)" == "/nowhere/causeway.yaml: cannot be read: No such file or directory" }
        #expect {
            try Configuration.load(path: "/etc")
        } throws: { "\($0)" == "/etc: cannot be read: it is not a regular file" }
    }
}
