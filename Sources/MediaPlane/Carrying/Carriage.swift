import RTP

/// What a leg carries to another bridge, and how far its sound has come.
struct Carriage {
    let carried: LegID
    /// That leg, while both are in one room.
    var source: UnsafeMutablePointer<LegState>?
    var sound: SoundRewriter
}

extension LegParameters {
    /// What of them holds: all of a point's own leg; of one that carries another nothing is taken in, nor is its line looked
    /// at, nor has it panes.
    var ofCarriage: LegParameters {
        guard carried != nil else { return self }
        var parameters = self
        parameters.audio?.takeNothing()
        parameters.video?.takeNothing()
        parameters.slides?.takeNothing()
        parameters.panes = []
        for index in parameters.paths.indices {
            parameters.paths[index].members.removeAll { $0.role == .pane }
            parameters.paths[index].transportSequenceID = 0
            parameters.paths[index].estimates = false
        }
        return parameters
    }
}

extension StreamParameters {
    fileprivate mutating func takeNothing() {
        (receivable, retransmissions, receives) = ([], [], false)
    }
}
