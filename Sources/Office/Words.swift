/// A text for people in both languages of the product, Vietnamese first.
public struct Words: Hashable, Sendable, Codable, CustomStringConvertible {
    public var vietnamese: String
    public var english: String
    public init(_ vietnamese: String, _ english: String) {
        self.vietnamese = vietnamese
        self.english = english
    }
    public var description: String { english }
}

/// Something that the Office's rules do not allow, said so that whoever asked can mend it.
public protocol OfficeFault: Error, CustomStringConvertible, Sendable {
    var words: Words { get }
}

extension OfficeFault {
    public var description: String { words.english }
}
