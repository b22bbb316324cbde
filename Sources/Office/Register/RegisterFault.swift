/// Why a change of the register is refused.
public enum RegisterFault: OfficeFault, Hashable {
    public typealias Kind = RegisterEntry.Kind
    public enum Field: String, Hashable, Sendable {
        case name, title, officer, place, exception, orderedBy, document, cipherLine, position, retentionClass,
            identity

        var title: Words {
            switch self {
            case .name: Words("tên", "name")
            case .title: Words("tiêu đề", "title")
            case .officer: Words("cán bộ phụ trách", "officer")
            case .place: Words("địa điểm", "place")
            case .exception: Words("lý do không dùng SIM được cấp", "reason for not using an issued SIM")
            case .orderedBy: Words("người quyết định", "who decided")
            case .document: Words("số và ngày văn bản", "number and date of the document")
            case .cipherLine: Words("văn bản về đường truyền cơ yếu", "document on the cipher line")
            case .position: Words("chức vụ", "position")
            case .retentionClass: Words("thời hạn lưu trữ", "retention class")
            case .identity: Words("danh tính ở hệ thống đăng nhập chung", "identity at the identity provider")
            }
        }
    }

    case invalidID(Kind, String)
    case missing(Kind, String, Field)
    case tooLong(Kind, String, Field)
    case orderOutOfBounds(Kind, String)
    case invalidUsername(String)
    case invalidTelephone(Kind, String)
    case invalidAddress(String)
    case invalidCoordinates(String)
    case roomBounds(String)
    case exists(Kind, String)
    case unknown(Kind, String)
    /// The entry is one of the configuration file's.
    case managedInFile(Kind, String)
    case unknownReference(Kind, String, to: Kind, String)
    case usernameTaken(String, by: String)
    case identityTaken(String, by: String)
    case inUse(Kind, String, by: [String])
    case noAdministratorLeft
    case mergedIntoItself(String)
    case full(Kind, maximum: Int)

    public var words: Words {
        switch self {
        case .invalidID(let kind, let id):
            Words(
                "Mã \(kind.title.vietnamese) “\(shown(id))” không hợp lệ: dùng 1–64 ký tự a-z, 0-9, “.”, “_”, “-”, bắt đầu bằng chữ hoặc số.",
                "“\(shown(id))” cannot be the id of a \(kind.title.english): use 1 to 64 of a-z, 0-9, '.', '_' and '-', beginning with a letter or digit."
            )
        case .missing(let kind, let id, let field):
            Words(
                "\(kind.title.vietnamese.firstUppercased) \(shown(id)): thiếu \(field.title.vietnamese).",
                "The \(kind.title.english) \(shown(id)) lacks its \(field.title.english).")
        case .tooLong(let kind, let id, let field):
            Words(
                "\(kind.title.vietnamese.firstUppercased) \(shown(id)): \(field.title.vietnamese) dài quá 200 ký tự.",
                "The \(field.title.english) of the \(kind.title.english) \(shown(id)) is longer than 200 characters.")
        case .orderOutOfBounds(let kind, let id):
            Words(
                "\(kind.title.vietnamese.firstUppercased) \(shown(id)): thứ tự lễ tân phải từ 0 đến 1 000 000.",
                "The place of the \(kind.title.english) \(shown(id)) in the order of protocol is to be 0 to 1,000,000.")
        case .invalidUsername(let name):
            Words(
                "Tên tài khoản “\(shown(name))” không hợp lệ: dùng 1–64 chữ cái không dấu, chữ số và “-_.~+”.",
                "“\(shown(name))” cannot be an account's name: use 1 to 64 ASCII letters, digits and '-_.~+'.")
        case .invalidTelephone(let kind, let id):
            Words(
                "\(kind.title.vietnamese.firstUppercased) \(shown(id)): số điện thoại chỉ gồm chữ số, dấu cách và “+-().”.",
                "The telephone number of the \(kind.title.english) \(shown(id)) may have digits, blanks and '+-().' only."
            )
        case .invalidAddress(let address):
            Words(
                "Địa chỉ SIP “\(shown(address))” không hợp lệ; ví dụ đúng: sip:phonghop@203.0.113.7.",
                "“\(shown(address))” is not a SIP address such as sip:phonghop@203.0.113.7.")
        case .invalidCoordinates(let id):
            Words(
                "Điểm cầu \(shown(id)): tọa độ phải là vĩ độ từ -90 đến 90 và kinh độ từ -180 đến 180.",
                "The coordinates of the point \(shown(id)) are to be a latitude of -90 to 90 and a longitude of -180 to 180."
            )
        case .roomBounds(let id):
            Words(
                "Phòng họp \(shown(id)): chờ từ 0 đến 3600 giây, từ 1 đến 5000 điểm cầu.",
                "The room \(shown(id)) may wait 0 to 3600 seconds, and take 1 to 5000 points.")
        case .exists(let kind, let id):
            Words(
                "Đã có \(kind.title.vietnamese) \(shown(id)).", "There is a \(kind.title.english) \(shown(id)) already."
            )
        case .unknown(let kind, let id):
            Words("Không có \(kind.title.vietnamese) \(shown(id)).", "There is no \(kind.title.english) \(shown(id)).")
        case .managedInFile(let kind, let id):
            Words(
                "\(kind.title.vietnamese.firstUppercased) \(shown(id)) được quản lý trong tệp cấu hình: hãy sửa ở đó.",
                "The \(kind.title.english) \(shown(id)) is managed in the configuration file: change it there.")
        case .unknownReference(let kind, let id, let other, let target):
            Words(
                "\(kind.title.vietnamese.firstUppercased) \(shown(id)) nêu \(other.title.vietnamese) \(shown(target)), nhưng không có.",
                "The \(kind.title.english) \(shown(id)) names the \(other.title.english) \(shown(target)), which there is not."
            )
        case .usernameTaken(let name, let owner):
            Words(
                "Tài khoản \(shown(name)) đã thuộc điểm cầu \(shown(owner)): mỗi điểm cầu một tài khoản riêng.",
                "The account \(shown(name)) belongs to the point \(shown(owner)) already: an account is not shared.")
        case .identityTaken(let identity, let owner):
            Words(
                "Danh tính \(shown(identity)) đã thuộc người dùng \(shown(owner)): mỗi người một danh tính riêng.",
                "The identity \(shown(identity)) is that of the person \(shown(owner)) already: it is not shared.")
        case .inUse(let kind, let id, let users):
            Words(
                "Không bỏ được \(kind.title.vietnamese) \(shown(id)): còn \(list(users)) dùng đến.",
                "The \(kind.title.english) \(shown(id)) cannot go: \(list(users)) still need it.")
        case .noAdministratorLeft:
            Words(
                "Phải còn ít nhất một quản trị viên.", "At least one administrator has to stay.")
        case .mergedIntoItself(let id):
            Words("Đơn vị \(shown(id)) không thể nhập vào chính nó.", "The unit \(shown(id)) cannot merge into itself.")
        case .full(let kind, let maximum):
            Words(
                "Không thể có quá \(maximum) \(kind.title.vietnamese).",
                "There cannot be more than \(maximum) of kind \(kind.title.english).")
        }
    }

    private func list(_ ids: [String]) -> String {
        ids.prefix(5).map(shown).joined(separator: ", ") + (ids.count > 5 ? ", …" : "")
    }
}

/// Text from outside, shortened and on one line.
func shown(_ text: String) -> String {
    String(
        text.unicodeScalars.prefix(80).map { $0.properties.generalCategory == .control ? "?" : Character($0) })
}

extension String {
    var firstUppercased: String { prefix(1).uppercased() + dropFirst() }
}
