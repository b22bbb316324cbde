import Vietnamese

/// What a person reads first who finds the package and has none of this software.
enum PackageReadMe {
    static func text(_ dossier: Dossier, _ kind: PackageKind, _ profile: DossierProfile) -> String {
        let (vi, en) =
            switch kind {
            case .submission: ("gói nộp (SIP)", "submission package (SIP)")
            case .archival: ("gói bảo quản (AIP)", "archival package (AIP)")
            case .dissemination: ("gói cung cấp (DIP)", "dissemination package (DIP)")
            }
        return """
            \(line(dossier.title))
            \(line(dossier.archivalCode(profile.site))), \(RecordDate.text(dossier.startedAt))

            Đây là \(vi) theo E-ARK CSIP và \(line(profile.name)). Tệp METS.xml liệt kê mọi tệp trong gói cùng kích thước và mã
            băm SHA-256; kiểm tra bằng lệnh sha256sum. Bản ghi và tài liệu nằm trong representations/rep1/data; mô tả của
            từng tệp (EAD_media_….xml, EAD_doc_….xml) nằm trong representations/rep1/metadata/descriptive; mô tả chung nằm
            trong metadata/descriptive/EAD.xml. Ý nghĩa các trường ghi trong thư mục schemas.

            This is a \(en) by E-ARK CSIP. METS.xml lists every file of the package with its size and SHA-256;
            sha256sum checks them. Recordings and papers are in representations/rep1/data; what describes each of them
            (EAD_media_….xml, EAD_doc_….xml) is in representations/rep1/metadata/descriptive; what describes the whole is
            in metadata/descriptive/EAD.xml. The folder schemas says what the fields mean.

            """
    }

    private static func line(_ text: String) -> String { VietnameseText.stored(text) }
}
