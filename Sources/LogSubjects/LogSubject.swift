/// What a line of the log can be about; the journal has each as a field of its own, `CAUSEWAY_MEETING=…`.
public enum SubjectKind: String, Sendable, CaseIterable {
    case call, meeting, point, room, job
}

/// A name of something that lines are about: where a line says it, the line has it as a field too.
public protocol LogSubject: CustomStringConvertible {
    static var kind: SubjectKind { get }
    /// What the field says, where it is not what the line does.
    var subjectName: String { get }
}

extension LogSubject {
    public var subjectName: String { description }
}
