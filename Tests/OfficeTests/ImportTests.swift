import Foundation
import Office
import Testing

@Suite("Import from files")
struct ImportTests {
    private func register() throws -> OfficeRegister {
        try OfficeRegister(fixed: [.unit(UnitEntry(id: "vpubnd", name: "Văn phòng UBND tỉnh"))], managed: [])
            .applying([
                .add(.unit(UnitEntry(id: "soyte", name: "Sở Y tế"))),
                .add(.point(PointEntry(id: "soyte", name: "Sở Y tế", unit: "soyte", telephone: "0234 1"))),
            ])
    }

    private func plan(_ kind: RegisterEntry.Kind, _ text: String) throws -> RegisterImport {
        RegisterImport(kind, Array(text.utf8), into: try register())
    }

    @Test(
        "reads what a Vietnamese spreadsheet writes: a mark at the front, semicolons, quotes, marks apart from letters")
    func spreadsheet() throws {
        let name = "Sở Tư pháp".decomposedStringWithCanonicalMapping
        let plan = try plan(
            .point,
            "\u{FEFF}Mã;Tên điểm cầu;Đơn vị;Thiết bị;SIM;Vĩ độ;Kinh độ\r\n"
                + "tuphap;\"\(name); \"\"hội trường\"\"\";Sở Y tế;Máy tính, Máy tính bảng;cấp;16,46;107,59\r\n")
        #expect(plan.faults == [])
        let changed = try register().applying(plan.changes)
        let point = try #require(changed.point("tuphap"))
        #expect(point.name == "Sở Tư pháp; \"hội trường\"")
        #expect(point.name.unicodeScalars.elementsEqual("Sở Tư pháp; \"hội trường\"".unicodeScalars))
        #expect(point.unit == "soyte" && point.devices == [.computer, .tablet] && point.mobileLine == .issuedSIM)
        #expect(point.coordinates == .init(latitude: 16.46, longitude: 107.59))
        #expect(point.username == "tuphap")
    }

    @Test("reads English headings and commas, and leaves alone what the file does not speak of")
    func english() throws {
        let plan = try plan(.point, "id,name\nsoyte,\"Sở Y tế, Huế\"\n")
        let point = try #require(try register().applying(plan.changes).point("soyte"))
        #expect(point.name == "Sở Y tế, Huế" && point.telephone == "0234 1" && point.unit == "soyte")
        #expect(plan.lines.map(\.outcome) == [.changed])
    }

    @Test("reads rooms with all that a room has but its PIN")
    func rooms() throws {
        let plan = try plan(
            .room,
            "Mã;Tiêu đề;Cửa;Các điểm cầu;Người quyết định ghi;Quyết định ghi;Micrô;Chủ tọa;Gọi lại;Số điểm cầu tối đa;Chờ khi trống;Thời hạn lưu trữ\n"
                + "hop;Họp tháng;mở;soyte;Chánh Văn phòng;12/QĐ ngày 01/11/2026;tắt;soyte;không;50;90;20N\n"
                + "kho;Kho;đóng;;;;mở;;có;;;\n")
        #expect(plan.faults == [])
        let changed = try register().applying(plan.changes)
        let room = try #require(changed.room("hop"))
        #expect(room.title == "Họp tháng" && room.isOpen && room.points == ["soyte"] && room.chair == "soyte")
        #expect(room.opensMicrophones == false && room.callsBack == false)
        #expect(room.maximumPoints == 50 && room.lingerSeconds == 90 && room.retentionClass == "20N")
        #expect(room.standingOrder == .init(orderedBy: "Chánh Văn phòng", document: "12/QĐ ngày 01/11/2026"))
        let store = try #require(changed.room("kho"))
        #expect(!store.isOpen && store.points == nil && store.standingOrder == nil && store.chair == nil)
        #expect(store.opensMicrophones == true && store.callsBack == true && store.maximumPoints == 200)
        #expect(store.retentionClass == nil)
        for wrong in [
            "Mã;PIN\nhop;1234\n", "Mã;Tiêu đề;Micrô\nhop;Họp;có lẽ\n", "Mã;Tiêu đề;Chủ tọa\nhop;Họp;khong-co\n",
            "Mã;Tiêu đề;Quyết định ghi\nhop;Họp;12/QĐ\n",
        ] { #expect(try !self.plan(.room, wrong).faults.isEmpty, "\(wrong)") }
    }

    @Test("puts what is new and has no place after all others, in the order of the file")
    func order() throws {
        let plan = try plan(.unit, "Mã,Tên\nz,Một\nb,Hai\n")
        let changed = try register().applying(plan.changes)
        #expect(changed.units.map(\.id).suffix(2) == ["z", "b"])
    }

    @Test("tells every line that is wrong, with its number, and takes none")
    func faults() throws {
        let plan = try plan(
            .point,
            "Mã,Tên,Đơn vị,Điện thoại,Thiết bị\nA B,Tên,,,\ntot,Tốt,soyte,,\nx,Tên,ma,,\ntot,Lại,,,\ny,,,,\nz,Tên,,gọi,\nt,Tên,,,máy bay\n"
        )
        #expect(plan.faults.compactMap(\.line) == [2, 4, 5, 6, 7, 8])
        #expect(plan.changes.isEmpty)
        #expect(plan.faults.allSatisfy { !$0.words.vietnamese.isEmpty && $0.words.vietnamese != $0.words.english })
    }

    @Test("counts lines as an editor does, over fields with line breaks")
    func lineNumbers() throws {
        let plan = try plan(.unit, "Mã,Tên\na,\"Một\nhai\"\n\nB,Sai\n")
        #expect(plan.faults.map(\.line) == [5])
    }

    @Test("imports people with their roles in words")
    func people() throws {
        let plan = try plan(.person, "Tên đăng nhập,Họ tên,Vai trò\nlan,Nguyễn Thị Lan,\"Người triệu tập; chair\"\n")
        #expect(plan.faults == [])
        let person = try #require(try register().applying(plan.changes).person("lan"))
        #expect(person.roles == [.convener, .chair])
    }

    @Test("imports who people are to the identity provider, letter by letter, and none of it twice")
    func identities() throws {
        let text = "Tên đăng nhập,Họ tên,Danh tính\nlan,Nguyễn Thị Lan,NV-1024\nminh,Trần Minh,\n"
        let plan = try plan(.person, text)
        #expect(plan.faults == [])
        let changed = try register().applying(plan.changes)
        #expect(changed.person(identity: "NV-1024")?.id == "lan" && changed.person(identity: "nv-1024") == nil)
        #expect(changed.person("minh")?.identity == nil)
        // A file without the column leaves it; an empty cell takes it away.
        let silent = RegisterImport(.person, Array("id,name\nlan,Lan\n".utf8), into: changed)
        #expect(try changed.applying(silent.changes).person("lan")?.identity == "NV-1024")
        let emptied = RegisterImport(.person, Array("id,identity\nlan,\n".utf8), into: changed)
        #expect(try changed.applying(emptied.changes).person("lan")?.identity == nil)
        for wrong in [
            "id,name,identity\na,A,x\nb,B,x\n", "id,name,identity\na,A,NV-1024\n",
            "id,name,identity\na,A,\(String(repeating: "x", count: 300))\n",
        ] {
            let plan = RegisterImport(.person, Array(wrong.utf8), into: changed)
            #expect(!plan.faults.isEmpty && plan.changes.isEmpty, "\(wrong.prefix(60))")
        }
    }

    @Test(
        "says what is wrong with the file as a whole",
        arguments: [
            "", "\u{FEFF}\n\n", "Tên\nx\n", "Mã,Tên,Mầu\n", "Mã,Mã\n", "Mã,Tên\n\"a,b\n", "Mã,Tên\n\"a\"b,c\n",
            "Mã,Tên\na,b,c\n",
        ])
    func whole(text: String) throws {
        #expect(try !plan(.unit, text).faults.isEmpty)
    }

    @Test("refuses what is not UTF-8")
    func latin() throws {
        let plan = RegisterImport(.unit, Array("Mã".utf8) + [0xFF] + Array(",Tên\n".utf8), into: try register())
        #expect(plan.faults.first?.words.english.contains("UTF-8") == true)
    }

    @Test("does not import over what the configuration file fixes, unless it says the same")
    func fixed() throws {
        #expect(try plan(.unit, "Mã,Tên\nvpubnd,Văn phòng UBND tỉnh\n").lines.map(\.outcome) == [.same])
        #expect(try plan(.unit, "Mã,Tên\nvpubnd,Khác\n").faults.map(\.line) == [2])
    }

    @Test("takes any octets without a trap, and gives back records that were written")
    func property() throws {
        var random = SplitMix(state: 7)
        let pieces = ["a", "ế", ",", ";", "\"", "\"\"", "\n", "\r\n", "\r", " ", "\t", "Mã", "\u{FEFF}"]
        for _ in 0..<3000 {
            let count = Int.random(in: 0..<20, using: &random)
            let text = (0..<count).compactMap { _ in pieces.randomElement(using: &random) }.joined()
            _ = try? CSVReader.records(Array(text.utf8))
            _ = try plan(.unit, text)
        }
        for _ in 0..<500 {
            let rows = (0..<3).map { _ in
                (0..<3).map { _ in
                    "x"
                        + (0..<4).compactMap { _ in ["ế", ",", "\"", "\n", " "].randomElement(using: &random) }.joined()
                }
            }
            let text = rows.map { $0.map { "\"\($0.replacing("\"", with: "\"\""))\"" }.joined(separator: ",") }
                .joined(separator: "\r\n")
            #expect(try CSVReader.records(Array(text.utf8)).map(\.fields) == rows)
        }
    }
}
