import { language, showDate, t } from '../../language.js';

export const words = {
  vi: {
    retTabs: 'Các danh mục thời hạn lưu trữ',
    retTab_due: 'Đến hạn', retTab_clocks: 'Hạn nộp lưu', retTab_held: 'Đang tạm giữ', retTab_all: 'Tất cả', retTab_proposals: 'Đề nghị hủy',
    retLead_due: 'Hồ sơ hết thời hạn trong năm nay hoặc đã hết. Hồ sơ chỉ bị hủy khi một người đề nghị và một người khác thẩm tra, phê duyệt.',
    retLead_clocks: 'Hồ sơ phải nộp vào lưu trữ hiện hành hoặc lưu trữ lịch sử trong 60 ngày tới, hoặc đã quá hạn nộp.',
    retLead_held: 'Hồ sơ được giữ lại dù đã hết thời hạn, cho đến khi lệnh tạm giữ được gỡ.',
    retLead_all: 'Mọi hồ sơ của các cuộc họp đã kết thúc, cũ nhất trước.',
    retLead_proposals: 'Danh mục đề nghị hủy. Người đề nghị không được tự thẩm tra.',
    retRecording: 'Hồ sơ', retClass: 'Thời hạn', retKept: 'Giữ đến hết', retEver: 'Vĩnh viễn', retSubmission: 'Nộp lưu', retStanding: 'Tình trạng',
    retStandard: '(theo mặc định)', retMore: 'Xem thêm', retNothing: 'Không có hồ sơ nào.', retChoose: 'Chọn {name}', retOver: 'Đã hết hạn', retOverThisYear: 'Hết hạn cuối năm nay',
    retHeldBy: 'Tạm giữ ({count})', retProposedIn: 'Đề nghị hủy số {number}', retDestroyed: 'Đã hủy {date}',
    retArchive_current: 'Lưu trữ hiện hành', retArchive_historical: 'Lưu trữ lịch sử', retDue: 'hạn {date}', retLate: 'quá hạn {date}', retSubmitted: 'đã nộp {date}',
    retPropose: 'Đề nghị hủy ({count})', retProposeTitle: 'Đề nghị hủy {count} hồ sơ', retReason: 'Lý do', retProposeDo: 'Đề nghị hủy', retProposed: 'Đã lập đề nghị hủy số {number}.',
    retObstacles: 'Chưa hủy được:', retNoneChosen: 'Chọn ít nhất một hồ sơ.',
    retState_proposed: 'Chờ thẩm tra', retState_approved: 'Đã duyệt, đang hủy', retState_refused: 'Bị bác', retState_withdrawn: 'Đã rút', retState_destroyed: 'Đã hủy',
    retNumber: 'Đề nghị số {number}', retBy: 'Người đề nghị', retReviewer: 'Người thẩm tra', retVerdict: 'Quyết định', retHidden: 'và {count} hồ sơ khác mà bạn không được biết',
    retReview: 'Thẩm tra', retReviewTitle: 'Thẩm tra đề nghị số {number}', retDecision: 'Kết luận', retApprove: 'Phê duyệt hủy', retRefuse: 'Bác đề nghị',
    retDocument: 'Số và ngày quyết định, hoặc lý do bác', retReviewHint: 'Phê duyệt xong, bản ghi và tài liệu của hồ sơ bị xóa ngay, không lấy lại được. Dữ liệu mô tả, con dấu và giấy chứng nhận được giữ lại.',
    retReviewDo: 'Ghi kết luận', retWithdraw: 'Rút đề nghị', retWithdrawAsk: 'Rút đề nghị số {number}?',
    retCertificate: 'Giấy chứng nhận hủy', retCertificateOf: 'Giấy chứng nhận hủy ({format}): {name}', retCertificateText: 'Để đọc', retCertificateData: 'Dữ liệu JSON', retSignature: 'Chữ ký',
    retBack: 'Về danh mục', retClassChange: 'Đổi thời hạn', retClassOf: 'Thời hạn lưu trữ', retHolds: 'Lệnh tạm giữ', retHold: 'Tạm giữ', retHoldTitle: 'Tạm giữ hồ sơ', retHoldDocument: 'Văn bản',
    retHoldAt: 'Từ', retHoldBy: 'Người giữ', retRelease: 'Gỡ', retReleaseTitle: 'Gỡ lệnh tạm giữ', retReleased: 'Đã gỡ {date}: {reason}', retNoHolds: 'Không có lệnh tạm giữ.',
    retSubmit: 'Ghi đã nộp', retSubmitTitle: 'Đã nộp vào {archive}', retSubmitDocument: 'Số và ngày biên bản giao nhận', retEnded: 'Năm kết thúc công việc', retDone: 'Đã ghi.',
  },
  en: {
    retTabs: 'Lists of retention',
    retTab_due: 'Due', retTab_clocks: 'To be submitted', retTab_held: 'On hold', retTab_all: 'All', retTab_proposals: 'Proposals',
    retLead_due: 'Whose term ends this year or has ended. Nothing is destroyed until one person proposes it and another reviews and approves it.',
    retLead_clocks: 'To be submitted to the current or the historical archive within 60 days, or late.',
    retLead_held: 'Kept although their term may be over, until the hold is released.',
    retLead_all: 'Every meeting that is over, the oldest first.',
    retLead_proposals: 'Proposals to destroy. Nobody reviews what they proposed.',
    retRecording: 'Recording', retClass: 'Class', retKept: 'Kept until the end of', retEver: 'For ever', retSubmission: 'Submission', retStanding: 'Standing',
    retStandard: '(by default)', retMore: 'More', retNothing: 'None.', retChoose: 'Choose {name}', retOver: 'Term is over', retOverThisYear: 'Ends this year',
    retHeldBy: 'On hold ({count})', retProposedIn: 'In proposal {number}', retDestroyed: 'Destroyed {date}',
    retArchive_current: 'Current archive', retArchive_historical: 'Historical archive', retDue: 'due {date}', retLate: 'late since {date}', retSubmitted: 'submitted {date}',
    retPropose: 'Propose destruction ({count})', retProposeTitle: 'Propose to destroy {count} recordings', retReason: 'Reason', retProposeDo: 'Propose', retProposed: 'Proposal {number} is made.',
    retObstacles: 'These cannot be destroyed yet:', retNoneChosen: 'Choose at least one.',
    retState_proposed: 'Waits for review', retState_approved: 'Approved, being destroyed', retState_refused: 'Refused', retState_withdrawn: 'Withdrawn', retState_destroyed: 'Destroyed',
    retNumber: 'Proposal {number}', retBy: 'Proposed by', retReviewer: 'Reviewed by', retVerdict: 'Decision', retHidden: 'and {count} more of which you may not know',
    retReview: 'Review', retReviewTitle: 'Review of proposal {number}', retDecision: 'Conclusion', retApprove: 'Approve destruction', retRefuse: 'Refuse it',
    retDocument: 'Number and date of the decision, or why it is refused', retReviewHint: 'Once approved, the recording and its papers are removed at once and cannot be had back. Metadata, seal and certificate stay.',
    retReviewDo: 'Enter', retWithdraw: 'Withdraw', retWithdrawAsk: 'Withdraw proposal {number}?',
    retCertificate: 'Certificate of destruction', retCertificateOf: 'Certificate of destruction ({format}): {name}', retCertificateText: 'To read', retCertificateData: 'JSON', retSignature: 'Signature',
    retBack: 'Back to the list', retClassChange: 'Change the class', retClassOf: 'Retention class', retHolds: 'Holds', retHold: 'Hold', retHoldTitle: 'Hold this recording', retHoldDocument: 'Document',
    retHoldAt: 'Since', retHoldBy: 'Placed by', retRelease: 'Release', retReleaseTitle: 'Release the hold', retReleased: 'Released {date}: {reason}', retNoHolds: 'There is no hold.',
    retSubmit: 'Note submission', retSubmitTitle: 'Submitted to: {archive}', retSubmitDocument: 'Number and date of the record of transfer', retEnded: 'Year in which the work ended', retDone: 'Entered.',
  },
};

/** A day such as `2036-12-31`. */
export const showDay = (day) => showDate(`${day}T12:00:00+07:00`);
export const className = (row) => (language() === 'vi' ? row.vietnamese : row.english);
export const today = () => new Intl.DateTimeFormat('en-CA', { timeZone: 'Asia/Ho_Chi_Minh' }).format(new Date());

/** Of one submission: a tag's kind and its words. */
export function submissionWords(each) {
  if (each.submittedAt) return ['good', t('retSubmitted', { date: showDate(each.submittedAt) })];
  return each.due < today() ? ['bad', t('retLate', { date: showDay(each.due) })] : ['', t('retDue', { date: showDay(each.due) })];
}
