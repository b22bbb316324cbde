extension Configuration.Cluster {
    /// How the shared PostgreSQL is reached, with its password where there is one: for libpq alone. Nil where the bridge is alone.
    public var databaseAccess: Secret? {
        guard isOn, let database else { return nil }
        guard let password = password?.reveal() else { return Secret(database) }
        if database.contains("://") {
            return Secret(database + (database.contains("?") ? "&" : "?") + "password=" + Self.escaped(password))
        }
        let quoted = password.replacing("\\", with: "\\\\").replacing("'", with: "\\'")
        return Secret("\(database) password='\(quoted)'")
    }

    /// As a value in the query of an address (RFC 3986 §2.1).
    private static func escaped(_ text: String) -> String {
        text.utf8.map { octet in
            let isPlain =
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(octet | 0x20)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(octet)
            let hexadecimal = String(octet, radix: 16, uppercase: true)
            return isPlain
                ? String(UnicodeScalar(octet)) : "%" + (hexadecimal.utf8.count < 2 ? "0" : "") + hexadecimal
        }.joined()
    }
}
