import Vietnamese

/// A column of a file that is imported, by its heading in Vietnamese or English.
enum ImportColumn: String, CaseIterable, Sendable {
    case id, name, order, level, unit, officer, telephone, username, devices, address, sim, place, latitude, longitude,
        position, roles, door, points, orderedBy, document, cipherLine, microphones, chair, callBack, maximum, linger,
        retentionClass, identity

    /// Headings, folded: neither marks nor capitals count.
    var headings: [String] {
        switch self {
        case .id: ["ma", "id", "code", "ma don vi", "ma diem cau", "ma phong", "ten dang nhap", "login"]
        case .name:
            [
                "ten", "name", "ten don vi", "ten diem cau", "ho ten", "tieu de", "title", "ten phong", "ho va ten",
                "full name",
            ]
        case .order: ["thu tu", "order", "stt le tan", "thu tu le tan"]
        case .level: ["cap", "level"]
        case .unit: ["don vi", "unit", "co quan", "agency"]
        case .officer: ["can bo phu trach", "can bo", "officer", "nguoi phu trach"]
        case .telephone: ["dien thoai", "so dien thoai", "telephone", "phone"]
        case .username: ["tai khoan", "username", "account"]
        case .devices: ["thiet bi", "devices", "device"]
        case .address: ["dia chi sip", "sip address", "address", "sip"]
        case .sim: ["sim", "sim 4g", "4g sim"]
        case .place: ["dia diem", "place", "noi dat"]
        case .latitude: ["vi do", "latitude", "lat"]
        case .longitude: ["kinh do", "longitude", "lon"]
        case .position: ["chuc vu", "position"]
        case .door: ["cua", "door"]
        case .points: ["cac diem cau", "diem cau duoc vao", "points"]
        case .orderedBy: ["nguoi quyet dinh ghi", "ordered by"]
        case .document: ["quyet dinh ghi", "so va ngay quyet dinh", "document"]
        case .cipherLine: ["duong truyen co yeu", "cipher line"]
        case .microphones: ["micro", "microphones"]
        case .chair: ["diem cau chu toa", "chu toa", "chair"]
        case .callBack: ["goi lai", "call back"]
        case .maximum: ["so diem cau toi da", "max points"]
        case .linger: ["cho khi trong", "linger"]
        case .retentionClass: ["thoi han luu tru", "retention class"]
        case .roles: ["vai tro", "roles", "role"]
        case .identity: ["danh tinh", "danh tinh dang nhap chung", "identity"]
        }
    }

    static func named(_ heading: String) -> ImportColumn? {
        let folded = VietnameseText.folded(VietnameseText.stored(heading))
        return allCases.first { $0.headings.contains(folded) }
    }

    static func columns(of kind: RegisterEntry.Kind) -> Set<ImportColumn> {
        switch kind {
        case .unit: [.id, .name, .order, .level]
        case .point:
            [
                .id, .name, .order, .unit, .officer, .telephone, .username, .devices, .address, .sim, .place, .latitude,
                .longitude,
            ]
        case .person: [.id, .name, .position, .unit, .telephone, .roles, .identity]
        case .room:
            [
                .id, .name, .door, .points, .orderedBy, .document, .cipherLine, .microphones, .chair, .callBack,
                .maximum, .linger, .retentionClass,
            ]
        }
    }
}

extension PointEntry.Device {
    /// As a file may name it, folded.
    static func named(_ text: String) -> Self? {
        switch VietnameseText.folded(text) {
        case "room-system", "room system", "phong hop", "thiet bi phong hop", "thiet bi hoi nghi": .roomSystem
        case "computer", "may tinh", "may vi tinh", "laptop", "pc": .computer
        case "tablet", "may tinh bang", "ipad": .tablet
        case "phone", "smartphone", "dien thoai thong minh", "dien thoai di dong": .phone
        case "browser", "trinh duyet": .browser
        case "telephone", "dien thoai", "dien thoai ban", "dien thoai co dinh": .telephone
        default: nil
        }
    }
}

extension UnitEntry.Level {
    static func named(_ text: String) -> Self? {
        switch VietnameseText.folded(text) {
        case "province", "tinh", "cap tinh": .province
        case "district", "huyen", "cap huyen": .district
        case "commune", "xa", "cap xa", "phuong": .commune
        default: nil
        }
    }
}

extension Role {
    static func named(_ text: String) -> Self? {
        let folded = VietnameseText.folded(text)
        return allCases.first {
            [$0.rawValue, VietnameseText.folded($0.title.vietnamese), $0.title.english].contains(folded)
        }
    }
}

/// Open or closed, yes or no: as a file may say it, folded.
enum ImportFlag {
    static func isOpen(_ text: String) -> Bool? {
        switch VietnameseText.folded(text) {
        case "mo", "open": true
        case "dong", "tat", "closed", "muted": false
        default: nil
        }
    }

    static func isYes(_ text: String) -> Bool? {
        switch VietnameseText.folded(text) {
        case "co", "x", "yes", "true": true
        case "khong", "no", "false": false
        default: nil
        }
    }
}
