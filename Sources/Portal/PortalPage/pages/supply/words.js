import { showMoment, t } from '../../language.js';
import { clock } from '../archive/time.js';

export const words = {
  vi: {
    supTabs: 'Yêu cầu và quyền khai thác', supTab_grants: 'Quyền khai thác', supTab_requests: 'Yêu cầu', supRegister: 'Sổ cung cấp (CSV)',
    supLead_grants_reader: 'Những bản ghi mà cơ quan bạn được cấp. Mỗi bản sao được làm riêng cho bạn, mang tên bạn trên hình và dấu vết trong âm thanh; mỗi lần xem, tải đều được ghi lại.',
    supLead_requests_reader: 'Những yêu cầu bạn đã gửi và kết quả.',
    supLead_grants_officer: 'Quyền khai thác đã cấp. Thu hồi có hiệu lực ngay, kể cả khi đang xem.',
    supLead_requests_officer: 'Yêu cầu của các cơ quan. Mỗi yêu cầu được cấp hoặc từ chối một lần.',
    supAsk: 'Yêu cầu bản ghi', supAskTitle: 'Yêu cầu khai thác bản ghi', supAskDo: 'Gửi yêu cầu', supAsked: 'Đã gửi yêu cầu số {number}.',
    supDescription: 'Cuộc họp nào', supDescriptionHint: 'Ví dụ: Họp giao ban tháng 3/2026 của Ủy ban nhân dân tỉnh.',
    supRecording: 'Mã bản ghi', supRecordingHint: 'Nếu biết.', supPurpose: 'Mục đích', supReason: 'Lý do',
    'supPurpose_official-duty': 'Công vụ', 'supPurpose_special-duty': 'Công vụ đặc biệt', supPurpose_personal: 'Cá nhân',
    supFrom: 'Từ phút thứ', supTo: 'Đến phút thứ', supSpanHint: 'Viết 1:02:30 hoặc 2:30. Để trống cả hai ô nếu cần toàn bộ.', supBadTime: 'Thời điểm phải viết như 1:02:30 hoặc 2:30, và cần cả hai ô.',
    supWantsDownload: 'Cần tải về, không chỉ xem', supWhole: 'Toàn bộ', supNumber: 'Số', supWho: 'Người yêu cầu', supWhat: 'Bản ghi', supSpan: 'Đoạn', supAt: 'Lúc', supState: 'Tình trạng', supHolder: 'Người được cấp',
    supState_waiting: 'Đang chờ', supState_granted: 'Đã cấp', supState_refused: 'Bị từ chối', supState_withdrawn: 'Đã rút',
    supState_early: 'Chưa đến ngày', 'supState_in-force': 'Còn hiệu lực', supState_expired: 'Hết hạn', supState_revoked: 'Đã thu hồi',
    supLevel: 'Mức bản sao', supLevel_reading: 'Đọc tại chỗ', supLevel_unauthenticated: 'Bản sao không chứng thực', supLevel_authenticated: 'Bản sao chứng thực', supLevel_package: 'Gói DIP',
    supGrant: 'Cấp', supGrantTitle: 'Cấp quyền khai thác theo yêu cầu số {number}', supGranted: 'Đã cấp quyền khai thác số {number}.', supGrantOf: 'Cấp theo yêu cầu {number}',
    supRefuse: 'Từ chối', supRefuseOf: 'Từ chối yêu cầu {number}', supRefuseTitle: 'Từ chối yêu cầu số {number}', supWithdraw: 'Rút', supWithdrawOf: 'Rút yêu cầu {number}', supWithdrawTitle: 'Rút yêu cầu số {number}?',
    supUntil: 'Hiệu lực đến hết ngày', supUntilShort: 'Đến', supRemark: 'Ghi chú', supDone: 'Đã ghi.', supWantsShort: 'cần tải về', supMore: 'Cũ hơn',
    supWatch: 'Xem', supWatchOf: 'Xem bản sao số {number}', supDownload: 'Tải về', supDetails: 'Chi tiết', supDetailsOf: 'Chi tiết quyền khai thác {number}',
    supCopy: 'Bản sao', supCopy_queued: 'Đang chờ làm bản sao', supCopy_running: 'Đang làm bản sao: {percent} %', supCopy_ready: 'Bản sao đã sẵn sàng', supCopy_failed: 'Chưa làm được bản sao',
    supGrantNumber: 'Quyền khai thác số {number}', supGrantedBy: 'Người cấp', supFromDate: 'Từ', supRevoked: 'Thu hồi', supRevokedBy: '{name}, {at}: {reason}',
    supRevoke: 'Thu hồi', supRevokeTitle: 'Thu hồi quyền khai thác số {number}', supRevokeHint: 'Người đang xem hoặc đang tải bị ngắt ngay; bản sao bị xóa.', supRemake: 'Làm lại bản sao',
    supUses: 'Các lần sử dụng', supNoUses: 'Chưa ai sử dụng.', supUse_watched: 'xem', supUse_downloaded: 'tải về', supUse_refused: 'bị từ chối', supUse_packaged: 'làm gói DIP', supUseWhat: 'Việc', supUseDetail: 'Chi tiết', supBack: 'Về danh mục',
    supWatchTitle: 'Bản sao số {number}', supWatchLead: 'Bản sao này chỉ dành cho {name}. Tên bạn ở chân hình, và trong âm thanh có dấu vết không nghe thấy.', supPlayer: 'Phim của bản sao số {number}',
    supOver: 'Quyền khai thác này không còn hiệu lực.', supBroken: 'Không phát tiếp được. Quyền khai thác có thể đã bị thu hồi, hoặc mạng bị ngắt.', supWait: 'Bản sao đang được làm. Trang này tự mở khi xong.',
    supUnknown: '(tên hiện khi được cấp)',
  },
  en: {
    supTabs: 'Requests and grants', supTab_grants: 'Grants', supTab_requests: 'Requests', supRegister: 'Supply register (CSV)',
    supLead_grants_reader: 'Recordings that your agency was granted. Each copy is made for you alone: your name is in the picture and a trace in the sound; each viewing and download is written down.',
    supLead_requests_reader: 'What you asked for, and what became of it.',
    supLead_grants_officer: 'What was granted. Revoking counts at once, also while somebody watches.',
    supLead_requests_officer: 'What agencies ask for. Each request is granted or refused once.',
    supAsk: 'Ask for a recording', supAskTitle: 'Ask for a recording', supAskDo: 'Send', supAsked: 'Request {number} is sent.',
    supDescription: 'Which meeting', supDescriptionHint: 'Such as: the briefing of March 2026 of the provincial People’s Committee.',
    supRecording: 'Recording’s id', supRecordingHint: 'If you know it.', supPurpose: 'Purpose', supReason: 'Reason',
    'supPurpose_official-duty': 'Official duty', 'supPurpose_special-duty': 'Special official duty', supPurpose_personal: 'Personal',
    supFrom: 'From', supTo: 'To', supSpanHint: 'Write 1:02:30 or 2:30. Leave both empty for all of it.', supBadTime: 'A time is written like 1:02:30 or 2:30, and both are needed.',
    supWantsDownload: 'To take away, not only to watch', supWhole: 'All of it', supNumber: 'Number', supWho: 'Asked by', supWhat: 'Recording', supSpan: 'Span', supAt: 'When', supState: 'State', supHolder: 'Holder',
    supState_waiting: 'Waiting', supState_granted: 'Granted', supState_refused: 'Refused', supState_withdrawn: 'Withdrawn',
    supState_early: 'Not yet in force', 'supState_in-force': 'In force', supState_expired: 'Expired', supState_revoked: 'Revoked',
    supLevel: 'Level', supLevel_reading: 'Reading', supLevel_unauthenticated: 'Unauthenticated copy', supLevel_authenticated: 'Authenticated copy', supLevel_package: 'Dissemination package',
    supGrant: 'Grant', supGrantTitle: 'Grant request {number}', supGranted: 'Grant {number} is made.', supGrantOf: 'Grant request {number}',
    supRefuse: 'Refuse', supRefuseOf: 'Refuse request {number}', supRefuseTitle: 'Refuse request {number}', supWithdraw: 'Withdraw', supWithdrawOf: 'Withdraw request {number}', supWithdrawTitle: 'Withdraw request {number}?',
    supUntil: 'In force until the end of', supUntilShort: 'Until', supRemark: 'Remark', supDone: 'Entered.', supWantsShort: 'to take away', supMore: 'Older',
    supWatch: 'Watch', supWatchOf: 'Watch copy {number}', supDownload: 'Download', supDetails: 'Details', supDetailsOf: 'Details of grant {number}',
    supCopy: 'Copy', supCopy_queued: 'The copy waits to be made', supCopy_running: 'The copy is being made: {percent} %', supCopy_ready: 'The copy is ready', supCopy_failed: 'The copy could not be made',
    supGrantNumber: 'Grant {number}', supGrantedBy: 'Granted by', supFromDate: 'From', supRevoked: 'Revoked', supRevokedBy: '{name}, {at}: {reason}',
    supRevoke: 'Revoke', supRevokeTitle: 'Revoke grant {number}', supRevokeHint: 'Whoever watches or downloads is cut off at once, and the copy is removed.', supRemake: 'Make the copy again',
    supUses: 'Uses', supNoUses: 'Nobody used it yet.', supUse_watched: 'watched', supUse_downloaded: 'downloaded', supUse_refused: 'refused', supUse_packaged: 'package made', supUseWhat: 'What', supUseDetail: 'Details', supBack: 'Back to the list',
    supWatchTitle: 'Copy {number}', supWatchLead: 'This copy is for {name} alone. Your name is at the foot of the picture, and in the sound is a trace that nobody hears.', supPlayer: 'Film of copy {number}',
    supOver: 'This grant is not in force any more.', supBroken: 'It cannot be played on. The grant may be revoked, or the network is down.', supWait: 'The copy is being made. This page opens it when it is done.',
    supUnknown: '(its name is told with the grant)',
  },
};

export const purposes = ['official-duty', 'special-duty', 'personal'];
export const levels = ['reading', 'unauthenticated', 'authenticated', 'package'];
export const kinds = { waiting: 'warn', granted: 'good', refused: 'bad', withdrawn: '', early: 'warn', 'in-force': 'good', expired: '', revoked: 'bad' };

/** A span of a recording in words. */
export const spanWords = ({ from, to }) => (from === undefined || to === undefined ? t('supWhole') : `${clock(from, to)}–${clock(to)}`);
export const purposeWords = (code) => { const key = `supPurpose_${code}`; const found = t(key); return found === key ? code : found; };
export const copyWords = (copy) => (copy ? t(`supCopy_${copy.state}`, { percent: Math.floor(100 * copy.progress) }) : '');
export const by = (name, at) => `${name}, ${showMoment(at)}`;

/** `1:02:30` in seconds; undefined for nothing, NaN for what is no time. */
export function seconds(text) {
  if (!text.trim()) return undefined;
  const match = text.trim().match(/^(?:(\d{1,2}):)?(\d{1,3}):([0-5]?\d)$/);
  return match ? Number(match[1] ?? 0) * 3600 + Number(match[2]) * 60 + Number(match[3]) : NaN;
}

/** What two fields say; throws words for the person. */
export function spanOf(from, to) {
  const span = { from: seconds(from), to: seconds(to) };
  if (Number.isNaN(span.from) || Number.isNaN(span.to) || (span.from === undefined) !== (span.to === undefined)) throw new Error(t('supBadTime'));
  return span;
}
