import Archive
import Dossier
import Foundation

/// What packages say beside what is in the archive.
public struct PackageConfiguration: Sendable {
    /// What the schedule has of the meeting. Who may see it is not among that: the level under which it was held is kept with
    /// its record, whatever the schedule says now.
    public struct Background: Sendable {
        public var keywords: [String]
        /// Where it was held.
        public var place: String?
        public var convener: String?
        public var papers: [DossierPaper]
        /// What each point was to speak about by the agenda.
        public var subjects: [String: [String]]
        public init(
            keywords: [String] = [], place: String? = nil, convener: String? = nil, papers: [DossierPaper] = [],
            subjects: [String: [String]] = [:]
        ) {
            self.keywords = keywords
            self.place = place
            self.convener = convener
            self.papers = papers
            self.subjects = subjects
        }
    }

    /// The profile that is installed; nil where there is none, and no package is made.
    public var profile: String?
    /// The site's own file, with what differs.
    public var corrections: String?
    /// Where the schemas lie; those of the program where nothing is said.
    public var schemas: String?
    /// Of the program.
    public var version: String
    public var background: @Sendable (MeetingRecord) async -> Background

    public init(
        profile: String? = PackageConfiguration.installedProfile(), corrections: String? = nil,
        schemas: String? = nil, version: String = "0",
        background: @escaping @Sendable (MeetingRecord) async -> Background = { _ in Background() }
    ) {
        self.profile = profile
        self.corrections = corrections
        self.schemas = schemas
        self.version = version
        self.background = background
    }

    /// As it is installed, or, for a program that was built in a checkout, the checkout's.
    public static func installedProfile() -> String? {
        guard let program = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") else {
            return nil
        }
        var folder = URL(fileURLWithPath: program).deletingLastPathComponent()
        var places = [folder.deletingLastPathComponent().path + "/share/causeway/dossier-profile.json"]
        for _ in 0..<4 {
            folder.deleteLastPathComponent()
            places.append(folder.path + "/config/dossier-profile.json")
        }
        return places.first { FileManager.default.fileExists(atPath: $0) }
    }
}
