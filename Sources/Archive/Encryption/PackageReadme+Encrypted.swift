extension PackageReadme {
    /// Of a package whose files are encrypted.
    static let encrypted = """
        HỒ SƠ GHI HÌNH, GHI ÂM MỘT CUỘC HỌP HẠN CHẾ, ĐÃ MÃ HÓA
        (English below)

        Thư mục này là một "túi" BagIt (RFC 8493). Các tệp *.sealed trong data/ được mã hóa bằng AES-256-GCM; không có khóa thì không đọc được nội
        dung. Khóa của cuộc họp nằm trong danh mục của kho lưu trữ (catalogue.sqlite, bảng meetingKeys), được bọc bằng một khóa khác mà chỉ cơ quan
        lưu trữ giữ. Muốn đọc hồ sơ, hãy liên hệ cơ quan lưu trữ. Không cần khóa vẫn kiểm tra được hồ sơ còn nguyên vẹn hay không.

        data/index.sealed    Mục lục (JSON): tệp nào là tệp nào, kích thước, mã băm của từng tệp trước khi mã hóa.
        data/NNNNN.sealed    Các tệp: bản gốc, phim, diễn biến, báo cáo, tài liệu, thông tin cuộc họp, siêu dữ liệu bảo quản.
        bag-info.txt, manifest-sha512.txt, tagmanifest-sha512.txt, bagit.txt
                             Các tệp của BagIt: mã băm SHA-512 của từng tệp như đang lưu, tức là đã mã hóa.
        seal/                Con dấu điện tử: seal.json liệt kê mọi tệp như đang lưu, được ký số. seal.tsr, nếu có: dấu thời gian (RFC 3161).
        destruction/         Chỉ có khi hồ sơ đã bị hủy: giấy chứng nhận; khóa khi đó không còn.

        Kiểm tra tính toàn vẹn chỉ bằng sha512sum và openssl, trong thư mục này (khóa công khai lấy từ cơ quan lưu trữ, không lấy ở đây):
          sha512sum -c manifest-sha512.txt && sha512sum -c tagmanifest-sha512.txt
          grep -F "$(sha512sum tagmanifest-sha512.txt | cut -c1-128)" seal/seal.json
          openssl pkeyutl -verify -rawin -pubin -inkey seal.pub.pem -in seal/seal.json -sigfile seal/seal.sig
        hoặc, nếu có seal/seal.p7s thay cho seal/seal.sig:
          openssl cms -verify -binary -inform DER -in seal/seal.p7s -content seal/seal.json -CAfile ca.pem -purpose any -out /dev/null

        THE RECORD OF A RESTRICTED MEETING, ENCRYPTED

        This directory is a BagIt bag (RFC 8493). Its files data/*.sealed are encrypted by AES-256-GCM and say nothing without a key. The
        meeting's key is in the archive's catalogue (catalogue.sqlite, table meetingKeys), wrapped by another that the archive alone
        keeps. Who is to read it asks the archive. That nothing was changed is checked without any key.

        data/index.sealed    The list (JSON): which file is which, and the size and hashes that each had before it was encrypted.
        data/NNNNN.sealed    The files: master, film, events, reports, papers, what is known of the meeting, preservation metadata.
        bag-info.txt, manifest-sha512.txt, tagmanifest-sha512.txt, bagit.txt
                             BagIt's own files: the SHA-512 of each file as it lies here, encrypted.
        seal/                The seal: seal.json lists every file as it lies here, and is signed. seal.tsr, where it is: a time stamp (RFC 3161).
        destruction/         Of a record that was destroyed alone: the certificate. Its key is gone then.

        To check that nothing was changed, with sha512sum and openssl alone, in this directory: the commands above. Get the public key from the
        archive, not from here.

        To decrypt. The meeting's key: the row's "wrapped" is a nonce (12 octets), then 32 octets of key encrypted by AES-256-GCM under the archive's
        key of keys, with their tag (16); associated data: "causeway-meeting-key/1 MEETING" (External-Identifier in bag-info.txt).
        A file: "CWCRYPT1", a salt (32 octets), then segments. Its key is HKDF-SHA-256 (RFC 5869) of the meeting's key with that salt and the
        information "causeway-file/1 PATH", PATH being the file's in this directory, as data/00001.sealed; 32 octets. Each segment is 65536 octets,
        the last fewer, encrypted by AES-256-GCM under that key, with its tag (16) behind it and no associated data; its nonce is its number from 0
        (11 octets, big-endian) and one octet, 1 for the last segment and 0 for the others.

        """
}
