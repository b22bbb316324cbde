import ArgumentParser
import PortalAPI

/// An order that needs nothing but its meeting, or a point in it.
protocol NamedOrder {
    static var kind: MeetingOrder.Kind { get }
    static var abstract: String { get }
}

/// An order in a meeting as a whole.
struct MeetingOrderCommand<Order: NamedOrder>: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(commandName: Order.kind.rawValue, abstract: Order.abstract)
    }

    @OptionGroup var connection: ConnectionOptions
    @Argument(help: "The meeting's id, as `causeway meetings` shows it.")
    var id: String

    func run() async throws { try await connection.send(MeetingOrder(Order.kind), to: id) }
}

/// An order about one point of a meeting.
struct PointOrderCommand<Order: NamedOrder>: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(commandName: Order.kind.rawValue, abstract: Order.abstract)
    }

    @OptionGroup var connection: ConnectionOptions
    @Argument(help: "The meeting's id, as `causeway meetings` shows it.")
    var id: String
    @Argument(help: "The point's code.")
    var point: String

    func run() async throws { try await connection.send(MeetingOrder(Order.kind, point: point), to: id) }
}

/// An order about one point that is written down with its reason.
struct ReasonedOrderCommand<Order: NamedOrder>: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(commandName: Order.kind.rawValue, abstract: Order.abstract)
    }

    @OptionGroup var connection: ConnectionOptions
    @Argument(help: "The meeting's id, as `causeway meetings` shows it.")
    var id: String
    @Argument(help: "The point's code.")
    var point: String
    @Option(help: "Why; it is written down.")
    var reason: String

    func run() async throws {
        try await connection.send(MeetingOrder(Order.kind, point: point, reason: reason), to: id)
    }
}

extension ConnectionOptions {
    /// Gives an order and says so.
    func send(_ order: MeetingOrder, to meeting: String) async throws {
        try await PortalClient.with(self) {
            try await $0.post("meetings/\(PortalClient.encoded(meeting))/orders", order)
        }
        let console = Console.current
        if json { return try console.json(order) }
        let about = order.point.map { " \(DisplayWidth.harmless($0))" } ?? ""
        console.line("Done: \(order.order.rawValue)\(about).")
    }
}

enum Orders {
    static let subcommands: [any ParsableCommand.Type] = [
        MeetingOrderCommand<Open>.self, MeetingOrderCommand<Close>.self, MeetingOrderCommand<Lock>.self,
        MeetingOrderCommand<Unlock>.self, MeetingOrderCommand<MuteAll>.self, MeetingOrderCommand<UnmuteAll>.self,
        MeetingOrderCommand<AllowUnmute>.self, MeetingOrderCommand<ForbidUnmute>.self,
        MeetingOrderCommand<EndSpeech>.self, PointOrderCommand<Admit>.self, PointOrderCommand<Mute>.self,
        PointOrderCommand<Unmute>.self, PointOrderCommand<LowerHand>.self, PointOrderCommand<Recall>.self,
        ReasonedOrderCommand<Remove>.self, ReasonedOrderCommand<Excuse>.self,
    ]

    enum Open: NamedOrder {
        static var kind: MeetingOrder.Kind { .open }
        static var abstract: String { "Open a convened meeting: whoever waits comes in." }
    }
    enum Close: NamedOrder {
        static var kind: MeetingOrder.Kind { .close }
        static var abstract: String { "Close a meeting." }
    }
    enum Lock: NamedOrder {
        static var kind: MeetingOrder.Kind { .lock }
        static var abstract: String { "Have whoever comes from now on wait to be let in." }
    }
    enum Unlock: NamedOrder {
        static var kind: MeetingOrder.Kind { .unlock }
        static var abstract: String { "Let in whoever waits, and whoever comes." }
    }
    enum MuteAll: NamedOrder {
        static var kind: MeetingOrder.Kind { .muteAll }
        static var abstract: String { "Mute all points but the chair's and the one that has the word." }
    }
    enum UnmuteAll: NamedOrder {
        static var kind: MeetingOrder.Kind { .unmuteAll }
        static var abstract: String { "Open the microphones of all points." }
    }
    enum AllowUnmute: NamedOrder {
        static var kind: MeetingOrder.Kind { .allowUnmute }
        static var abstract: String { "Let points open their own microphones." }
    }
    enum ForbidUnmute: NamedOrder {
        static var kind: MeetingOrder.Kind { .forbidUnmute }
        static var abstract: String { "Let points open their own microphones no more." }
    }
    enum EndSpeech: NamedOrder {
        static var kind: MeetingOrder.Kind { .endSpeech }
        static var abstract: String { "End the word that a point has." }
    }
    enum Admit: NamedOrder {
        static var kind: MeetingOrder.Kind { .admit }
        static var abstract: String { "Let in a point that waits, or that was removed." }
    }
    enum Mute: NamedOrder {
        static var kind: MeetingOrder.Kind { .mute }
        static var abstract: String { "Mute a point." }
    }
    enum Unmute: NamedOrder {
        static var kind: MeetingOrder.Kind { .unmute }
        static var abstract: String { "Open a point's microphone." }
    }
    enum LowerHand: NamedOrder {
        static var kind: MeetingOrder.Kind { .lowerHand }
        static var abstract: String { "Take a point out of the queue of those who ask for the word." }
    }
    enum Recall: NamedOrder {
        static var kind: MeetingOrder.Kind { .recall }
        static var abstract: String { "Bring a point back from its side room." }
    }
    enum Remove: NamedOrder {
        static var kind: MeetingOrder.Kind { .remove }
        static var abstract: String { "Send a point away; it stays away until it is admitted." }
    }
    enum Excuse: NamedOrder {
        static var kind: MeetingOrder.Kind { .excuse }
        static var abstract: String { "Write down why a point is absent." }
    }
}
