/**
 * The portal's words: Vietnamese first, and what the person chose. Views bring their own by `addWords`. Elements say by
 * `data-text` which words are theirs, by `data-label` which are their name for screen readers.
 */
const words = {
  vi: {
    drain: 'Hệ thống sắp được bảo trì: không mở cuộc họp mới. Các cuộc đang họp vẫn tiếp tục ({meetings} cuộc, {points} điểm cầu).',
    name: 'Tiếng Việt', product: 'Cầu truyền hình', skip: 'Đến nội dung chính', language: 'Ngôn ngữ', menu: 'Danh mục',
    navigation: 'Các mục', signOut: 'Đăng xuất',
    navHome: 'Trang đầu', navUnits: 'Đơn vị', navPoints: 'Điểm cầu', navRooms: 'Phòng họp', navPeople: 'Người dùng',
    navJournal: 'Nhật ký', navGuides: 'Hướng dẫn', navReports: 'Báo cáo', navArchive: 'Kho lưu trữ', navSchedule: 'Lịch họp',
    navMeetings: 'Đang họp', navLines: 'Đường truyền', navAccount: 'Tài khoản của tôi', navRetention: 'Thời hạn lưu trữ', navSupply: 'Cung cấp bản sao', navReview: 'Rà soát quyền',
    signIn: 'Đăng nhập', signInLead: 'Dành cho cán bộ Văn phòng. Điểm cầu vào họp bằng đường liên kết trong giấy mời.',
    loginName: 'Tên đăng nhập', password: 'Mật khẩu', signInDo: 'Đăng nhập',
    or: 'hoặc', signInBy: 'Đăng nhập bằng {name}', againBy: 'Đăng nhập lại bằng {name}',
    openid_unavailable: 'Chưa kết nối được với hệ thống đăng nhập chung. Hãy thử lại sau ít phút, hoặc đăng nhập bằng mật khẩu.',
    openid_stale: 'Lần đăng nhập này đã dùng rồi hoặc đã quá 10 phút. Hãy bắt đầu lại.',
    openid_refused: 'Hệ thống đăng nhập chung không xác nhận bạn. Hãy thử lại ở đó.',
    openid_unbelieved: 'Không tin được xác nhận của hệ thống đăng nhập chung. Hãy báo quản trị viên.',
    openid_unknown: 'Hệ thống đăng nhập chung đã nhận ra bạn, nhưng ở đây chưa có tài khoản ứng với danh tính đó. Không tự đăng ký được: hãy nhờ quản trị viên của Văn phòng thêm danh tính của bạn vào mục Người dùng.',
    openid_locked: 'Tài khoản đang bị khóa vì nhập sai quá nhiều lần. Hãy thử lại sau 15 phút.',
    openid_dormant: 'Tài khoản đã ngừng vì 45 ngày không dùng: hãy xin quản trị viên liên kết mới.',
    openid_failed: 'Không đăng nhập được. Hãy thử lại, hoặc báo quản trị viên.',
    codeTitle: 'Mã xác thực', codeLead: 'Mở ứng dụng xác thực trên điện thoại và nhập mã 6 chữ số đang hiện.',
    code: 'Mã xác thực', codeHint: 'Mất điện thoại? Nhập một mã dự phòng.', codeMissing: 'Nhập mã xác thực.',
    enrolTitle: 'Bật xác thực hai lớp', enrolLead: 'Từ nay khi đăng nhập, ngoài mật khẩu còn cần mã do điện thoại của bạn hiện.',
    enrolStepApp: 'Cài một ứng dụng xác thực trên điện thoại, như Aegis, FreeOTP, Google Authenticator hoặc Microsoft Authenticator.',
    enrolStepScan: 'Dùng ứng dụng quét mã dưới đây.', enrolStepCode: 'Nhập mã 6 chữ số mà ứng dụng hiện.', enrolPicture: 'Mã QR cho ứng dụng xác thực',
    enrolByHand: 'Không quét được? Gõ khóa này vào ứng dụng', enrolDo: 'Bật',
    recoveryTitle: 'Mã dự phòng', recoveryLead: 'Mỗi mã thay cho điện thoại được một lần. Hãy in hoặc chép lại và cất nơi an toàn: các mã này không hiện lại nữa.',
    recoveryDone: 'Tôi đã cất giữ', print: 'In',
    startTitle: 'Đặt mật khẩu', startLead: 'Liên kết này dùng được một lần. Mật khẩu cần ít nhất 12 ký tự.',
    passwordAgain: 'Nhập lại mật khẩu', passwordsDiffer: 'Hai lần nhập không giống nhau.', startDo: 'Đặt mật khẩu và vào',
    lockTitle: 'Màn hình đã khóa', lockLead: 'Bạn đã lâu không thao tác. Nhập mật khẩu để tiếp tục; những gì đang nhập vẫn còn.',
    unlock: 'Mở khóa', nameMissing: 'Nhập tên đăng nhập.', passwordMissing: 'Nhập mật khẩu.',
    notFound: 'Không có trang này', notFoundLead: 'Địa chỉ không đúng, hoặc vai trò của bạn không xem được trang này.',
    failed: 'Không đọc được dữ liệu', offline: 'Không kết nối được với hệ thống. Kiểm tra mạng rồi thử lại.',
    loading: 'Đang tải…', retry: 'Thử lại', save: 'Lưu', cancel: 'Hủy', remove: 'Bỏ', edit: 'Sửa', add: 'Thêm', close: 'Đóng',
    saved: 'Đã lưu.', removed: 'Đã bỏ.', search: 'Tìm', none: 'Chưa có.', noMatch: 'Không có mục nào khớp.', yes: 'Có', no: 'Không',
    fixedNote: 'Trong tệp cấu hình', required: 'bắt buộc', optional: 'không bắt buộc', actions: 'Thao tác', copy: 'Chép',
    copied: 'Đã chép.', confirmRemove: 'Bỏ “{name}”?',
    role_administrator: 'Quản trị viên', role_convener: 'Người triệu tập', role_chair: 'Chủ tọa',
    role_technician: 'Kỹ thuật viên', role_archivist: 'Lưu trữ viên', 'role_agency-reader': 'Người đọc của cơ quan',
    role_auditor: 'Người kiểm tra',
  },
  en: {
    drain: 'The bridge is about to be serviced: no new meeting is begun. Those in progress go on ({meetings} meetings, {points} points).',
    name: 'English', product: 'Video conference', skip: 'Skip to the main content', language: 'Language', menu: 'Menu',
    navigation: 'Sections', signOut: 'Sign out',
    navHome: 'Home', navUnits: 'Units', navPoints: 'Points', navRooms: 'Rooms', navPeople: 'People', navJournal: 'Journal',
    navSchedule: 'Schedule', navMeetings: 'In progress', navLines: 'Lines', navGuides: 'Guides', navReports: 'Reports',
    navArchive: 'Archive', navAccount: 'My account', navRetention: 'Retention', navSupply: 'Supply', navReview: 'Access review',
    signIn: 'Sign in', signInLead: 'For the Office. Connection points join by the link in their invitation.',
    loginName: 'Login name', password: 'Password', signInDo: 'Sign in',
    or: 'or', signInBy: 'Sign in with {name}', againBy: 'Sign in again with {name}',
    openid_unavailable: 'The identity provider cannot be reached. Try again in a few minutes, or sign in with your password.',
    openid_stale: 'This sign-in was used already, or took longer than 10 minutes. Begin again.',
    openid_refused: 'The identity provider did not vouch for you. Try again there.',
    openid_unbelieved: 'What the identity provider said cannot be believed. Tell an administrator.',
    openid_unknown: 'The identity provider knows you, but no account here has that identity. Nobody registers by themselves: ask an administrator of the Office to enter your identity under People.',
    openid_locked: 'The account is locked after too many wrong attempts. Try again in 15 minutes.',
    openid_dormant: 'The account is off after 45 days without use: ask an administrator for a new link.',
    openid_failed: 'You could not be signed in. Try again, or tell an administrator.',
    codeTitle: 'Verification code', codeLead: 'Open the authenticator app on your telephone and enter the six digits that it shows.',
    code: 'Code', codeHint: 'Telephone lost? Enter a recovery code.', codeMissing: 'Enter the code.',
    enrolTitle: 'Turn on the second factor', enrolLead: 'From now on signing in takes a code that your telephone shows, besides the password.',
    enrolStepApp: 'Install an authenticator app on your telephone, such as Aegis, FreeOTP, Google Authenticator or Microsoft Authenticator.',
    enrolStepScan: 'Scan this picture with it.', enrolStepCode: 'Enter the six digits that it shows.', enrolPicture: 'QR code for the authenticator app',
    enrolByHand: 'It cannot be scanned? Type this key into the app', enrolDo: 'Turn on',
    recoveryTitle: 'Recovery codes', recoveryLead: 'Each stands in for the telephone once. Print them or write them down and keep them safe: they are not shown again.',
    recoveryDone: 'I have kept them', print: 'Print',
    startTitle: 'Set your password', startLead: 'This link works once. A password has at least 12 characters.',
    passwordAgain: 'Password again', passwordsDiffer: 'The two are not the same.', startDo: 'Set it and enter',
    lockTitle: 'The screen is locked', lockLead: 'Nothing was done for a while. Enter your password to go on; what you were writing is still there.',
    unlock: 'Unlock', nameMissing: 'Enter your login name.', passwordMissing: 'Enter your password.',
    notFound: 'There is no such page', notFoundLead: 'The address is wrong, or your role does not see this page.',
    failed: 'The data cannot be read', offline: 'The system cannot be reached. Check the network and try again.',
    loading: 'Loading…', retry: 'Try again', save: 'Save', cancel: 'Cancel', remove: 'Remove', edit: 'Edit', add: 'Add', close: 'Close',
    saved: 'Saved.', removed: 'Removed.', search: 'Search', none: 'None yet.', noMatch: 'Nothing matches.', yes: 'Yes', no: 'No',
    fixedNote: 'In the configuration file', required: 'required', optional: 'optional', actions: 'Actions', copy: 'Copy',
    copied: 'Copied.', confirmRemove: 'Remove “{name}”?',
    role_administrator: 'Administrator', role_convener: 'Convener', role_chair: 'Chair', role_technician: 'Technician',
    role_archivist: 'Archivist', 'role_agency-reader': 'Agency reader', role_auditor: 'Auditor',
  },
};

export const languages = Object.keys(words);
const kept = (() => { try { return localStorage.getItem('causeway.language'); } catch { return null; } })();
let current = languages.includes(kept) ? kept : 'vi';
const changes = new EventTarget();

export const language = () => current;
export const locale = () => (current === 'vi' ? 'vi-VN' : 'en-GB');
export const nameOf = (code) => words[code].name;

export function addWords(more) {
  for (const code of languages) Object.assign(words[code], more[code]);
}

/** The words for a key, its gaps filled. */
export function t(key, values = {}) {
  return (words[current][key] ?? words.vi[key] ?? key).replace(/\{(\w+)\}/g, (gap, name) => values[name] ?? gap);
}

export function choose(code) {
  current = code;
  try { localStorage.setItem('causeway.language', code); } catch { /* Private windows keep nothing. */ }
  translate(document);
  changes.dispatchEvent(new Event('change'));
}

export const onLanguage = (act) => changes.addEventListener('change', act);

/** Puts the words into an element and all below it. */
export function translate(root) {
  if (root === document) document.documentElement.lang = current;
  for (const element of root.querySelectorAll('[data-text]')) element.textContent = t(element.dataset.text);
  for (const element of root.querySelectorAll('[data-label]')) element.setAttribute('aria-label', t(element.dataset.label));
}

const zone = 'Asia/Ho_Chi_Minh';
export const showDate = (date) => new Intl.DateTimeFormat(locale(), { timeZone: zone, weekday: 'short', day: '2-digit', month: '2-digit', year: 'numeric' }).format(new Date(date));
export const showTime = (date) => new Intl.DateTimeFormat(locale(), { timeZone: zone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(new Date(date));
export const showMoment = (date) => `${showTime(date)}, ${showDate(date)}`;

/** Lower case without any mark, đ as d: what search compares. */
export const folded = (text) => String(text ?? '').normalize('NFD').replace(/\p{M}/gu, '').toLowerCase().replaceAll('đ', 'd');
