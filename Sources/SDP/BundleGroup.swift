/// m-lines that share a transport (RFC 9143).
struct BundleGroup: Equatable {
    /// The m-lines, counted from 0, in the group's order. The first is tagged: it has the transport's attributes.
    var indexes: [Int]

    var tagged: Int? { indexes.first }

    /// The groups that a description names, of m-lines that it has. An m-line is in the first that names it.
    static func groups(in session: SessionDescription) -> [BundleGroup] {
        var places: [Substring: Int] = [:]
        for (index, media) in session.media.enumerated() {
            guard let mid = media.identification, !mid.isEmpty else { continue }
            // Of two with one name neither is meant.
            places[mid[...]] = places[mid[...]] == nil ? index : -1
        }
        var taken: Set<Int> = []
        return session.attributes.all("group").prefix(SessionDescription.maximumMedia).compactMap { value in
            let words = value.words
            guard words.first?.isSameIgnoringCase("BUNDLE") == true else { return nil }
            let indexes = words.dropFirst().compactMap { places[$0] }.filter { $0 >= 0 && taken.insert($0).inserted }
            return indexes.isEmpty ? nil : BundleGroup(indexes: indexes)
        }
    }

    /// The groups that two descriptions agree on, whichever answers the other: an answer has no more than its offer.
    static func agreed(_ one: SessionDescription, _ other: SessionDescription) -> [BundleGroup] {
        let others = groups(in: other)
        return groups(in: one).compactMap { group in
            let match = others.first { $0.indexes.contains { group.indexes.contains($0) } }
            guard let match else { return nil }
            let indexes = group.indexes.filter { index in
                match.indexes.contains(index) && [one, other].allSatisfy { $0.media[index].isOn }
            }
            return indexes.isEmpty ? nil : BundleGroup(indexes: indexes)
        }
    }

    /// The value of `a=group`.
    func value(in session: SessionDescription) -> String {
        (["BUNDLE"] + indexes.compactMap { session.media[$0].identification }).joined(separator: " ")
    }
}

extension MediaDescription {
    /// Without a transport of its own: it is to be had in its BUNDLE or not at all (RFC 9143 §6).
    var isBundleOnly: Bool { port == 0 && attributes.first("bundle-only") != nil }

    /// It is offered, with a port of its own or in a BUNDLE.
    var isOn: Bool { port != 0 || isBundleOnly }
}
