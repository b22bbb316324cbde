/** Who did what. */
import { api } from '../api.js';
import { language, showMoment, t } from '../language.js';
import { button, field, heading, input, make, select, table } from '../dom.js';

export const words = {
  vi: { journalAt: 'Lúc', journalBy: 'Ai', journalAction: 'Việc', journalSubject: 'Về', journalMore: 'Cũ hơn',
    incident: 'Sự cố an toàn', incidentLead: 'Thông báo ban đầu gửi trong 24 giờ, báo cáo trong 72 giờ kể từ khi phát hiện. Tệp lấy từ nhật ký trong khoảng thời gian; phần còn lại người báo cáo tự ghi.',
    incidentForm: 'Văn bản', incidentNotice: 'Thông báo (24 giờ)', incidentReport: 'Báo cáo (72 giờ)', incidentNoticed: 'Phát hiện lúc', incidentFrom: 'Từ', incidentUntil: 'Đến', incidentMake: 'Mở văn bản', incidentFile: 'Nhật ký (CSV)',
    'journal_open recording': 'mở bản ghi', 'journal_play recording': 'phát bản ghi', 'journal_watch recording': 'đã xem bản ghi', 'journal_fetch file': 'tải tệp',
    'journal_verify recording': 'kiểm tra bản ghi', 'journal_request access': 'yêu cầu khai thác', 'journal_grant access': 'cấp quyền khai thác', 'journal_refuse access': 'từ chối yêu cầu khai thác',
    'journal_withdraw access request': 'rút yêu cầu khai thác', 'journal_revoke access': 'thu hồi quyền khai thác', 'journal_watch copy': 'xem bản sao được cấp', 'journal_download copy': 'tải bản sao được cấp',
    'journal_refuse copy': 'bị từ chối bản sao', 'journal_make package': 'làm gói DIP', 'journal_package recording': 'làm gói lưu trữ', 'journal_read report': 'đọc báo cáo', 'journal_read paper': 'đọc tài liệu', journal_refuse: 'bị từ chối', 'journal_trace copy': 'truy nguồn bản sao', 'journal_remake copy': 'cho làm lại bản sao',
    'journal_order recording': 'ra lệnh ghi hình', 'journal_begin recording': 'bắt đầu ghi theo lệnh', 'journal_pause recording': 'tạm dừng ghi', 'journal_resume recording': 'ghi tiếp',
    journal_drain: 'thôi mở cuộc họp mới', 'journal_cancel drain': 'lại cho mở cuộc họp',
    'journal_stop recording': 'dừng ghi', 'journal_note absence': 'ghi lý do vắng sau cuộc họp', 'journal_take back absence': 'bỏ lý do vắng đã ghi',
    'journal_sign in': 'đăng nhập', 'journal_review access': 'rà soát quyền', 'journal_cut journal': 'cắt nhật ký theo thời hạn',
    'journal_set retention class': 'đặt thời hạn lưu trữ', 'journal_place hold': 'giữ lại không hủy', 'journal_release hold': 'thôi giữ lại', 'journal_note submission': 'ghi việc giao nộp',
    'journal_check due packages': 'kiểm tra các gói đến hạn', 'journal_carry out destructions': 'thực hiện việc hủy đã duyệt',
    'journal_propose destruction': 'đề nghị hủy', 'journal_approve destruction': 'duyệt hủy', 'journal_refuse destruction': 'không duyệt hủy', 'journal_withdraw destruction': 'rút đề nghị hủy',
    'journal_order in meeting': 'ra lệnh trong cuộc họp', 'journal_call point': 'gọi điểm cầu', 'journal_end meeting': 'kết thúc cuộc họp', 'journal_move point': 'chuyển điểm cầu',
    'journal_invite point': 'mời điểm cầu', 'journal_make provisioning': 'tạo địa chỉ cài đặt thiết bị', 'journal_sign out': 'đăng xuất', 'journal_seal recording': 'niêm phong bản ghi',
    'journal_destroy recording': 'đã hủy bản ghi', 'journal_start': 'khởi động hệ thống', 'journal_stop': 'dừng hệ thống', 'journal_reload configuration': 'nạp lại cấu hình',
    'journal_add unit': 'thêm đơn vị', 'journal_set unit': 'sửa đơn vị', 'journal_remove unit': 'bỏ đơn vị', 'journal_merge unit': 'gộp đơn vị', 'journal_add point': 'thêm điểm cầu',
    'journal_set point': 'sửa điểm cầu', 'journal_remove point': 'bỏ điểm cầu', 'journal_new password of point': 'đặt mật khẩu mới cho điểm cầu', 'journal_add room': 'thêm phòng họp',
    'journal_set room': 'sửa phòng họp', 'journal_remove room': 'bỏ phòng họp', 'journal_set PIN of room': 'đặt mã PIN phòng họp', 'journal_remove PIN of room': 'bỏ mã PIN phòng họp',
    'journal_add person': 'thêm người dùng', 'journal_set person': 'sửa người dùng', 'journal_remove person': 'bỏ người dùng', 'journal_issue link': 'cấp liên kết đặt mật khẩu',
    'journal_set password': 'đặt mật khẩu', 'journal_wrong password': 'nhập sai mật khẩu', 'journal_wrong code': 'nhập sai mã xác thực', 'journal_lock account': 'tài khoản bị khóa',
    'journal_turn on second factor': 'bật xác thực hai lớp', 'journal_turn off second factor': 'tắt xác thực hai lớp', 'journal_use recovery code': 'dùng mã dự phòng',
    'journal_make token': 'tạo mã truy cập', 'journal_revoke token': 'thu hồi mã truy cập', 'journal_schedule meeting': 'lên lịch cuộc họp', 'journal_change meeting': 'sửa cuộc họp',
    'journal_cancel meeting': 'hủy cuộc họp', 'journal_rehearse': 'ghi kết quả chạy thử', 'journal_add paper': 'thêm tài liệu', 'journal_remove paper': 'bỏ tài liệu',
    'journal_destroy paper': 'đã hủy tài liệu', 'journal_refuse paper': 'không nhận tài liệu', 'journal_harvest': 'thu thập siêu dữ liệu (OAI-PMH)',
    'journal_export journal': 'tải nhật ký', 'journal_trace call': 'xem diễn biến cuộc gọi', 'journal_trace call with keys': 'xem diễn biến cuộc gọi kèm khóa' },
  en: { journalAt: 'When', journalBy: 'Who', journalAction: 'What', journalSubject: 'Of', journalMore: 'Older',
    incident: 'A security incident', incidentLead: 'The first notice is sent within 24 hours of its being noticed, the report within 72. The document is made of the journal of the span; the rest is written in by whoever reports.',
    incidentForm: 'Document', incidentNotice: 'Notice (24 hours)', incidentReport: 'Report (72 hours)', incidentNoticed: 'Noticed at', incidentFrom: 'From', incidentUntil: 'Until', incidentMake: 'Open the document', incidentFile: 'Journal (CSV)',
    'journal_open recording': 'opened recording', 'journal_play recording': 'began to play', 'journal_watch recording': 'watched', 'journal_fetch file': 'fetched file',
    'journal_verify recording': 'verified recording', 'journal_request access': 'asked for a recording', 'journal_grant access': 'granted access', 'journal_refuse access': 'refused a request',
    'journal_withdraw access request': 'withdrew a request', 'journal_revoke access': 'revoked a grant', 'journal_watch copy': 'watched a granted copy', 'journal_download copy': 'downloaded a granted copy',
    'journal_refuse copy': 'was refused a copy', 'journal_make package': 'made a package for use', 'journal_package recording': 'made a package', 'journal_read report': 'read a report', 'journal_read paper': 'read a paper', journal_refuse: 'was refused', 'journal_trace copy': 'traced a copy', 'journal_remake copy': 'had a copy made again',
    'journal_order recording': 'ordered recording', 'journal_begin recording': 'recording began by order', 'journal_pause recording': 'paused recording', 'journal_resume recording': 'resumed recording',
    journal_drain: 'begins no new meetings', 'journal_cancel drain': 'lets meetings begin again',
    'journal_stop recording': 'ended recording', 'journal_note absence': 'noted an absence after the meeting', 'journal_take back absence': 'took back a noted absence',
    'journal_sign in': 'signed in', 'journal_review access': 'reviewed access', 'journal_cut journal': 'cut the journal to its term',
    'journal_set retention class': 'set a retention class', 'journal_place hold': 'placed a hold', 'journal_release hold': 'released a hold', 'journal_note submission': 'noted a submission',
    'journal_check due packages': 'had due packages checked', 'journal_carry out destructions': 'had approved destructions carried out',
    'journal_propose destruction': 'proposed destruction', 'journal_approve destruction': 'approved destruction', 'journal_refuse destruction': 'refused destruction', 'journal_withdraw destruction': 'withdrew a proposal',
    'journal_order in meeting': 'ordered in a meeting', 'journal_call point': 'called a point', 'journal_end meeting': 'ended a meeting', 'journal_move point': 'moved a point',
    'journal_invite point': 'invited a point', 'journal_make provisioning': 'made a provisioning address', 'journal_sign out': 'signed out', 'journal_seal recording': 'sealed a recording',
    'journal_destroy recording': 'destroyed a recording', 'journal_start': 'system started', 'journal_stop': 'system stopped', 'journal_reload configuration': 'reloaded the configuration',
    'journal_add unit': 'added a unit', 'journal_set unit': 'changed a unit', 'journal_remove unit': 'removed a unit', 'journal_merge unit': 'merged units',
    'journal_add point': 'added a point', 'journal_set point': 'changed a point', 'journal_remove point': 'removed a point', 'journal_new password of point': 'set a new password of a point',
    'journal_add room': 'added a room', 'journal_set room': 'changed a room', 'journal_remove room': 'removed a room', 'journal_set PIN of room': 'set a room’s PIN',
    'journal_remove PIN of room': 'removed a room’s PIN', 'journal_add person': 'added a person', 'journal_set person': 'changed a person', 'journal_remove person': 'removed a person',
    'journal_issue link': 'issued a link for a password', 'journal_set password': 'set a password', 'journal_wrong password': 'entered a wrong password',
    'journal_wrong code': 'entered a wrong code', 'journal_lock account': 'account was locked', 'journal_turn on second factor': 'turned on the second factor',
    'journal_turn off second factor': 'turned off the second factor', 'journal_use recovery code': 'used a recovery code', 'journal_make token': 'made a token',
    'journal_revoke token': 'revoked a token', 'journal_schedule meeting': 'scheduled a meeting', 'journal_change meeting': 'changed a meeting',
    'journal_cancel meeting': 'cancelled a meeting', 'journal_rehearse': 'noted a rehearsal', 'journal_add paper': 'added a paper', 'journal_remove paper': 'removed a paper',
    'journal_destroy paper': 'destroyed a paper', 'journal_refuse paper': 'refused a paper', 'journal_harvest': 'harvested metadata (OAI-PMH)',
    'journal_export journal': 'took a copy of the journal', 'journal_trace call': 'traced a call', 'journal_trace call with keys': 'traced a call with its keys' },
};

/** What was done, in words where there are some. */
function deed(action) {
  const words = t(`journal_${action}`);
  return words.startsWith('journal_') ? action : words;
}

/** As a field for a day and a time has it, here. */
const local = (date) => new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);

/** What is sent of an incident. */
function incident() {
  const moment = (back) => input(local(new Date(Date.now() - back * 3_600_000)), { type: 'datetime-local', required: '' });
  const form = select([['notice', t('incidentNotice')], ['report', t('incidentReport')]], 'notice');
  // A field has whole minutes: this one is part of the span.
  const [noticed, from, until] = [moment(0), moment(24), moment(-1 / 60)];
  function address(format) {
    const query = new URLSearchParams({ form: form.value, format, lang: language() });
    for (const [name, control] of [['noticed', noticed], ['from', from], ['until', until]]) {
      if (control.value) query.set(name, new Date(control.value).toISOString().replace(/\.\d+Z$/, 'Z'));
    }
    return `/api/v1/security-incident?${query}`;
  }
  const follow = (format) => () => window.open(address(format), '_blank', 'noopener');
  return make('details', { class: 'card', id: 'incident' }, make('summary', {}, t('incident')), make('p', {}, t('incidentLead')),
    make('div', { class: 'fields' }, field(t('incidentForm'), form), field(t('incidentNoticed'), noticed), field(t('incidentFrom'), from), field(t('incidentUntil'), until)),
    make('p', {}, button(t('incidentMake'), follow('html'), 'main'), ' ', button('PDF', follow('pdf')), ' ', button('ODT', follow('odt')), ' ', button(t('incidentFile'), follow('csv'))));
}

export async function open(place, { signal }) {
  const lines = [];
  const list = make('div');
  const more = button(t('journalMore'), load);
  async function load() {
    const last = lines.at(-1);
    const next = await api.get(last ? `journal?before=${last.number}` : 'journal', { signal });
    lines.push(...next);
    more.hidden = next.length === 0;
    list.replaceChildren(lines.length ? table(t('navJournal'), [t('journalAt'), t('journalBy'), t('journalAction'), t('journalSubject')],
      lines.map((line) => [showMoment(line.at), line.by, deed(line.action), line.subject])) : make('p', { class: 'card' }, t('none')));
  }
  place.replaceChildren(heading(t('navJournal')), incident(), list, more);
  await load();
}
