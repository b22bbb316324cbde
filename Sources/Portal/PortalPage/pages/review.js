/** Who has which right, its half-yearly review, and the yearly figures; `#/review/NUMBER` is a review that was made. */
import { api, part } from '../api.js';
import { folded, language, showDate, showMoment, t } from '../language.js';
import { button, field, formDialog, heading, input, make, say, select, table } from '../dom.js';

export const words = {
  vi: {
    reviewNever: 'Chưa rà soát lần nào.', reviewLast: 'Lần gần nhất: {at}, {by}.', reviewDue: 'Đã đến hạn rà soát (mỗi nửa năm một lần).', reviewNext: 'Hạn lần tới: {date}.',
    reviewConfirm: 'Xác nhận đã rà soát', reviewAsk: 'Xác nhận đã xem lại {count} quyền dưới đây và quyền nào còn cần thì để lại?', reviewRemark: 'Nhận xét', reviewRemarkHint: 'Ví dụ: đã thu hồi tài khoản của người chuyển công tác.', reviewDone: 'Đã ghi lần rà soát.',
    reviewKind: 'Loại', reviewWho: 'Ai', reviewRight: 'Quyền', reviewUntil: 'Đến', reviewUsed: 'Dùng lần cuối', reviewState: 'Tình trạng', reviewAll: 'Tất cả', reviewFilter: 'Lọc theo loại', reviewFind: 'Tìm theo tên',
    review_person: 'Người dùng', review_token: 'Mã truy cập', review_point: 'Điểm cầu', review_grant: 'Quyền khai thác',
    review_locked: 'đang khóa', review_dormant: 'ngừng, 45 ngày không dùng', review_unused: 'chưa dùng', review_fixed: 'trong tệp cấu hình',
    review_new: 'mới', review_changed: 'đã đổi', review_gone: 'không còn', reviewChanges: 'Chỉ những gì đã đổi',
    reviewPast: 'Các lần rà soát', reviewAt: 'Lúc', reviewCount: 'Số quyền', reviewOf: 'Rà soát số {number}', reviewBack: 'Về danh sách hiện nay', reviewScopes: 'phạm vi: {scopes}', reviewJoins: 'vào họp',
    figuresTitle: 'Số liệu an toàn năm {year}', figuresSpan: 'Từ 15/12/{before} đến 14/12/{year}. Nhật ký được giữ {months} tháng; phần cũ hơn đã cắt vẫn được đếm.', figuresRunning: 'Năm này chưa kết thúc.', figuresName: 'Chỉ tiêu', figuresCount: 'Số lượng', figuresYear: 'Năm', figuresFile: 'Tải CSV',
  },
  en: {
    reviewNever: 'Never reviewed.', reviewLast: 'Last: {at}, {by}.', reviewDue: 'A review is due (twice a year).', reviewNext: 'Next one due: {date}.',
    reviewConfirm: 'Confirm the review', reviewAsk: 'Confirm that these {count} rights were looked through, and that those which stand are still needed?', reviewRemark: 'Remark', reviewRemarkHint: 'For example: accounts of people who left were removed.', reviewDone: 'The review is noted.',
    reviewKind: 'Kind', reviewWho: 'Who', reviewRight: 'Right', reviewUntil: 'Until', reviewUsed: 'Last used', reviewState: 'State', reviewAll: 'All', reviewFilter: 'Filter by kind', reviewFind: 'Find by name',
    review_person: 'Person', review_token: 'Token', review_point: 'Point', review_grant: 'Grant',
    review_locked: 'locked', review_dormant: 'off, unused for 45 days', review_unused: 'never used', review_fixed: 'in the configuration file',
    review_new: 'new', review_changed: 'changed', review_gone: 'gone', reviewChanges: 'Only what changed',
    reviewPast: 'Reviews that were made', reviewAt: 'When', reviewCount: 'Rights', reviewOf: 'Review {number}', reviewBack: 'Back to the present list', reviewScopes: 'scopes: {scopes}', reviewJoins: 'joins meetings',
    figuresTitle: 'Figures of security, {year}', figuresSpan: 'From 15/12/{before} to 14/12/{year}. The journal is kept for {months} months; what was cut before is still counted.', figuresRunning: 'This year is not over.', figuresName: 'Figure', figuresCount: 'Count', figuresYear: 'Year', figuresFile: 'Fetch CSV',
  },
};

const kinds = ['person', 'token', 'point', 'grant'];

function right(line) {
  if (line.kind === 'grant') return line.recording;
  if (line.kind === 'point') return t('reviewJoins');
  return make('span', {}, line.roles.map((role) => make('span', { class: 'tag' }, t(`role_${role}`))),
    line.scopes ? make('span', { class: 'sub' }, t('reviewScopes', { scopes: line.scopes.join(' ') })) : null);
}

function rights(list, changes = []) {
  return table(t('navReview'), [t('reviewWho'), t('reviewKind'), t('reviewRight'), t('reviewUntil'), t('reviewUsed'), t('reviewState')],
    list.map((line, index) => {
      const change = changes[index];
      return [make('span', {}, line.name, make('span', { class: 'sub' }, [line.id, line.agency].filter(Boolean).join(' · '))), t(`review_${line.kind}`), right(line),
        line.endsAt ? showDate(line.endsAt) : '', line.lastUsedAt ? showDate(line.lastUsedAt) : '',
        make('span', {}, change && change !== 'same' ? make('span', { class: `tag ${change === 'gone' ? 'bad' : 'warn'}` }, t(`review_${change}`)) : null, line.state ? ` ${t(`review_${line.state}`)}` : '')];
    }));
}

export async function open(place, view) {
  if (view.parts[0]) return past(place, view.parts[0], view);
  const { signal, session } = view;
  const [sheet, reviews] = await Promise.all([api.get('access-review', { signal }), api.get('access-reviews', { signal })]);
  const list = make('div', { id: 'rights' });
  const kind = select([['', t('reviewAll')], ...kinds.map((code) => [code, t(`review_${code}`)])], '', { change: draw });
  const find = input('', { type: 'search', input: draw });
  const changed = make('input', { type: 'checkbox', id: 'review-changed', change: draw });
  function draw() {
    const wanted = folded(find.value);
    const shown = sheet.rights.filter(({ line, change }) => (!kind.value || line.kind === kind.value) && (!changed.checked || change !== 'same')
      && folded(`${line.name} ${line.id} ${line.agency ?? ''}`).includes(wanted));
    list.replaceChildren(shown.length ? rights(shown.map(({ line }) => line), shown.map(({ change }) => change)) : make('p', { class: 'card' }, t('noMatch')));
  }
  async function confirmReview() {
    const remark = input('', { maxlength: 1000 });
    const count = sheet.rights.filter(({ change }) => change !== 'gone').length;
    const isDone = await formDialog(t('reviewConfirm'), [make('p', {}, t('reviewAsk', { count })), field(t('reviewRemark'), remark, { hint: t('reviewRemarkHint') })],
      () => api.post('access-reviews', { digest: sheet.digest, remark: remark.value }), { saveWords: t('reviewConfirm') });
    if (!isDone) return;
    say(t('reviewDone'));
    await open(place, view);
  }
  const standing = [sheet.last ? t('reviewLast', { at: showMoment(sheet.last.at), by: sheet.last.by }) : t('reviewNever'),
    sheet.isDue ? '' : t('reviewNext', { date: showDate(sheet.dueAt) })].filter(Boolean).join(' ');
  const figures = make('section', { id: 'figures' });
  place.replaceChildren(
    heading(t('navReview'), session.may('reviewAccess') ? button(t('reviewConfirm'), confirmReview, 'main') : null),
    make('div', { class: 'card' }, make('p', { id: 'review-standing' }, sheet.isDue ? make('span', { class: 'tag warn' }, t('reviewDue')) : null, ` ${standing}`),
      make('div', { class: 'fields' }, field(t('reviewFilter'), kind), field(t('reviewFind'), find)),
      make('label', { class: 'tick', for: 'review-changed' }, changed, make('span', {}, t('reviewChanges')))),
    list,
    ...(reviews.length ? [make('h2', {}, t('reviewPast')), table(t('reviewPast'), [t('reviewAt'), t('reviewWho'), t('reviewCount'), t('reviewRemark')],
      reviews.map((each) => [make('a', { href: `#/review/${each.number}` }, showMoment(each.at)), each.by, each.count, each.remark]))] : []),
    figures);
  draw();
  await showFigures(figures, undefined, signal);
}

async function past(place, number, { signal }) {
  const review = await api.get(`access-reviews/${part(number)}`, { signal });
  place.replaceChildren(heading(t('reviewOf', { number: review.summary.number })),
    make('p', { class: 'card' }, `${showMoment(review.summary.at)}, ${review.summary.by}. ${review.summary.remark}`),
    rights(review.rights), make('p', {}, make('a', { href: '#/review' }, t('reviewBack'))));
}

async function showFigures(place, year, signal) {
  const found = await api.get(`security-figures${year ? `?year=${year}` : ''}`, { signal });
  const choice = select([0, 1, 2, 3, 4].map((back) => String(new Date().getFullYear() + 1 - back)).map((each) => [each, each]), String(found.year),
    { change: () => showFigures(place, choice.value, signal) });
  place.replaceChildren(make('h2', {}, t('figuresTitle', { year: found.year })),
    make('div', { class: 'card' }, make('p', {}, t('figuresSpan', { year: found.year, before: found.year - 1, months: found.journalMonths }), found.isRunning ? ` ${t('figuresRunning')}` : ''),
      make('div', { class: 'fields' }, field(t('figuresYear'), choice)),
      make('a', { class: 'button quiet', href: `/api/v1/security-figures?year=${found.year}&format=csv`, download: '' }, t('figuresFile'))),
    table(t('figuresTitle', { year: found.year }), [t('figuresName'), t('figuresCount')],
      found.figures.map((figure) => [language() === 'vi' ? figure.vietnamese : figure.english, figure.count.toLocaleString(language())])));
}
