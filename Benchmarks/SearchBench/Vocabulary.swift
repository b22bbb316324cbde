import Foundation

/// Words of which ``Corpus`` makes meetings.
enum Vocabulary {
    static func list(_ text: String) -> [String] {
        text.split(separator: "\n").joined(separator: ",").split(separator: ",").map {
            $0.trimmingCharacters(in: .whitespaces)
        }.filter { !$0.isEmpty }
    }

    /// The commonest first.
    static let common = list(
        """
        và, của, các, trong, được, là, có, cho, về, với, đã, để, một, những, tại, theo, này, không, từ, khi, đến,
        họp, ubnd, tỉnh, công tác, báo cáo, thực hiện, triển khai, chỉ đạo, đề nghị, kế hoạch, nhiệm vụ, quản lý, xã,
        huyện, thành phố, nhân dân, nhà nước, cơ quan, đơn vị, địa phương, văn phòng, lãnh đạo, chủ tịch, giám đốc, kết quả,
        giải pháp, tình hình, kinh tế, xã hội, phát triển, đầu tư, xây dựng, ngân sách, tài chính, giao thông, y tế, giáo dục,
        nông nghiệp, nông thôn, môi trường, tài nguyên, đất đai, doanh nghiệp, dự án, tiến độ, giải ngân, vốn, đầu tư công,
        chuyển đổi số, cải cách hành chính, thủ tục, hồ sơ, phòng chống, thiên tai, bão lụt, dịch bệnh, an ninh, quốc phòng,
        trật tự, an toàn, xã hội hóa, văn hóa, thể thao, du lịch, di sản, lao động, việc làm, người nghèo, chính sách, bảo hiểm,
        khoa học, công nghệ, thông tin, truyền thông, tư pháp, thanh tra, khiếu nại, tố cáo, tiếp công dân, cán bộ, công chức,
        tổ chức, bộ máy, sắp xếp, sáp nhập, nghị quyết, quyết định, chỉ thị, công văn, thông báo, kết luận, hội nghị, trực tuyến,
        điểm cầu, đường truyền, hội trường, phát biểu, thảo luận, biểu quyết, thống nhất, góp ý, tham mưu, rà soát, kiểm tra,
        giám sát, đôn đốc, tháo gỡ, khó khăn, vướng mắc, giải phóng mặt bằng, tái định cư, quy hoạch, sử dụng, khu công nghiệp,
        khu kinh tế, cảng, sân bay, đường cao tốc, cầu, thủy lợi, hồ chứa, đê điều, rừng, thủy sản, chăn nuôi, trồng trọt, lúa,
        giống, phân bón, thị trường, giá cả, xuất khẩu, thương mại, dịch vụ, thuế, hải quan, ngân hàng, tín dụng, bệnh viện,
        trạm y tế, bác sĩ, vắc xin, trường học, giáo viên, học sinh, kỳ thi, tuyển sinh, đào tạo, dạy nghề, thanh niên, phụ nữ,
        trẻ em, người cao tuổi, người có công, liệt sĩ, tôn giáo, dân tộc, biên giới, biển đảo, nước sạch, rác thải, ô nhiễm,
        biến đổi khí hậu, năng lượng, điện, viễn thông, dữ liệu, hạ tầng, phần mềm, bảo mật, chữ ký số, lưu trữ, văn thư, biên bản,
        tài liệu, hoàn thành, chậm, trước ngày, quý, tháng, năm, tuần, đầu năm, cuối năm, sáu tháng, chỉ tiêu, tăng, giảm, tỷ đồng,
        triệu đồng, phần trăm, hộ, người, trường hợp, vụ, khu vực, trung ương, chính phủ, thủ tướng, bộ, sở, ngành, hội đồng, ủy ban
        """)
    static let onsets = list(
        "b, c, ch, d, đ, g, gi, h, kh, l, m, n, ng, nh, ph, qu, r, s, t, th, tr, v, x")
    static let rimes = list(
        """
        a, à, á, ả, ạ, an, án, àn, ạn, ang, áng, àng, anh, ánh, ành, ao, áo, ào, ay, áy, ày, ăn, ắn, ằn, ăng, ắng, ặng, âm, ấm, ầm,
        ân, ấn, ần, ận, âu, ấu, ầu, ây, ấy, e, é, è, em, ém, en, én, eo, èo, ê, ế, ề, ên, ến, ền, êu, i, í, ì, im, ín, ình, ịnh, iên,
        iến, iền, iện, iêu, iếu, iều, o, ó, ò, oa, óa, oan, oán, oàn, oanh, oi, ói, on, ón, ong, óng, òng, ô, ố, ồ, ộ, ôi, ối, ồi, ôn,
        ốn, ồn, ông, ống, ồng, ộng, ơ, ớ, ờ, ơi, ới, ời, ơn, ớn, u, ú, ù, ụ, ui, un, ung, úng, ùng, uôn, uốn, uồn, uông, ư, ứ, ừ, ự,
        ưa, ứa, ừa, ưng, ứng, ừng, ươi, ưới, ười, ươn, ườn, ương, ướng, ường, ượng, uy, úy, ùy, uyên, uyến, uyền, uyện
        """)
    static let surnames = list(
        "Nguyễn, Trần, Lê, Phạm, Hoàng, Huỳnh, Phan, Vũ, Võ, Đặng, Bùi, Đỗ, Hồ, Ngô, Dương, Lý, Tôn Thất, Đoàn, Trương, Mai"
    )
    static let middles = list(
        "Văn, Thị, Đức, Minh, Ngọc, Thanh, Hữu, Quang, Xuân, Thu, Anh, Bảo, Công, Đình, Gia, Hải, Hồng, Khánh, Kim, Thái"
    )
    static let givens = list(
        """
        An, Anh, Bình, Chi, Châu, Cường, Dũng, Dung, Duy, Đạt, Đông, Giang, Hà, Hạnh, Hào, Hiền, Hiếu, Hoa, Hòa, Hoàn, Hùng, Huệ,
        Hương, Khoa, Lan, Linh, Long, Lộc, Mai, Nam, Nga, Ngân, Nghĩa, Nhân, Nhung, Phong, Phúc, Phương, Quân, Quyên, Sơn, Tài, Tâm,
        Thảo, Thắng, Thúy, Thủy, Tiến, Toàn, Trang, Trí, Trung, Tú, Tuấn, Tùng, Uyên, Vân, Việt, Vinh, Yến
        """)
    static let places = list(
        "Phong, Điền, Quảng, Thọ, Hương, Thủy, Phú, Lộc, An, Bình, Lăng, Cô, Vinh, Hiền, Thượng, Nhật, Lâm, Sơn, Thanh, Hà, Mỹ"
    )
    static let units = list(
        """
        Văn phòng UBND tỉnh, Sở Y tế, Sở Tài chính, Sở Nội vụ, Sở Tư pháp, Sở Xây dựng, Sở Công Thương, Sở Giáo dục và Đào tạo,
        Sở Nông nghiệp và Môi trường, Sở Khoa học và Công nghệ, Sở Văn hóa và Thể thao, Sở Du lịch, Thanh tra tỉnh, Công an tỉnh,
        Bộ Chỉ huy Quân sự tỉnh, Ban Quản lý Khu kinh tế, Cục Thuế, Kho bạc Nhà nước, Bảo hiểm xã hội tỉnh, Trung tâm Phục vụ hành chính công
        """)
    static let fields = list(
        """
        y tế, phòng chống thiên tai, đầu tư công, giáo dục, nông nghiệp, chuyển đổi số, cải cách hành chính, giải phóng mặt bằng,
        tài chính ngân sách, an ninh trật tự, văn hóa du lịch, đất đai môi trường, giao thông, lao động việc làm, nội vụ
        """)
    static let meetings = list(
        "Họp giao ban, Họp, Hội nghị trực tuyến về, Họp đánh giá công tác, Họp triển khai nhiệm vụ, Phiên họp thường kỳ về, Làm việc về"
    )
    static let periods = list("tháng 1, tháng 3, quý I, quý II, quý III, quý IV, đầu năm, sáu tháng đầu năm, cuối năm")
    static let acts = list("Báo cáo, Thảo luận về, Cho ý kiến về, Đánh giá, Thông qua, Kết luận về")
    static let papers = list("Báo cáo, Tờ trình, Dự thảo quyết định, Phụ lục, Kế hoạch")
    static let kinds = list("QĐ, TB, KH, BC, TTr, CV, NQ, CT, GM")
    static let bodies = list("UBND, VP, SYT, STC, SNV, STP, SXD, HĐND, BNV, BTC")
    static let conveners = list(
        "Chủ tịch UBND tỉnh, Phó Chủ tịch UBND tỉnh, Chánh Văn phòng UBND tỉnh, Giám đốc Sở Y tế, Giám đốc Sở Tài chính"
    )
    static let rooms: [(String, String)] = [
        ("giaoban", "Phòng giao ban"), ("hoitruong", "Hội trường lớn"), ("p1", "Phòng họp số 1"),
        ("p2", "Phòng họp số 2"), ("pctt", "Ban chỉ huy phòng chống thiên tai"), ("yte", "Phòng họp Sở Y tế"),
        ("taichinh", "Phòng họp Sở Tài chính"), ("tructuyen", "Phòng trực tuyến"),
    ]
}
