/// The known name that `name` was most likely meant to be: at most a third of its letters differ. Of very many only the
/// first thousand are compared.
func nearest(to name: String, among known: [String]) -> String? {
    let given = plain(name)
    guard given.count <= 64 else { return nil }
    let ranked = known.prefix(1000).map { (distance: editDistance(given, plain($0)), name: $0) }
    guard let best = ranked.min(by: { $0.distance < $1.distance }) else { return nil }
    return best.distance <= max(1, max(given.count, best.name.count) / 3) ? best.name : nil
}

/// `allow-clear_media` and `allowClearMedia` are the same to whoever types them.
private func plain(_ name: String) -> [Character] {
    name.lowercased().filter { $0 != "-" && $0 != "_" }.map { $0 }
}

/// Insertions, deletions and replacements that turn one into the other (Levenshtein).
private func editDistance(_ left: [Character], _ right: [Character]) -> Int {
    var row = Array(0...right.count)
    for (i, a) in left.enumerated() {
        var diagonal = row[0]
        row[0] = i + 1
        for (j, b) in right.enumerated() {
            let replaced = diagonal + (a == b ? 0 : 1)
            diagonal = row[j + 1]
            row[j + 1] = min(replaced, row[j] + 1, row[j + 1] + 1)
        }
    }
    return row[right.count]
}
