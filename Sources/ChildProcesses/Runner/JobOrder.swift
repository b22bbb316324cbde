/// A child that the runner is to start. What it is made of was looked at when it was made: it can be written, and read again.
package struct JobOrder: Hashable, Sendable {
    package enum Flaw: Error, Hashable, Sendable {
        /// Together more than ``JobMessage/longest``, or of more parts than ``mostTexts``.
        case tooLong
        /// A path that is not absolute, a text with a NUL in it, a bound that is none.
        case badValue
    }

    /// What ``ChildProcess/Confinement`` says, but for the input, which is a descriptor.
    package struct Bounds: Hashable, Sendable {
        package let processorSeconds: Int64
        package let fileOctets: Int64
        /// 0 for any.
        package let memoryOctets: Int64

        package init(processorSeconds: Int64, fileOctets: Int64, memoryOctets: Int64) {
            self.processorSeconds = processorSeconds
            self.fileOctets = fileOctets
            self.memoryOctets = memoryOctets
        }
    }

    /// Of arguments, and of what the environment has.
    static let mostTexts = 4_096

    /// An absolute path.
    package let program: String
    package let arguments: [String]
    /// Each `NAME=value`.
    package let environment: [String]
    /// An absolute path.
    package let directory: String
    /// -20 to 19.
    package let niceness: Int32
    /// Nil where the child is not confined; then it has no input.
    package let bounds: Bounds?

    package init(
        program: String, arguments: [String], environment: [String], directory: String, niceness: Int32, bounds: Bounds?
    ) throws(Flaw) {
        let texts = [program, directory] + arguments + environment
        let length = texts.reduce(64) { $0 + 4 + $1.utf8.count }
        guard length <= JobMessage.longest, arguments.count <= Self.mostTexts, environment.count <= Self.mostTexts
        else {
            throw .tooLong
        }
        guard program.utf8.first == UInt8(ascii: "/"), directory.utf8.first == UInt8(ascii: "/"),
            !texts.contains(where: { $0.utf8.contains(0) }), (-20...19).contains(niceness)
        else { throw .badValue }
        if let bounds {
            guard bounds.processorSeconds > 0, bounds.fileOctets >= 0, bounds.memoryOctets >= 0 else { throw .badValue }
        }
        self.program = program
        self.arguments = arguments
        self.environment = environment
        self.directory = directory
        self.niceness = niceness
        self.bounds = bounds
    }

    /// How many descriptors come with it.
    package var descriptors: Int { bounds == nil ? 2 : 3 }

    init(from reader: inout JobReader) throws(JobMessage.ParseFailure) {
        let isConfined = try reader.octet()
        guard isConfined <= 1 else { throw .badValue }
        let niceness = try reader.number()
        var bounds: Bounds?
        if isConfined == 1 {
            bounds = Bounds(
                processorSeconds: try reader.large(), fileOctets: try reader.large(), memoryOctets: try reader.large())
        }
        let (program, directory) = (try reader.text(), try reader.text())
        let arguments = try reader.texts(most: Self.mostTexts)
        let environment = try reader.texts(most: Self.mostTexts)
        do throws(Flaw) {
            try self.init(
                program: program, arguments: arguments, environment: environment, directory: directory,
                niceness: niceness, bounds: bounds)
        } catch { throw .badValue }
    }

    func write(to writer: inout JobWriter) {
        writer.octet(bounds == nil ? 0 : 1)
        writer.number(niceness)
        if let bounds {
            writer.large(bounds.processorSeconds)
            writer.large(bounds.fileOctets)
            writer.large(bounds.memoryOctets)
        }
        writer.text(program)
        writer.text(directory)
        writer.texts(arguments)
        writer.texts(environment)
    }
}
