#if canImport(BFCP)
    import BFCP

    /// Datagrams or messages of a stream, each behind its length, to a floor control server that two points may speak to.
    enum BFCPTarget {
        private static let flows = [
            FloorControlFlow(host: "192.0.2.7", port: 3000),
            FloorControlFlow(connection: 1, host: "2001:db8::9", port: 9),
        ]

        static func run(_ octets: [UInt8]) throws(FuzzFinding) {
            try check(octets)
            var input = FuzzInput(octets)
            var now = ContinuousClock.now
            var server = FloorControlServer()
            guard server.addConference(1) else { throw FuzzFinding(description: "a conference is not taken") }
            for (index, flow) in flows.enumerated() {
                let user = FloorUser(
                    userID: UInt16(index + 1), participant: FloorParticipant(rawValue: UInt64(index)), displayName: "p",
                    isChair: index == 1, hosts: [flow.host])
                try take(server.addUser(user, to: 1, at: now) ?? [])
            }
            for _ in 0..<128 where !input.isEmpty {
                let choice = input.byte()
                now += .milliseconds(Int(choice >> 1) * 8)
                try take(server.advance(to: now))
                let message = input.octets(Int(input.byte()))
                try check(message)
                try take(server.receive(message, from: flows[Int(choice & 1)], at: now))
            }
            for flow in flows { try take(server.closed(flow, at: now)) }
        }

        /// The round trip of one message, and a stream that begins with it.
        private static func check(_ octets: [UInt8]) throws(FuzzFinding) {
            if let message = try? BFCPMessage(parsing: octets) {
                try require((try? BFCPMessage(parsing: message.serialized())) == message, "the round trip changes it")
            }
            var framer = BFCPStreamFramer(maximumMessageSize: 1024)
            framer.append(octets)
            while let message = try? framer.next() {
                try require((12...1024).contains(message.count), "a frame of \(message.count) octets")
            }
        }

        private static func take(_ actions: [FloorControlAction]) throws(FuzzFinding) {
            for case .send(let octets, _) in actions {
                try require((try? BFCPMessage(parsing: octets)) != nil, "what is sent cannot be read")
            }
        }
    }
#endif
