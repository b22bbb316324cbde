/** Who was at a meeting that is over, and why others were not: that can still be noted. */
import { api, part } from '../../api.js';
import { showMoment, showTime, t } from '../../language.js';
import { button, field, formDialog, heading, input, make, say, table } from '../../dom.js';

const longest = 300;

export async function attendancePage(place, id, { session, signal }) {
  const path = `recordings/${part(id)}`;
  const mayNote = session.may('noteAbsence');
  draw(await api.get(`${path}/report`, { signal }));

  function draw({ meeting, agencies }) {
    document.title = `${meeting.title} · ${t('product')}`;
    const heads = [t('reportsPoint'), t('reportsAgency'), t('reportsPresence'), t('reportsCame'), t('reportsLeft'), ...(mayNote ? [t('reportsDo')] : [])];
    const rows = agencies.flatMap(({ unit, points }) => points.map((point) => [point.name, unit === point.name ? '' : unit, presence(point),
      point.firstJoined ? showTime(point.firstJoined) : '', point.lastLeft ? showTime(point.lastLeft) : '',
      ...(mayNote ? [point.presence === 'present' ? '' : button(t('reportsNote'), () => note(point), 'quiet', { 'aria-label': `${t('reportsNote')}: ${point.name}`, 'data-point': point.point })] : [])]));
    place.replaceChildren(heading(meeting.title, make('a', { class: 'button quiet', href: '#/reports' }, t('navReports'))),
      make('p', {}, showMoment(meeting.beganAt ?? meeting.openedAt)),
      rows.length ? table(t('reportsAttendance'), heads, rows) : make('p', { class: 'card' }, t('none')));
  }

  function presence(point) {
    const kind = { present: 'good', silent: 'warn', absent: point.reason || !point.isExpected ? '' : 'bad' }[point.presence];
    const words = point.presence === 'present' && point.isLate ? t('reportsPresence_late') : t(`reportsPresence_${point.presence}`);
    const { notedAfterwards: noted } = point;
    return make('span', {}, make('span', { class: `tag ${kind}` }, words), point.reason ?? '',
      noted ? make('span', { class: 'sub' }, t('reportsNoted', { by: noted.by, at: showMoment(noted.at) })) : null);
  }

  async function note(point) {
    const reason = input(point.notedAfterwards ? point.reason : '', { maxlength: longest, name: 'reason' });
    const isSaved = await formDialog(`${t('reportsNote')}: ${point.name}`, [field(t('reportsReason'), reason, { hint: t('reportsReasonHint') })],
      () => api.put(`${path}/absences/${part(point.point)}`, { reason: reason.value.trim() }));
    if (!isSaved || signal.aborted) return;
    draw(await api.get(`${path}/report`, { signal }));
    say(t('reportsDone'));
    place.querySelector(`[data-point="${CSS.escape(point.point)}"]`)?.focus();
  }
}
