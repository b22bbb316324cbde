import BrowserDriver
import Foundation
import InteropSupport
import Testing

/// The page before the meeting, in a real browser against the real daemon.
@Suite(.serialized, .enabled(if: Chromium.isInstalled, "chromium is not installed"))
struct CheckTests {
    @Test func thePageLoadsWithoutAComplaintAndShowsCameraAndLevel() async throws {
        try await JoinSite.with { site in
            let page = try await site.opened()
            #expect(try await page.text("#title") == "Giao ban tuần")
            #expect(try await page.evaluate("document.documentElement.lang", as: String.self) == "vi")
            #expect(try await page.text("#join") == "Vào họp")
            try await page.waitUntil(
                "pictures of the camera", "document.getElementById('preview').videoWidth > 0")
            // The fake microphone beeps once a second.
            try await page.waitUntil(
                "the level to move", "document.getElementById('level').style.transform > 'scaleX(0.2'")
            #expect(page.complaints == [])
        }
    }

    @Test func theLanguageIsChosenAndRemembered() async throws {
        try await JoinSite.with { site in
            let page = try await site.opened()
            _ = try await page.evaluate(
                "((select) => { select.value = 'en'; select.dispatchEvent(new Event('change')); return true; })"
                    + "(document.getElementById('language'))", as: Bool.self)
            #expect(try await page.text("#join") == "Join the meeting")
            try await page.open(site.address())
            try await page.waitToSee("#check")
            #expect(try await page.text("#join") == "Join the meeting")
            #expect(try await page.evaluate("document.documentElement.lang", as: String.self) == "en")
        }
    }

    @Test func aWrongPasswordIsToldFromAPointThatIsNotInvited() async throws {
        try await JoinSite.with { site in
            let page = try await site.opened()
            try await site.signIn(page, "soyte", "sai")
            try await page.waitToSee("#failure")
            #expect(try await page.text("#failure").hasPrefix("Tên đăng nhập hoặc mật khẩu không đúng."))
            #expect(try await page.evaluate("document.activeElement.id", as: String.self) == "password")
            let other = try await site.opened("khac")
            try await site.signIn(other, "soyte")
            try await other.waitToSee("#failure")
            #expect(try await other.text("#failure").hasPrefix("Điểm cầu không được mời"))
        }
    }

    @Test func whatIsMissingIsAskedForBeforeAnythingIsSent() async throws {
        try await JoinSite.with { site in
            let page = try await site.opened()
            try await page.click("#join")
            #expect(try await page.text("#failure") == "Hãy nhập tên đăng nhập của điểm cầu.")
            #expect(try await page.evaluate("document.activeElement.id", as: String.self) == "name")
            #expect(!site.daemon.log.contains("wrong password"))
        }
    }

    @Test func withoutLeaveForCameraAndMicrophoneThePageSaysWhatToDo() async throws {
        try await JoinSite.with(flags: ["--deny-permission-prompts"]) { site in
            let page = try await site.browser.page()
            // As a person who presses "Block".
            try await page.prepare(
                "navigator.mediaDevices.getUserMedia = async () => { throw new DOMException('no', 'NotAllowedError'); };"
            )
            try await page.open(site.address())
            try await page.waitToSee("#camera-problem")
            try await page.waitToSee("#microphone-problem")
            #expect(try await page.text("#camera-problem").contains("không cho phép dùng camera"))
            #expect(try await page.text("#microphone-problem").contains("không cho phép dùng micrô"))
            #expect(try await page.isVisible("#devices-retry"))
            #expect(try await page.text("#preview-note") == "Camera đang tắt")
        }
    }

    @Test func aRoomThatThereIsNotHasAPageThatSaysSo() async throws {
        try await JoinSite.with { site in
            let page = try await site.browser.page()
            try await page.open(site.address(of: "khong-co"))
            #expect(try await page.text("h1") == "Không có phòng họp này")
            #expect(try await page.isTrue("document.styleSheets.length > 0"))
        }
    }

    @Test func aSiteWithoutWebSocketSaysSo() async throws {
        try await JoinSite.with({ $0.hasWebSocket = false }) { site in
            let page = try await site.opened()
            try await page.waitToSee("#failure")
            #expect(try await page.text("#failure").hasPrefix("Hệ thống chưa mở cổng cho trình duyệt."))
            #expect(try await page.isTrue("document.getElementById('join').disabled"))
        }
    }

    @Test func everythingIsReachedByTheKeyboardInOrder() async throws {
        try await JoinSite.with { site in
            let page = try await site.opened()
            try await page.waitUntil("the list of cameras", "document.getElementById('camera').options.length > 1")
            var reached: [String] = []
            for _ in 0..<11 {
                try await page.press(.tab)
                reached.append(
                    try await page.evaluate(
                        "document.activeElement.id || document.activeElement.className", as: String.self))
                // WCAG 2.2, 2.4.7: where the focus is can be seen.
                let outline = "parseFloat(getComputedStyle(document.activeElement).outlineWidth) >= 2"
                #expect(try await page.isTrue(outline), "\(reached.last ?? "") shows no focus")
            }
            #expect(
                reached.prefix(11) == [
                    "skip", "language", "camera", "microphone", "speaker", "tone", "name", "password", "show",
                    "line-check", "join",
                ], "\(reached)")
        }
    }
}
