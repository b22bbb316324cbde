import Foundation

/// The forms, codes and figures of the national rules, as data: `config/dossier-profile.json`. A site corrects them in a file
/// of its own, which has only what differs.
public struct DossierProfile: Codable, Hashable, Sendable {
    /// Of whom the dossiers are. Empty until a site says it.
    public struct Site: Codable, Hashable, Sendable {
        /// Of the archive that receives.
        public var archiveCode: String
        public var archiveName: String
        /// Of the agency whose dossiers they are (*mã định danh cơ quan*).
        public var agencyCode: String
        public var agencyName: String
        public var fondsCode: String
        /// How long what meetings left is kept, in years; for ever where nothing is said.
        public var retentionYears: Int?
        /// Languages of what it keeps, as `codes.language` means them; nobody measures what is spoken. Vietnamese where nothing is said.
        public var languages: [String]?
    }

    /// One code of a list.
    public struct Code: Codable, Hashable, Sendable {
        public var code: String
        /// By which the program knows it: `permanent`, `open`, `film`, a number of years, a language.
        public var means: String
        public var vi: String
        public var en: String
    }

    /// One element of a form.
    public struct Field: Codable, Hashable, Sendable {
        public enum Kind: String, Codable, Hashable, Sendable {
            case text, code
            /// `DD/MM/YYYY`, the day in Vietnam.
            case date
            /// A whole number; `maximum` is of its digits.
            case number
            /// 1 or 0.
            case flag
            /// `HH:MM:SS`.
            case time
        }
        /// Of the element.
        public var name: String
        /// The value that goes there, one of ``FormValue/names``; the field's own name where nothing is said.
        public var from: String?
        /// What always goes there.
        public var fixed: String?
        public var vi: String
        public var en: String
        public var kind: Kind
        /// The list of codes.
        public var codes: String?
        /// Several codes may stand there, divided by `;`.
        public var several: Bool?
        /// In characters.
        public var maximum: Int?
        public var required: Bool?
        /// Required where that other field is 1.
        public var requiredWith: String?

        var source: String { from ?? name }
        var isRequired: Bool { required ?? false }
    }

    /// A document of fields, one element each, in their order.
    public struct Form: Codable, Hashable, Sendable {
        /// The file name of its schema.
        public var schema: String
        public var root: String
        public var fields: [Field]
    }

    public struct Package: Codable, Hashable, Sendable {
        /// With `{uuid}`, and `{fonds}` where the fonds is part of it. The directory's name is this with `_` for `:`.
        public var objectID: String
        /// `mets/@TYPE`.
        public var type: String
        public var profile: String
        public var representationProfile: String
        /// A Dublin Core record goes with it.
        public var dublinCore: Bool
        /// What recordings may be.
        public var media: [String]
        /// The names of its forms.
        public var dossier: String
        public var recording: String
        public var paper: String
    }

    /// The sheet of authentication of a package for use.
    public struct Sheet: Codable, Hashable, Sendable {
        public struct Item: Codable, Hashable, Sendable {
            public var mark: String
            public var value: String
            public var vi: String
            public var en: String
            public var optional: Bool?
        }
        public var vi: String
        public var en: String
        public var items: [Item]
    }

    /// How copies for supply are encoded.
    public struct Supply: Codable, Hashable, Sendable {
        public enum Sound: String, Codable, Hashable, Sendable { case wav, mp3, aac }
        /// In 1,000 bits a second.
        public var videoKilobits: Int
        /// A film with less is not let out.
        public var leastVideoKilobits: Int
        public var audioKilobits: Int
        /// Of what has no film.
        public var sound: Sound
    }

    public struct Format: Codable, Hashable, Sendable {
        public var mime: String
        /// With what such a file begins; of several of a kind the first that fits counts.
        public var begins: String?
        public var name: String
        public var version: String?
        /// The key in PRONOM, the National Archives' registry.
        public var pronom: String?
    }

    public var name: String
    public var certainty: String
    public var site: Site
    public var codes: [String: [Code]]
    public var packages: [String: Package]
    public var forms: [String: Form]
    public var sheet: Sheet
    public var supply: Supply
    public var formats: [Format]
}

extension DossierProfile {
    /// Of the rules themselves, in the checked profile these are always there.
    func package(_ kind: PackageKind) -> Package? { packages[kind.rawValue] }

    func code(_ list: String?, meaning: String) -> Code? {
        list.flatMap { codes[$0] }?.first { $0.means == meaning }
    }

    /// The format of a file by its type and its first octets.
    func format(_ mime: String, beginning: Data) -> Format {
        let mime = mime.split(separator: ";").first.map(String.init) ?? mime
        return formats.first { $0.mime == mime && beginning.starts(with: Data(($0.begins ?? "").utf8)) }
            ?? Format(mime: mime, begins: nil, name: mime, version: nil, pronom: nil)
    }
}

/// What a package is for (ISO 14721).
public enum PackageKind: String, Hashable, Sendable, CaseIterable, Codable {
    /// Submission: what an agency hands to an archive (*SIP_hoso*).
    case submission = "sip"
    /// Archival: what the archive keeps (*AIP_hoso*).
    case archival = "aip"
    /// Dissemination: what somebody gets who asked (*DIP*).
    case dissemination = "dip"
}
