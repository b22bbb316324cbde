import Testing

/// What happens in real time over lines of the tests: one after the other, for each would be the other's bad line.
@Suite(.serialized) enum OverBadLines {}
