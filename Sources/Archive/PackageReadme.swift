/// `README.txt`: how to read a package when nothing is left of the software that made it.
enum PackageReadme {
    static let text = """
        HỒ SƠ GHI HÌNH, GHI ÂM MỘT CUỘC HỌP
        (English below)

        Thư mục này là một "túi" BagIt (RFC 8493) và không cần phần mềm đã tạo ra nó để đọc. Mọi tệp văn bản dùng bảng mã UTF-8.

        data/master.mkv      Bản gốc: tiếng và hình của từng điểm cầu như đã nhận được, mỗi luồng một rãnh. Định dạng Matroska (RFC 9559);
                             tiếng Opus (RFC 6716) hoặc FLAC (RFC 9639), hình VP8 (RFC 6386), VP9 hoặc H.264 (ITU-T H.264).
        data/master.chain    Chuỗi băm của bản gốc, từng cụm (cluster) một; xem bên dưới.
        data/master.packets  Các gói RTP mà bản gốc được ghép từ đó (nhị phân); chỉ cần để ghép với bản ghi thứ hai.
        data/access.webm     Phim để xem: hình ghép có tên các điểm cầu, tiếng trộn, mỗi lượt phát biểu một chương (WebM).
        data/audio.opus      Riêng phần tiếng (Ogg, RFC 7845).
        data/poster.webp, data/thumbnails.vtt, data/thumbnails/, data/waveform.json
                             Ảnh đại diện, ảnh nhỏ và dạng sóng cho trình phát; không phải tài liệu gốc.
        data/events.jsonl    Diễn biến: mỗi dòng một sự kiện (JSON); "master" là mili giây tính từ đầu bản gốc.
        data/gaps.json       Những gì bản gốc thiếu, từng luồng, theo mili giây, kèm lý do: lost (mất trên đường), recorder (máy ghi bỏ sót), damaged
                             (hình có thể hỏng), notSent (không gửi), away (không được ghi), unexplained (máy ghi dừng đột ngột, không rõ lý
                             do). Không có số gói tin ("packets…") nghĩa là không đếm được, không phải là 0.
        data/reports/        Báo cáo điểm danh và chất lượng (JSON, PDF/A), khung biên bản (OpenDocument); decoding.json: kết quả giải mã
                             toàn bộ bản gốc.
        data/papers/         Tài liệu của cuộc họp, mọi phiên bản; papers.json ghi tên, người nộp, thời gian và mã băm của từng tệp.
        metadata/meeting.json, metadata/dc.xml
                             Cuộc họp: tên, đơn vị triệu tập, thời gian, thành phần, phông, mã hồ sơ, thời hạn bảo quản (JSON; Dublin Core).
        metadata/premis.xml  Siêu dữ liệu bảo quản (PREMIS 3.0): từng tệp trong data/ với định dạng và mã băm; việc ghi, dựng phim, giải mã
                             kiểm tra, lập báo cáo, tính mã băm cho đến khi đóng dấu; các chương trình cùng phiên bản và người ra lệnh.
        bag-info.txt, manifest-sha512.txt, tagmanifest-sha512.txt, bagit.txt
                             Các tệp của BagIt: mã băm SHA-512 của từng tệp.
        seal/                Con dấu điện tử: seal.json liệt kê mọi tệp cùng mã băm, được ký số. seal.tsr, nếu có: dấu thời gian (RFC 3161) của
                             chữ ký số, có thể đến sau khi đóng dấu.
        destruction/         Chỉ có khi hồ sơ đã bị hủy: giấy chứng nhận (certificate.json, certificate.txt) được ký như con dấu; data/ khi
                             đó không còn, các mã băm vẫn còn.

        Kiểm tra tính toàn vẹn chỉ bằng sha512sum và openssl, trong thư mục này (khóa công khai lấy từ cơ quan lưu trữ, không lấy ở đây):
          sha512sum -c manifest-sha512.txt && sha512sum -c tagmanifest-sha512.txt
          grep -F "$(sha512sum tagmanifest-sha512.txt | cut -c1-128)" seal/seal.json
          openssl pkeyutl -verify -rawin -pubin -inkey seal.pub.pem -in seal/seal.json -sigfile seal/seal.sig
        hoặc, nếu có seal/seal.p7s thay cho seal/seal.sig:
          openssl cms -verify -binary -inform DER -in seal/seal.p7s -content seal/seal.json -CAfile ca.pem -purpose any -out /dev/null
        Dấu thời gian, nếu có seal/seal.tsr (của seal/seal.p7s hoặc seal/seal.sig; tsa.pem là chứng thư của tổ chức cấp dấu thời gian):
          openssl ts -verify -data seal/seal.p7s -in seal/seal.tsr -CAfile tsa.pem
        Giấy chứng nhận hủy, nếu có destruction/:
          openssl pkeyutl -verify -rawin -pubin -inkey seal.pub.pem -in destruction/certificate.json -sigfile destruction/certificate.sig

        THE RECORD OF A MEETING

        This directory is a BagIt bag (RFC 8493) and can be read without the software that made it. All text is UTF-8.

        data/master.mkv      The master: sound and pictures of each connection point as they were received, a track a stream. Matroska
                             (RFC 9559); sound in Opus (RFC 6716) or FLAC (RFC 9639), pictures in VP8 (RFC 6386), VP9 or H.264 (ITU-T H.264).
        data/master.chain    The hash chain of the master, cluster by cluster; see below.
        data/master.packets  The RTP packets that the master was made of (binary); of use only to merge it with another recording.
        data/access.webm     The film to watch: a gallery with the points' names, the mixed sound, a chapter a speech (WebM).
        data/audio.opus      The sound alone (Ogg, RFC 7845).
        data/poster.webp, data/thumbnails.vtt, data/thumbnails/, data/waveform.json
                             Pictures and wave form for a player; not part of the evidence as such.
        data/events.jsonl    What happened, a line an event (JSON); "master" is milliseconds from the master's beginning.
        data/gaps.json       What the master lacks, stream by stream, in milliseconds, and why: lost (on the way), recorder (missed by it), damaged
                             (pictures), notSent, away (not to be recorded), unexplained (the recorder died before it could say). Without
                             figures of packets ("packets…") they were not counted, which is not 0.
        data/reports/        Attendance and quality (JSON, PDF/A), a skeleton of minutes (OpenDocument); decoding.json: what decoding the
                             master end to end showed.
        data/papers/         The meeting's papers, every version; papers.json has their titles, who brought them, when, and their hashes.
        metadata/meeting.json, metadata/dc.xml
                             The meeting: title, convener, times, who was there, fonds, file code, retention (JSON; Dublin Core).
        metadata/premis.xml  Preservation metadata (PREMIS 3.0): each file of data/ with its format and hashes; recording, composing the film,
                             decoding as a check, reports and hashing up to the seal; the programs with versions, and who gave the order.
        bag-info.txt, manifest-sha512.txt, tagmanifest-sha512.txt, bagit.txt
                             BagIt's own files: the SHA-512 of each file.
        seal/                The seal: seal.json lists every file with its hashes, and is signed. seal.tsr, where it is: a time stamp (RFC 3161)
                             of the signature, which may come after the sealing.
        destruction/         Of a record that was destroyed alone: the certificate (certificate.json, certificate.txt), signed like a seal;
                             data/ is gone then, and its hashes stay.

        To check that nothing was changed, with sha512sum and openssl alone, in this directory: the commands above (openssl ts for the time stamp). Get the public key from
        the archive, not from here.

        The chain: the first line of data/master.chain is "causeway-cluster-chain/1 MEETING", whose SHA-256 (with its line feed) is link 0. Each
        line that follows is "OFFSET LENGTH MILLISECONDS HASH LINK": HASH is the SHA-256 of LENGTH octets of the master from OFFSET, and LINK is the
        SHA-256 of "PREVIOUS-LINK HASH OFFSET LENGTH MILLISECONDS" and a line feed. The last LINK stands in seal/seal.json as chainHead.

        The Merkle root: a leaf is SHA-256(0x00 ‖ "SHA512 SIZE PATH") of a file of seal.json, in the list's order; a node is
        SHA-256(0x01 ‖ left ‖ right), as in RFC 9162, section 2.1.1.

        """
}
