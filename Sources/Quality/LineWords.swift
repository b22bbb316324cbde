/// What people are told of a line, in Vietnamese and English.
public enum LineLanguage: String, Sendable, Codable, CaseIterable {
    case vietnamese = "vi"
    case english = "en"
}

extension LineGrade {
    public func words(_ language: LineLanguage) -> String {
        switch (self, language) {
        case (.good, .vietnamese): "Đường truyền tốt"
        case (.usable, .vietnamese): "Đường truyền dùng được"
        case (.notFit, .vietnamese): "Đường truyền chưa đạt"
        case (.good, .english): "The line is good"
        case (.usable, .english): "The line can be used"
        case (.notFit, .english): "The line is not fit"
        }
    }
}

extension LineFault {
    /// What is wrong.
    public func words(_ language: LineLanguage) -> String {
        language == .vietnamese ? vietnamese.fault : english.fault
    }

    /// What to do about it.
    public func advice(_ language: LineLanguage) -> String {
        language == .vietnamese ? vietnamese.advice : english.advice
    }

    private var vietnamese: (fault: String, advice: String) {
        switch self {
        case .noSound:
            (
                "Không nghe thấy tiếng từ điểm cầu",
                "Bật micrô, chọn đúng micrô trong thiết bị, tăng mức thu rồi kiểm tra lại."
            )
        case .lossUp:
            (
                "Mất gói chiều gửi đi",
                "Dùng mạng có dây thay cho Wi-Fi, dừng các việc tải lên khác; nếu vẫn mất gói, báo nhà cung cấp đường truyền."
            )
        case .lossDown:
            (
                "Mất gói chiều nhận về",
                "Dùng mạng có dây thay cho Wi-Fi, dừng các việc tải xuống khác; nếu vẫn mất gói, báo nhà cung cấp đường truyền."
            )
        case .roundTrip:
            (
                "Độ trễ khứ hồi lớn",
                "Tắt VPN hoặc proxy nếu được phép, tránh đường truyền vệ tinh; trên 4G hãy đến chỗ sóng mạnh."
            )
        case .jitterUp:
            (
                "Độ trễ chiều gửi đi không đều",
                "Dùng mạng có dây, không dùng chung đường truyền với việc sao lưu hay xem phim trong lúc họp."
            )
        case .jitterDown:
            (
                "Độ trễ chiều nhận về không đều",
                "Dùng mạng có dây, không dùng chung đường truyền với việc sao lưu hay xem phim trong lúc họp."
            )
        case .rateUp:
            (
                "Tốc độ gửi hình và tiếng thấp",
                "Kiểm tra tốc độ tải lên của đường truyền; trên 4G hãy đến chỗ sóng mạnh hoặc dùng mạng khác."
            )
        case .noPicture:
            (
                "Không nhận được hình trọn vẹn từ điểm cầu",
                "Bật camera, đóng chương trình khác đang dùng camera rồi kiểm tra lại."
            )
        case .smallPicture:
            (
                "Hình gửi đi nhỏ",
                "Đặt độ phân giải camera cao hơn; nếu thiết bị tự giảm, đường truyền không đủ tốc độ gửi."
            )
        case .slowPicture:
            (
                "Hình gửi đi giật, ít khung hình",
                "Tăng ánh sáng trong phòng, đóng bớt chương trình trên thiết bị, dùng đường truyền nhanh hơn."
            )
        case .scoreUp:
            (
                "Tiếng từ điểm cầu kém rõ",
                "Khắc phục việc mất gói và độ trễ chiều gửi đi; ưu tiên bộ mã Opus hoặc G.722."
            )
        case .scoreDown:
            (
                "Tiếng đến điểm cầu kém rõ",
                "Khắc phục việc mất gói và độ trễ chiều nhận về; ưu tiên bộ mã Opus hoặc G.722."
            )
        case .clear:
            (
                "Tiếng và hình không được mã hóa",
                "Bật SRTP (SDES hoặc DTLS-SRTP) trên thiết bị và gọi bằng TLS."
            )
        }
    }

    private var english: (fault: String, advice: String) {
        switch self {
        case .noSound:
            (
                "Nothing is heard from the point",
                "Turn the microphone on, choose the right one on the device, raise its level, and check again."
            )
        case .lossUp:
            (
                "Packets are lost on the way out",
                "Use a wired network in place of Wi-Fi and stop other uploads; if it stays, tell the line's provider."
            )
        case .lossDown:
            (
                "Packets are lost on the way in",
                "Use a wired network in place of Wi-Fi and stop other downloads; if it stays, tell the line's provider."
            )
        case .roundTrip:
            (
                "The round trip is long",
                "Turn a VPN or proxy off where that is allowed, avoid satellite lines; on 4G go where the signal is strong."
            )
        case .jitterUp:
            (
                "The delay on the way out is uneven",
                "Use a wired network, and do not share the line with backups or films during the meeting."
            )
        case .jitterDown:
            (
                "The delay on the way in is uneven",
                "Use a wired network, and do not share the line with backups or films during the meeting."
            )
        case .rateUp:
            (
                "Sound and picture are sent at a low rate",
                "Test the upload speed of the line; on 4G go where the signal is strong, or use another network."
            )
        case .noPicture:
            (
                "No whole picture came from the point",
                "Turn the camera on, close other programs that use it, and check again."
            )
        case .smallPicture:
            (
                "The picture that is sent is small",
                "Set the camera to a larger picture; if the device reduces it by itself, the line is too slow."
            )
        case .slowPicture:
            (
                "The picture that is sent has few frames",
                "Light the room better, close other programs on the device, use a faster line."
            )
        case .scoreUp:
            (
                "Sound from the point is poor",
                "Cure loss and delay on the way out; prefer the codecs Opus or G.722."
            )
        case .scoreDown:
            (
                "Sound to the point is poor",
                "Cure loss and delay on the way in; prefer the codecs Opus or G.722."
            )
        case .clear:
            (
                "Sound and picture are not encrypted",
                "Turn SRTP (SDES or DTLS-SRTP) on in the device, and call over TLS."
            )
        }
    }
}
