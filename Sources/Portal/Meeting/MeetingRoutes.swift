import Foundation
import Hummingbird
import LogSubjects
import PortalAPI

/// Meetings for those who lead them and those who look after their lines: how one stands, and orders in it.
///
/// What the portal lets through is judged again by the rules, order by order.
struct MeetingRoutes: Sendable {
    let bridge: any LiveBridge
    let discretion: Discretion

    func add(to group: RouterGroup<PortalContext>) {
        group.get("meetings/:id/control") { _, context in
            let visitor = try context.require(.watchMeeting)
            let id = try context.pathParameter("id")
            try await discretion.requireLive(id, for: visitor)
            guard let control = await bridge.control(of: id) else { throw Refusal(OrderRefusal.unknownMeeting) }
            return try Response.json(control)
        }
        group.post("meetings/:id/orders") { request, context in
            let visitor = try context.require(.orderInMeeting)
            let order = try await request.json(MeetingOrder.self)
            let id = try context.pathParameter("id")
            try await discretion.requireLive(id, for: visitor)
            try await carryOut(order, in: id, by: visitor, context)
            return Response(status: .noContent)
        }
    }

    private func carryOut(
        _ order: MeetingOrder, in meeting: String, by visitor: Visitor, _ context: PortalContext
    ) async throws(Refusal) {
        guard let authority = visitor.authority else { throw .forbidden(visitor.roles) }
        let giver = OrderGiver(name: visitor.name, authority: authority, person: visitor.person?.id)
        do throws(OrderRefusal) {
            try await bridge.carryOut(order, in: meeting, by: giver)
        } catch {
            throw Refusal(error)
        }
        SubjectLogger(context.logger).about(meeting: meeting, point: order.point).notice(
            "order in a meeting",
            fields: [
                "order": "\(order.order.rawValue)", "reason": "\(order.reason ?? "")", "by": "\(visitor.name)",
            ])
    }
}

extension Visitor {
    /// With which somebody gives orders in meetings, the highest that it has; nil for none.
    fileprivate var authority: OrderGiver.Authority? {
        let ranks: [(Role, OrderGiver.Authority)] = [
            (.administrator, .administrator), (.chair, .chair), (.technician, .technician),
        ]
        return ranks.first { roles.contains($0.0) }?.1
    }
}

extension Refusal {
    init(_ refusal: OrderRefusal) {
        switch refusal {
        case .unknownMeeting: self.init(LiveBridgeError.unknownMeeting)
        case .notAllowed:
            self.init(
                .forbidden, "Your role may not order this, or this is another chair's meeting.",
                hint: "Ask the meeting's chair.")
        case .notOpen:
            self.init(.conflict, "The chair has not opened the meeting yet.", hint: "Open it first.")
        case .alreadySo:
            self.init(
                .conflict, "It is so already: perhaps somebody else was faster.",
                hint: "Look at how the meeting stands.")
        case .notInMeeting:
            self.init(
                .notFound, "This point is not where the order needs it: in the meeting, or in its side room.",
                hint: "Look at the roll.")
        case .notRecording:
            self.init(.conflict, "Nothing is being recorded.", hint: "Order a recording first.")
        case .tooSecretToRecord:
            self.init(.conflict, "Meetings of this confidentiality are never recorded.", hint: "Go on without.")
        case .recordingFailed:
            self.init(
                .conflict, "The recording failed, and cannot go on.", hint: "The administrator finds more in the log.")
        case .voteIsOpen: self.init(.conflict, "A vote is open already.", hint: "Close it first.")
        case .noVoteIsOpen: self.init(.conflict, "No vote is open.", hint: "Open one first.")
        case .badText:
            self.init(
                .badRequest, "A text, or a reason, of 1 to 500 characters is needed.", hint: "Send `text` or `reason`.")
        case .outOfBounds:
            self.init(.badRequest, "A number of seconds is out of bounds, or there are too many.", hint: "Send less.")
        case .incomplete:
            self.init(
                .badRequest, "The order lacks something that it needs.",
                hint: "Orders of a point need `point`, of a side room or layout `name`.")
        }
        body.vietnamese = refusal.vietnamese
        body.code = refusal.rawValue
    }
}

extension OrderRefusal {
    fileprivate var vietnamese: String {
        switch self {
        case .unknownMeeting: "Cuộc họp này không còn diễn ra."
        case .notAllowed: "Bạn không được ra lệnh này, hoặc đây là cuộc họp của chủ tọa khác."
        case .notOpen: "Chủ tọa chưa khai mạc cuộc họp."
        case .alreadySo: "Đã như vậy rồi: có thể người khác vừa làm."
        case .notInMeeting: "Điểm cầu không ở nơi cần thiết: trong phòng họp, hoặc trong phòng bên."
        case .notRecording: "Cuộc họp không được ghi."
        case .tooSecretToRecord: "Cuộc họp ở độ mật này không được ghi."
        case .recordingFailed: "Việc ghi bị lỗi và không thể tiếp tục."
        case .voteIsOpen: "Đang có một cuộc biểu quyết."
        case .noVoteIsOpen: "Không có cuộc biểu quyết nào."
        case .badText: "Cần nhập nội dung hoặc lý do, từ 1 đến 500 ký tự."
        case .outOfBounds: "Thời gian không hợp lệ, hoặc đã quá số lượng."
        case .incomplete: "Lệnh còn thiếu thông tin."
        }
    }
}
