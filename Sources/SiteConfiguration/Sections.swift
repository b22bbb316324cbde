extension Configuration: ConfigurationSection {
    static var keys: [Key<Self>] {
        [
            Key("sip", \.sip, .section, "Signalling: for whom the bridge speaks and where it listens."),
            Key("media", \.media, .section, "Sound and picture: addresses, ports, encryption."),
            Key("archive", \.archive, .section, "Where recordings and their meetings' papers are kept."),
            Key("recording", \.recording, .section, "How recordings are prepared for viewing."),
            Key("papers", \.papers, .section, "What is done with papers as they are brought."),
            Key("portal", \.portal, .section, "Access by web and by the command line."),
            Key("announcements", \.announcements, .section, "What the bridge says, and in which languages."),
            Key("lineCheck", \.lineCheck, .section, "What points dial to have their line checked."),
            Key("schedule", \.schedule, .section, "What meetings have where they say nothing else."),
            Key("cluster", \.cluster, .section, "Several bridges that share meetings, a database and an archive."),
            Key(
                "trunks", \.trunks, .section,
                "Several bridges among which rooms are divided by hand, and of which points may call any."),
            Key(
                "certificates", \.certificates, .section, reloads: true,
                "The server's certificate: self-made by a site CA, or given."),
            Key("limits", \.limits, .section, "Bounds on what peers can make the daemon hold."),
            Key("log", \.log, .section, "What the daemon writes about itself."),
            Key(
                "units", \.units, .list(of: .section, 0...10_000), reloads: true,
                "Agencies, in the order of protocol."),
            Key(
                "points", \.points, .list(of: .section, 0...10_000), reloads: true,
                "Connection points and their accounts, in the order of protocol."),
            Key("rooms", \.rooms, .list(of: .section, 0...10_000), reloads: true, "Where meetings are held."),
        ]
    }
}

extension Configuration.SIP: ConfigurationSection {
    static var keys: [Key<Self>] {
        [
            Key(
                "domain", \.domain, .host,
                "The part after @ in the bridge's addresses, and the realm of points' ha1 digests."
            ),
            Key("listeners", \.listeners, .list(of: .section, 1...64), "The sockets on which SIP is heard."),
            Key("ringing", \.ringing, .flag, "Answers 180 Ringing before 200 OK."),
            Key(
                "floorControlPort", \.floorControlPort, .integer(0...65_535),
                "The UDP and TCP port by which room systems ask to share slides (BFCP); 0 lets the system choose."),
            Key(
                "pointAuthority", \.pointAuthority, .optional(.path), reloads: true,
                "A PEM file of the authorities whose certificates points may sign in with over TLS (RFC 5922)."),
            Key(
                "traceOctets", \.traceOctets, .integer(0...1_073_741_824, "octets"),
                "Memory for the latest SIP messages, by which causeway trace tells the story of a call; 0 keeps none."),
        ]
    }
}

extension Configuration.Listener: ConfigurationSection {
    static var keys: [Key<Self>] {
        [
            Key("transport", \.transport, .choice, required: true, "How SIP is carried."),
            Key("address", \.address, .ipAddress, required: true, "The local address; 0.0.0.0 or :: for all."),
            Key("port", \.port, .integer(1...65_535), required: true, "Usually 5060, and 5061 for tls."),
            Key(
                "advertised", \.advertised, .optional(.host),
                "What points are told to send to, where it differs from the address; needed with 0.0.0.0 and ::."),
            Key(
                "allowClearMedia", \.allowClearMedia, .flag,
                "Lets in calls whose media is not encrypted. Only for a line that is protected otherwise."),
        ]
    }
}

extension Configuration.Media: ConfigurationSection {
    static var keys: [Key<Self>] {
        [
            Key("bind", \.bind, .ipAddress, "The local address of media; 0.0.0.0 or :: for all."),
            Key(
                "advertised", \.advertised, .optional(.ipAddress),
                "The address that points send media to, where it differs; needed with 0.0.0.0 and ::."),
            Key("ports", \.ports, .ports(1024...65_535, atLeast: 4), "UDP ports; each point in a meeting takes four."),
            Key("workers", \.workers, .integer(0...256, "threads"), "Media threads; 0 is one for each processor core."),
            Key(
                "realTimePriority", \.realTimePriority, .integer(0...50),
                "Media threads run before all that is not real-time, with this priority (SCHED_RR), where the unit's LimitRTPRIO allows it; 0 does without."
            ),
            Key("srtp", \.srtp, .section, "Encryption of media."),
            Key(
                "silenceLimit", \.silenceLimit, .duration(.seconds(5)...(.seconds(600))),
                "A point from which nothing came for this long is taken out of the meeting."),
            Key("dscp", \.dscp, .section, "The marks of sent packets for the network's priority."),
        ]
    }
}

extension Configuration.DSCP: ConfigurationSection {
    static var keys: [Key<Self>] {
        [
            Key("audio", \.audio, .integer(0...63), "Of sound; 46 is expedited forwarding."),
            Key("video", \.video, .integer(0...63), "Of pictures; 34 is AF41."),
        ]
    }
}

extension Configuration.SRTP: ConfigurationSection {
    static var keys: [Key<Self>] {
        [
            Key("engine", \.engine, .choice, "The library that encrypts; auto takes the fastest that runs here."),
            Key("suites", \.suites, .list(of: .choice, 1...5), "Cipher suites, in the order of preference."),
        ]
    }
}

extension Configuration.Archive: ConfigurationSection {
    static var keys: [Key<Self>] {
        [
            Key("directory", \.directory, .path, "One directory a meeting is made in it, beside the catalogue."),
            Key(
                "holidays", \.holidays, .optional(.path), reloads: true,
                "Public holidays, a CSV file as config/holidays.csv; the installed one where this is left out."),
            Key(
                "dossierProfile", \.dossierProfile, .optional(.path),
                "Whose archival packages are, and what of their forms and codes the site corrects: JSON, see docs/packages.md."
            ),
            Key(
                "organization", \.organization, .optional(.text()),
                "The agency whose records they are, as packages are to name it."),
            Key("seal", \.seal, .section, "By whom packages are sealed."),
            Key("fixity", \.fixity, .section, "How sealed packages are looked after."),
            Key("secondLocation", \.secondLocation, .section, "Where sealed packages are copied, and restored from."),
            Key("retention", \.retention, .section, "For how long meetings are kept."),
            Key(
                "harvest", \.harvest, .section,
                "Whether archive systems may harvest what is known of ordinary meetings."),
            Key(
                "encryption", \.encryption, .section,
                "Whether packages of restricted meetings, and of those above, are encrypted."),
        ]
    }
}

extension Configuration.Encryption: ConfigurationSection {
    static var keys: [Key<Self>] {
        [
            Key(
                "restricted", \.restricted, .choice,
                "required: without a key they are not recorded; whenKeyed: where there is a key; never."),
            Key(
                "credential", \.credential, .identifier,
                "The unit's credential with the key that wraps theirs; see docs/security-archive.md."),
            Key(
                "formerCredential", \.formerCredential, .optional(.identifier),
                "The key before it: what it wrapped is wrapped anew at the start."),
        ]
    }
}

extension Configuration.Harvest: ConfigurationSection {
    static var keys: [Key<Self>] {
        [
            Key(
                "email", \.email, .optional(.mailAddress),
                "Whom those who harvest by OAI-PMH may write to; where it is left out nobody harvests. See docs/api.md."
            ),
            Key(
                "name", \.name, .optional(.text()),
                "What the archive is called to them; the organization where this is left out."),
        ]
    }
}

extension Configuration.Retention: ConfigurationSection {
    static var keys: [Key<Self>] {
        [
            Key(
                "table", \.table, .optional(.path),
                "The classes and their terms, a CSV file as config/retention.csv; the installed one where this is left out."
            ),
            Key(
                "class", \.standard, .optional(.text(upTo: 20)),
                "The code of the class of meetings that nobody gave another; the first permanent one where this is left out."
            ),
            Key(
                "by", \.by, .choice,
                "clock: the daemon tries again by itself what could not be destroyed; timer: when causeway-retention.timer asks, and by itself after two days without."
            ),
        ]
    }
}

extension Configuration.Fixity: ConfigurationSection {
    static var keys: [Key<Self>] {
        [
            Key(
                "interval", \.interval, .duration(.seconds(3_600)...(.seconds(3_650 * 86_400))),
                "Each package is verified once in this time."),
            Key("rate", \.rate, .integer(1...10_000), "So many megabytes are read a second for it, at most."),
            Key(
                "by", \.by, .choice,
                "clock: the daemon checks packages as they fall due; timer: when causeway-fixity.timer asks, and by itself after two days without."
            ),
        ]
    }
}

extension Configuration.SecondLocation: ConfigurationSection {
    static var keys: [Key<Self>] {
        [
            Key("path", \.path, .optional(.path), "A directory on another disk, mounted; it is never made."),
            Key(
                "remote", \.remote, .optional(.text(upTo: 1_000)),
                "NAME:PATH of rclone's, in place of a path; NAME stands in its configuration file."),
            Key(
                "rcloneConfig", \.rcloneConfig, .optional(.path),
                "rclone's configuration file, which alone has the remote's credentials; needed with remote."),
            Key(
                "rate", \.rate, .integer(1...10_000),
                "So many megabytes a second are copied there or read there, at most."),
            Key("verify", \.verify, .flag, "Whether copies there are read again each time that their packages are."),
            Key(
                "databases", \.databases, .flag,
                "Whether the catalogue and the Office's database are copied there each day; two weeks of them are kept."
            ),
        ]
    }
}

extension Configuration.Seal: ConfigurationSection {
    static var keys: [Key<Self>] {
        [
            Key(
                "certificate", \.certificate, .optional(.path),
                "A PEM file with the certificate that signs packages and its chain; the archive's own key where it is left out."
            ),
            Key("key", \.key, .optional(.path), "A PEM file with the certificate's private key."),
            Key(
                "timeStampURL", \.timeStampURL, .optional(.text()),
                "An authority (RFC 3161) that stamps each seal: http://… or https://…."),
            Key(
                "timeStampAuthorities", \.timeStampAuthorities, .optional(.path),
                "A PEM file of those whose time stamps are good."),
        ]
    }
}

extension Configuration.Recording: ConfigurationSection {
    static var keys: [Key<Self>] {
        [
            Key("accessCopy", \.accessCopy, .section, "The film composed from a recording."),
            Key(
                "second", \.second, .optional(.path),
                "A directory, on another disk, where each meeting is recorded a second time; both become one master."),
        ]
    }
}

extension Configuration.AccessCopy: ConfigurationSection {
    static var keys: [Key<Self>] {
        [
            Key("size", \.size, .pictureSize, "Width and height in pixels."),
            Key("frameRate", \.frameRate, .integer(5...60, "pictures a second"), "More take longer to compose."),
            Key("jobs", \.jobs, .integer(1...64), "How many films are composed at once."),
            Key(
                "cores", \.cores, .integer(0...64, "processors"),
                "For each film, behind all meetings; 0 is every one there is."),
        ]
    }
}

extension Configuration.Papers: ConfigurationSection {
    static var keys: [Key<Self>] {
        [
            Key(
                "clamd", \.clamd, .optional(.path),
                "The Unix socket of ClamAV's daemon, by which papers are looked at for viruses; then none is taken that cannot be."
            )
        ]
    }
}

extension Configuration.Portal: ConfigurationSection {
    static var keys: [Key<Self>] {
        [
            Key("socket", \.socket, .path, "The Unix socket by which the command causeway speaks to the daemon."),
            Key("address", \.address, .ipAddress, "The local address of HTTPS; 0.0.0.0 or :: for all."),
            Key("port", \.port, .integer(0...65_535), "The TCP port of HTTPS; 0 serves none."),
            Key(
                "tokens", \.tokens, .list(of: .section, 0...1000), reloads: true,
                "Who may come in by HTTPS with a bearer token."),
            Key(
                "secondFactor", \.secondFactor, .choice, reloads: true,
                "An authenticator app: required of administrators and archivists, or only offered."),
            Key(
                "limits", \.limits, .section, reloads: true,
                "How much may be asked of it, and how often may be guessed; more is 429. See docs/api.md."),
            Key(
                "openID", \.openID, .section,
                "The site's identity provider, by which people may sign in; see docs/portal.md."),
            Key(
                "url", \.url, .optional(.webAddress("https", example: "https://hop.example.vn")),
                "Under which browsers reach the portal, for invitation links; https://ADDRESS:PORT where left out."),
            Key(
                "webSocket", \.webSocket, .optional(.webAddress("wss", example: "wss://hop.example.vn:7443")),
                "Where the join page finds SIP over WebSocket; the first wss listener where this is left out."),
            Key(
                "support", \.support, .text(), reloads: true,
                "Whom points call for help, with telephone: stands on join guides."),
            Key(
                "telephone", \.telephone, .optional(.text(upTo: 40)), reloads: true,
                "The number by which plain telephones come in through a gateway, for join guides; none where left out."),
        ]
    }
}

extension Configuration.RequestLimits: ConfigurationSection {
    static var keys: [Key<Self>] {
        [
            Key(
                "anything", \.anything, .integer(60...1_000_000, "a minute"), reloads: true,
                "All that one token or one person asks."),
            Key(
                "search", \.search, .integer(1...1_000_000, "a minute"), reloads: true,
                "Searches of one token or person."),
            Key(
                "download", \.download, .integer(60...1_000_000, "a minute"), reloads: true,
                "Pieces of films and other files, by one token or person; a player asks for many of one film."),
            Key(
                "accessRequest", \.accessRequest, .integer(1...1_000_000, "a minute"), reloads: true,
                "Requests for recordings, by one token or person."),
            Key(
                "signIn", \.signIn, .integer(1...1_000_000, "a minute"), reloads: true,
                "Passwords and codes for one account."),
            Key(
                "signInFromAddress", \.signInFromAddress, .integer(1...1_000_000, "a minute"), reloads: true,
                "Sign-ins from one address; a house behind one address needs more."),
            Key(
                "wrongTokens", \.wrongTokens, .integer(1...1000), reloads: true,
                "From one address within shutOut, before it is shut out for as long."),
            Key(
                "wrongPasswords", \.wrongPasswords, .integer(1...1000), reloads: true,
                "From one address, also codes and links, in the same way."),
            Key(
                "shutOut", \.shutOut, .duration(.seconds(10)...(.seconds(86_400))), reloads: true,
                "For how long an address is shut out that guesses."),
        ]
    }
}

extension Configuration.OpenID: ConfigurationSection {
    static var keys: [Key<Self>] {
        [
            Key(
                "issuer", \.issuer,
                .optional(.webAddress("https", example: "https://dangnhap.example.vn", isExact: true)),
                "As it stands in its tokens; where it is left out nobody signs in by a provider."),
            Key(
                "client", \.client, .optional(.text()),
                "What the bridge is called there; its address for answers is URL/openid/return, for ends of sessions URL/openid/logout."
            ),
            Key(
                "secretFile", \.secretFile, .optional(.path),
                "A file whose first line is the client's secret, such as a credential of systemd; none for a public client."
            ),
            Key(
                "name", \.name, .optional(.text(upTo: 60)),
                "What people call it, on the button; its host where left out."),
            Key(
                "authority", \.authority, .optional(.path),
                "A PEM file of those who vouch for its server; the machine's own where this is left out."),
            Key(
                "claim", \.claim, .text("the name of a claim", upTo: 60),
                "Which says who somebody is: it is compared with the identity of people in the register."),
            Key(
                "scopes", \.scopes, .list(of: .text("a scope", upTo: 60), 0...20), "Asked for besides openid."),
            Key(
                "methods", \.methods, .list(of: .text("a method", upTo: 60), 0...20),
                "Values of amr (RFC 8176) that say that a second factor was used; otherwise the bridge asks for its own."
            ),
            Key(
                "contexts", \.contexts, .list(of: .text("a context", upTo: 200), 0...20),
                "Values of acr that say so; they are asked for."),
        ]
    }
}

extension Configuration.Token: ConfigurationSection {
    static var keys: [Key<Self>] {
        [
            Key("name", \.name, .text(), required: true, "Who has it; the audit says this name."),
            Key("role", \.role, .choice, required: true, "What may be done with it."),
            Key(
                "scopes", \.scopes, .list(of: .choice, 0...64),
                "What of that, as docs/api.md lists it; everything where this is left out."),
            Key(
                "sha256", \.sha256, .hexadecimal("the SHA-256 of the token", octets: 32), required: true,
                "Of the token only this is kept: printf %s TOKEN | sha256sum."),
        ]
    }
}

extension Configuration.Certificates: ConfigurationSection {
    static var keys: [Key<Self>] {
        [
            Key(
                "directory", \.directory, .path,
                "Where the site's own CA and the server's certificate are made and kept; give points its ca.pem."),
            Key(
                "names", \.names, .list(of: .host, 0...100),
                "DNS names and IP addresses it is for; empty takes the domain and the addresses of tls and HTTPS."
            ),
            Key(
                "chain", \.chain, .optional(.path),
                "A PEM file, server certificate first, used instead of a self-made one."),
            Key("key", \.key, .optional(.path), "The PEM file of the chain's private key."),
        ]
    }
}

extension Configuration.Limits: ConfigurationSection {
    static var keys: [Key<Self>] {
        [
            Key("calls", \.calls, .integer(1...100_000), "Calls at once; more hear 503."),
            Key("connections", \.connections, .integer(1...100_000), "TCP and TLS connections at once."),
            Key("connectionsPerAddress", \.connectionsPerAddress, .integer(1...100_000), "Of them, from one address."),
            Key(
                "messageSize", \.messageSize, .integer(4096...65_535, "octets"),
                "The longest SIP message; longer ones are refused."),
            Key(
                "sessionExpires", \.sessionExpires, .duration(.seconds(90)...(.seconds(86_400))),
                "A call must show so often that it still stands (RFC 4028)."),
            Key(
                "minimumSessionExpires", \.minimumSessionExpires, .duration(.seconds(90)...(.seconds(86_400))),
                "The shortest such interval that a point may ask for."),
            Key(
                "authenticationFailures", \.authenticationFailures, .integer(1...1000),
                "Wrong passwords of one name from one address in a minute before it hears 403."),
            Key(
                "callsPerSecond", \.callsPerSecond, .integer(1...10_000),
                "New calls a second; more hear 503. A third is kept for points that have proved who they are."),
            Key(
                "registrationsPerSecond", \.registrationsPerSecond, .integer(1...100_000),
                "Registrations a second; more hear 503."),
            Key(
                "ban", \.ban, .duration(.seconds(10)...(.seconds(86_400))),
                "How long an address is shut out that guesses passwords or scans; each further time twice as long."),
        ]
    }
}

extension Configuration.Log: ConfigurationSection {
    static var keys: [Key<Self>] {
        [
            Key("level", \.level, .choice, reloads: true, "The least important messages that are written."),
            Key("format", \.format, .choice, "Lines for people, or JSON for machines."),
            Key(
                "journalMonths", \.journalMonths, .integer(3...120, "months"),
                "For how long the Office's journal of who did what is kept; what is older is counted, and cut with a trace."
            ),
        ]
    }
}

extension Configuration.Unit: ConfigurationSection {
    static var keys: [Key<Self>] {
        [
            Key("id", \.id, .identifier, required: true, "Its code; never shown to points."),
            Key("name", \.name, .text(), required: true, "As it is written on the roll and in the archive."),
        ]
    }
}

extension Configuration.Point: ConfigurationSection {
    static var keys: [Key<Self>] {
        [
            Key("id", \.id, .identifier, required: true, "Its code, which rooms name."),
            Key(
                "name", \.name, .text(), required: true, "As it is written on pictures, on the roll and in the archive."
            ),
            Key("unit", \.unit, .optional(.identifier), "The unit that it belongs to."),
            Key(
                "username", \.givenUsername, .optional(.username),
                "By which it signs in; its id where this is left out."),
            Key(
                "password", \.password, .optional(.password),
                "One of password, passwordFile, ha1Sha256/ha1Md5 and certificate must be there."),
            Key("passwordFile", \.passwordFile, .optional(.path), "A file whose first line is the password."),
            Key(
                "ha1Sha256", \.ha1Sha256, .optional(.hexadecimal("SHA-256 of username:domain:password", octets: 32)),
                "Keeps the password out of the file: printf %s USERNAME:DOMAIN:PASSWORD | sha256sum."),
            Key(
                "ha1Md5", \.ha1Md5, .optional(.hexadecimal("MD5 of username:domain:password", octets: 16)),
                "The same by md5sum, for points that know no SHA-256."),
            Key(
                "address", \.address, .optional(.sipURI),
                "Where the bridge calls it when it has not registered, such as a room system without an account."),
            Key(
                "telephone", \.isTelephone, .flag, "It brings plain telephones in, which are asked for the room's PIN."),
            Key(
                "certificate", \.certificate, .flag,
                "It may sign in by a TLS certificate of sip.pointAuthority for sip:USERNAME@DOMAIN, password or not."),
        ]
    }
}

extension Configuration.Room: ConfigurationSection {
    static var keys: [Key<Self>] {
        [
            Key("id", \.id, .identifier, required: true, "The part before @ in its address."),
            Key(
                "title", \.givenTitle, .optional(.text()),
                "As it is written in the archive; its id where this is left out."),
            Key("open", \.isOpen, .flag, "false lets nobody in."),
            Key("points", \.points, .invited, "Whom it lets in."),
            Key("recording", \.recording, .section, "By whose decision meetings here are recorded."),
            Key("sound", \.sound, .section, "What is done for the sound of its points, from the next meeting on."),
            Key(
                "linger", \.linger, .duration(.seconds(0)...(.seconds(3600))),
                "How long a meeting waits, once the last point left, for one to come back."),
            Key("maxPoints", \.maxPoints, .integer(1...5000), "Points in it at once."),
            Key(
                "microphones", \.microphones, .choice,
                "How microphones stand when points join: muted until the chair opens them, or open."),
            Key("pin", \.pin, .optional(.password), "What telephones are asked for, in digits."),
            Key("chair", \.chair, .optional(.identifier), "The point that leads meetings here which nobody convened."),
            Key("callBack", \.callsBack, .flag, "Whether a point that drops is called back at once."),
            Key(
                "retentionClass", \.retentionClass, .optional(.text(upTo: 20)),
                "The code of the class that meetings here have in the retention table; archive.retention.class where left out."
            ),
        ]
    }
}

extension Configuration.Sound: ConfigurationSection {
    static var keys: [Key<Self>] {
        [
            Key("gain", \.gain, .flag, "Makes points that are far too soft louder, and those far too loud softer."),
            Key(
                "noiseSuppression", \.noiseSuppression, .flag, "Takes steady noise out of voices; costs processor time."
            ),
        ]
    }
}

extension Configuration.RecordingRule: ConfigurationSection {
    static var keys: [Key<Self>] {
        [
            Key("order", \.order, .choice, "standing records every meeting here; with none nothing is written."),
            Key("orderedBy", \.orderedBy, .text(), "Who decided; needed with standing."),
            Key("document", \.document, .text(), "Number and date of the decision; needed with standing."),
            Key(
                "mark", \.mark, .choice,
                "Where pictures that are forwarded as they come are composed while a recording runs, so that its mark is on them: in meetings that the Office convened, always, or never."
            ),
        ]
    }
}
