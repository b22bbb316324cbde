/** Reports of meetings, and figures month by month; `#/reports/ID` is who was there. */
import { api, part } from '../api.js';
import { language, showMoment, t } from '../language.js';
import { button, heading, make, table } from '../dom.js';
import { attendancePage } from './reports/attendance.js';

export const words = {
  vi: {
    reportsMeeting: 'Cuộc họp', reportsAt: 'Lúc', reportsFiles: 'Báo cáo', reportsMinutes: 'Biên bản', reportsMore: 'Cũ hơn',
    reportsView: 'Xem', reportsOf: '{kind} {format}: {name}', reportsMonths: 'Theo tháng', reportsMonth: 'Tháng',
    reportsMeetings: 'Cuộc họp', reportsHours: 'Giờ họp', reportsAttendances: 'Lượt điểm cầu', reportsPoints: 'Điểm cầu',
    reportsSaved: 'Km không phải đi', reportsTotal: 'Tất cả',
    reportsAttendance: 'Điểm danh', reportsPoint: 'Điểm cầu', reportsAgency: 'Cơ quan', reportsPresence: 'Có mặt', reportsCame: 'Vào', reportsLeft: 'Ra', reportsDo: 'Việc',
    reportsPresence_present: 'Có mặt', reportsPresence_late: 'Có mặt, đến muộn', reportsPresence_silent: 'Không có tiếng, hình', reportsPresence_absent: 'Vắng',
    reportsNote: 'Ghi lý do vắng', reportsReason: 'Lý do', reportsReasonHint: 'Báo cáo sẽ nêu ai ghi, lúc nào, và là ghi sau cuộc họp. Để trống là bỏ điều đã ghi.',
    reportsNoted: '{by} ghi sau cuộc họp, {at}', reportsDone: 'Đã ghi.',
  },
  en: {
    reportsMeeting: 'Meeting', reportsAt: 'When', reportsFiles: 'Report', reportsMinutes: 'Minutes', reportsMore: 'Older',
    reportsView: 'View', reportsOf: '{kind} {format}: {name}', reportsMonths: 'Month by month', reportsMonth: 'Month',
    reportsMeetings: 'Meetings', reportsHours: 'Hours', reportsAttendances: 'Attendances', reportsPoints: 'Points',
    reportsSaved: 'Km of travel saved', reportsTotal: 'All',
    reportsAttendance: 'Attendance', reportsPoint: 'Point', reportsAgency: 'Agency', reportsPresence: 'Presence', reportsCame: 'Came', reportsLeft: 'Left', reportsDo: 'To do',
    reportsPresence_present: 'Present', reportsPresence_late: 'Present, late', reportsPresence_silent: 'No sound or picture', reportsPresence_absent: 'Absent',
    reportsNote: 'Note why it was absent', reportsReason: 'Reason', reportsReasonHint: 'The report says who noted it, when, and that it was after the meeting. Left empty, what was noted is taken back.',
    reportsNoted: 'noted after the meeting by {by}, {at}', reportsDone: 'Noted.',
  },
};

const number = (value, digits = 0) => value.toLocaleString(language(), { maximumFractionDigits: digits });

export async function open(place, view) {
  const { signal, session } = view;
  if (view.parts[0]) return attendancePage(place, view.parts[0], view);
  const list = make('div');
  const months = make('div');
  const found = [];
  let next = null;
  const more = button(t('reportsMore'), load);

  const link = (meeting, kind, file, words) => make('a', {
    href: `/api/v1/recordings/${part(meeting.id)}/${file}?lang=${language()}`,
    ...(file.endsWith('.html') ? { target: '_blank', rel: 'noopener' } : { download: '' }),
    'aria-label': t('reportsOf', { kind, format: words, name: meeting.title }),
  }, words);
  const links = (...each) => make('span', { class: 'tools-row' }, each);

  async function load() {
    const page = await api.get(`reports?limit=50${next ? `&after=${part(next)}` : ''}`, { signal });
    found.push(...page.reports);
    next = page.next;
    more.hidden = !next;
    list.replaceChildren(found.length ? table(t('navReports'), [t('reportsMeeting'), t('reportsAt'), t('reportsFiles'), t('reportsMinutes')],
      found.map((meeting) => [
        make('span', {}, meeting.title, make('span', { class: 'sub' }, meeting.room)), showMoment(meeting.openedAt),
        links(make('a', { href: `#/reports/${part(meeting.id)}`, 'aria-label': `${t('reportsAttendance')}: ${meeting.title}` }, t('reportsAttendance')),
          link(meeting, t('reportsFiles'), 'report.html', t('reportsView')), link(meeting, t('reportsFiles'), 'report.pdf', 'PDF'),
          link(meeting, t('reportsFiles'), 'report.csv', 'CSV')),
        links(link(meeting, t('reportsMinutes'), 'minutes.odt', 'ODT'), link(meeting, t('reportsMinutes'), 'minutes.pdf', 'PDF')),
      ])) : make('p', { class: 'card' }, t('none')));
  }

  const row = (name, month) => [name, number(month.meetings), number(month.seconds / 3600, 1), number(month.attendances),
    number(month.points), month.savedKilometres === undefined ? '' : number(month.savedKilometres)];

  place.replaceChildren(heading(t('navReports')), list, more, months);
  // An auditor sees the figures alone.
  more.hidden = true;
  if (session.may('listReports')) await load();
  const statistics = await api.get('statistics', { signal });
  if (statistics.months.length === 0) return;
  months.replaceChildren(make('h2', {}, t('reportsMonths')), table(t('reportsMonths'),
    [t('reportsMonth'), t('reportsMeetings'), t('reportsHours'), t('reportsAttendances'), t('reportsPoints'), t('reportsSaved')],
    [...statistics.months.map((month) => row(month.month, month)), row(t('reportsTotal'), statistics.total)]));
}
