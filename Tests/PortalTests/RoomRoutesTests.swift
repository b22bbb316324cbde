import Foundation
import Office
import PortalAPI
import Testing

@testable import Portal

@Suite(.enabled(if: PortalHarness.hasOpenSSL)) struct RoomRoutesTests {
    @Test func aPINIsSetAndNeverShown() async throws {
        try await PortalHarness.run { portal in
            let convener = PortalHarness.Way.https(token: PortalHarness.token(of: .convener))
            let room = #"{"id": "hop", "title": "Họp", "isOpen": true, "lingerSeconds": 60, "maximumPoints": 20}"#
            #expect(try await portal.ask("/api/v1/rooms/hop", convener, method: "PUT", body: room).status == 200)
            func hasPIN() async throws -> [String: Bool?] {
                let rooms = try await portal.ask("/api/v1/rooms", convener).decoded([Listed<RoomEntry>].self)
                return Dictionary(uniqueKeysWithValues: rooms.map { ($0.entry.id, $0.hasPIN) })
            }
            #expect(try await hasPIN() == ["giaoban": nil, "hop": false])
            func put(_ pin: String, of room: String = "hop", _ way: PortalHarness.Way) async throws -> Int {
                try await portal.ask("/api/v1/rooms/\(room)/pin", way, method: "PUT", body: #"{"pin": "\#(pin)"}"#)
                    .status
            }
            #expect(try await put("86420", convener) == 200)
            #expect(try await put("86", convener) == 409)
            #expect(try await put("86420", of: "giaoban", convener) == 409)
            #expect(try await put("86420", of: "khong-co", convener) == 404)
            #expect(try await put("99999", .https(token: PortalHarness.token(of: .technician))) == 403)
            #expect(try await hasPIN() == ["giaoban": nil, "hop": true])
            for path in ["rooms", "journal"] {
                let answer = try await portal.ask("/api/v1/\(path)")
                #expect(!String(decoding: answer.body, as: UTF8.self).contains("86420"))
            }
            #expect(try portal.office.roomPINs() == ["hop": "86420"])
            #expect(try await portal.ask("/api/v1/rooms/hop/pin", convener, method: "PUT", body: "{}").status == 200)
            #expect(try await hasPIN() == ["giaoban": nil, "hop": false])
        }
    }

    @Test func roomsAreImported() async throws {
        try await PortalHarness.run { portal in
            let file = "Mã;Tiêu đề;Micrô\nhop1;Phòng một;mở\nhop2;Phòng hai;tắt\n"
            let answer = try await portal.ask("/api/v1/rooms/import", method: "POST", body: file)
            #expect(try answer.decoded(ImportReport.self).isApplied)
            #expect(portal.office.register.room("hop1")?.opensMicrophones == true)
            #expect(portal.office.register.room("hop2")?.opensMicrophones == false)
        }
    }
}
