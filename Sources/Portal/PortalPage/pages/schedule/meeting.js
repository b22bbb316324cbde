/** A meeting before it begins: what it is about, its papers, and the gate of its rehearsal. */
import { api } from '../../api.js';
import { showMoment, showTime, t } from '../../language.js';
import { button, confirm, field, formDialog, heading, input, make, say, select, table } from '../../dom.js';
import { clashList } from './clashes.js';
import { showFigures } from './figures.js';

const checks = ['equipment', 'line', 'sound', 'picture'];
/** As which the line check enters what it measured. */
const measurer = 'kiemtra';
const size = (bytes) => (bytes < 1e6 ? `${Math.max(1, Math.round(bytes / 1e3))} kB` : `${(bytes / 1e6).toFixed(1)} MB`);

export async function meetingView(place, view, id, wantedSitting) {
  const { session, signal } = view;
  const path = `schedule/${encodeURIComponent(id)}`;
  const detail = await api.get(path, { signal });
  const { meeting } = detail;
  const mayChange = session.may('schedule') && !meeting.isCancelled;
  const now = Date.now();
  const sitting = detail.sittings.find((each) => each.id === wantedSitting) ?? detail.sittings.find((each) => new Date(each.ends) > now) ?? detail.sittings.at(-1);
  const name = (point) => detail.pointNames[point] ?? point;
  let drawn = '';
  const refresh = () => meetingView(place, view, id, wantedSitting);

  async function cancel(only) {
    const isDone = await confirm(t('meetingCancelAsk', { name: meeting.title }), () => api.remove(only ? `${path}?sitting=${encodeURIComponent(only)}` : path), t(only ? 'meetingCancelSitting' : 'meetingCancel'));
    if (isDone) location.hash = '#/schedule';
  }

  /** The sittings that have not begun, the next of them to another time. */
  async function move() {
    const next = detail.sittings.find((each) => new Date(each.starts) > Date.now());
    // Times are those of Vietnam, wherever the browser is.
    const local = new Date(new Date(next.starts).getTime() + 7 * 3_600_000).toISOString();
    const day = input(local.slice(0, 10), { type: 'date', name: 'day' });
    const clock = input(local.slice(11, 16), { type: 'time', name: 'clock' });
    const isDone = await formDialog(t('meetingMoveTitle'), [make('p', { class: 'hint' }, t('meetingMoveHint', { time: showMoment(next.starts) })), field(t('formDay'), day, { isRequired: true }), field(t('formClock'), clock, { isRequired: true })],
      () => api.post(`${path}/move`, { starts: `${day.value}T${clock.value}:00.000+07:00` }), { saveWords: t('meetingMove') });
    if (isDone) { say(t('saved')); await refresh(); }
  }
  const hasComing = detail.sittings.some((each) => new Date(each.starts) > now);

  const gate = make('section', { class: 'card', id: 'gate', 'aria-labelledby': 'gate-title' });
  const papers = make('section', { class: 'card', id: 'papers' });
  place.replaceChildren(
    heading(meeting.title,
      meeting.isCancelled ? make('span', { class: 'tag' }, t('scheduleCancelled')) : null,
      mayChange ? make('a', { class: 'button quiet', href: `#/schedule/${id}/edit` }, t('meetingEdit')) : null,
      mayChange && hasComing ? button(t('meetingMove'), move, 'quiet', { id: 'move' }) : null,
      button(t('meetingInvitation'), invitation, 'quiet', { id: 'invitation' }),
      button(t('meetingCalendar'), () => download(`${path}/calendar`, `${id}.ics`), 'quiet', { id: 'calendar' }),
      mayChange && detail.sittings.length > 1 ? button(t('meetingCancelSitting'), () => cancel(sitting.id)) : null,
      mayChange ? button(t('meetingCancel'), () => cancel(null), 'danger') : null),
    about(),
    detail.clashes.length ? make('section', { class: 'card clash-card' }, make('h2', {}, t('clashTitle')),
      clashList(detail.clashes, (kind, subject) => (kind === 'point' ? name(subject) : detail.roomTitle))) : '',
    sitting && !meeting.isCancelled ? gate : '', papers);
  drawPapers();
  if (sitting && !meeting.isCancelled) {
    drawGate(await api.get(`sittings/${encodeURIComponent(sitting.id)}/rehearsal`, { signal }));
    // Others rehearse at the same time.
    const timer = setInterval(async () => {
      if (document.querySelector('dialog[open]')) return;
      const fresh = await api.get(`sittings/${encodeURIComponent(sitting.id)}/rehearsal`, { signal, background: true }).catch(() => null);
      if (fresh && JSON.stringify(fresh) !== drawn) drawGate(fresh);
    }, 5000);
    signal.addEventListener('abort', () => clearInterval(timer));
  }

  function about() {
    const rows = [
      [t('formRoom'), detail.roomTitle], [t('meetingSittings'), make('ul', {}, detail.sittings.slice(0, 12).map((each) =>
        make('li', {}, each.id === sitting?.id ? make('strong', {}, showMoment(each.starts)) : make('a', { href: `#/schedule/${id}/${encodeURIComponent(each.id)}` }, showMoment(each.starts)))),
      detail.sittings.length > 12 ? make('li', {}, '…') : null)],
      [t('formMinutes'), t('meetingDuration', { minutes: meeting.minutes })], [t('formConvener'), meeting.convener],
      [t('meetingDocument'), t('meetingDocumentOf', { number: meeting.document.number, date: meeting.document.date.split('-').reverse().join('/') })],
      [t('formField'), meeting.field], [t('formLevel'), t(`level_${meeting.confidentiality}`)], [t('formChair'), meeting.chair?.name ?? ''],
    ];
    return make('section', { class: 'card about' }, make('h2', {}, t('meetingAbout')),
      make('dl', { class: 'facts' }, rows.map(([key, value]) => make('div', {}, make('dt', {}, key), make('dd', {}, value)))),
      make('h3', {}, t('formAgenda')),
      meeting.agenda.length ? make('ol', { class: 'agenda' }, meeting.agenda.map((item) => make('li', {}, item.title,
        make('span', { class: 'sub' }, [item.speaker, item.minutes ? t('meetingDuration', { minutes: item.minutes }) : ''].filter(Boolean).join(' · ')))))
        : make('p', { class: 'hint' }, t('meetingNoAgenda')));
  }

  // MARK: The gate

  function drawGate(state) {
    drawn = JSON.stringify(state);
    const missing = state.points.filter((each) => each.necessity === 'required' && !['passed', 'waived'].includes(each.state)).length;
    gate.replaceChildren(
      make('h2', { id: 'gate-title' }, t('meetingGate')),
      make('p', { class: 'hint' }, `${showMoment(sitting.starts)}. ${t('meetingRehearsalFrom', { time: showTime(sitting.rehearsalFrom) })}`),
      make('p', { class: `gate-verdict ${state.isGreen ? 'is-green' : 'is-red'}`, role: 'status' }, t(state.isGreen ? 'meetingGreen' : 'meetingRed', { count: missing })),
      table(t('meetingGate'), [t('gatePoint'), ...checks.map((check) => t(`check_${check}`)), t('gateState'), t('actions')], state.points.map((each) => [
        make('span', {}, name(each.point), make('span', { class: 'sub' }, t(`need_${each.necessity}`))),
        ...checks.map((check) => checkCell(each, check)),
        make('span', {}, make('span', { class: `tag ${{ passed: 'good', waived: 'warn', failed: 'bad', open: '' }[each.state]}` }, t(`gate_${each.state}`)),
          each.rehearsal.waiver ? make('span', { class: 'sub' }, t('gateWaivedBy', each.rehearsal.waiver)) : null),
        waiverTools(each),
      ])));
  }

  function checkCell(each, check) {
    const result = each.rehearsal.results[check];
    const words = result ? t(result.isPassed ? 'checkPass' : 'checkFail') : t('checkOpen');
    const kind = result ? (result.isPassed ? 'good' : 'bad') : '';
    const origin = result ? originOf(each, check, result) : null;
    const note = result?.note ? make('span', { class: 'sub' }, result.note) : null;
    if (!session.may('rehearse')) return make('span', {}, make('span', { class: `tag ${kind}` }, words), origin, note);
    return make('span', {}, button(words, () => setCheck(each, check), `check ${kind}`,
      { 'aria-label': `${t('checkSet', { check: t(`check_${check}`), point: name(each.point) })}: ${words}` }), origin, note);
  }

  /** Whether it was measured or entered, by whom, and when; from a measured line to its figures. */
  function originOf(each, check, result) {
    const isMeasured = result.by === measurer;
    return make('span', { class: 'sub origin' },
      make('span', { class: 'tag' }, t(isMeasured ? 'checkMeasured' : 'checkEntered')), ' ',
      isMeasured ? showMoment(result.at) : t('checkBy', { by: result.by, time: showMoment(result.at) }), ' ',
      isMeasured && check === 'line' && session.may('readChecks')
        ? button(t('checkFigures'), () => showFigures(each.point, name(each.point)), 'link', { 'aria-label': `${t('checkFigures')}: ${name(each.point)}` }) : null);
  }

  async function setCheck(each, check) {
    const result = each.rehearsal.results[check];
    const verdict = select([['pass', t('checkPass')], ['fail', t('checkFail')]], result?.isPassed === false ? 'fail' : 'pass');
    const note = input(result?.note, { maxlength: 500 });
    const label = t('checkSet', { check: t(`check_${check}`), point: name(each.point) });
    let state = null;
    const isDone = await formDialog(label, [field(t('gateState'), verdict), field(t('checkNote'), note)], async () => {
      state = await api.put(`sittings/${encodeURIComponent(sitting.id)}/rehearsal/${encodeURIComponent(each.point)}`, { check, isPassed: verdict.value === 'pass', note: note.value });
    });
    if (isDone) { drawGate(state); say(t('saved')); }
  }

  function waiverTools(each) {
    if (!session.may('waiveRehearsal')) return '';
    const place = `sittings/${encodeURIComponent(sitting.id)}/rehearsal/${encodeURIComponent(each.point)}/waiver`;
    if (each.rehearsal.waiver) return button(t('gateUnwaive'), async () => drawGate(await api.remove(place)), 'quiet', { 'aria-label': `${t('gateUnwaive')}: ${name(each.point)}` });
    if (each.state === 'passed') return '';
    return button(t('gateWaive'), async () => {
      const officer = input(session.name);
      const reason = input('', { maxlength: 500, name: 'reason' });
      let state = null;
      const isDone = await formDialog(t('gateWaiveTitle', { name: name(each.point) }), [field(t('gateOfficer'), officer, { isRequired: true }), field(t('gateReason'), reason, { isRequired: true })], async () => {
        state = await api.put(place, { officer: officer.value, reason: reason.value });
      }, { saveWords: t('gateWaive') });
      if (isDone) { drawGate(state); say(t('saved')); }
    }, 'quiet', { 'aria-label': `${t('gateWaive')}: ${name(each.point)}` });
  }

  // MARK: Papers and files

  function drawPapers() {
    const file = make('input', { type: 'file', id: 'paper', class: 'hidden', tabindex: -1, 'aria-hidden': 'true' });
    const trouble = make('p', { class: 'problem', role: 'alert', hidden: true });
    file.addEventListener('change', async () => {
      try {
        await api.send(`${path}/papers?name=${encodeURIComponent(file.files[0].name)}`, file.files[0], 'application/octet-stream');
        say(t('saved'));
        await refresh();
      } catch (error) {
        trouble.textContent = error.message;
        trouble.hidden = false;
      }
    });
    papers.replaceChildren(make('h2', {}, t('meetingPapers')),
      detail.papers.length ? make('ul', { class: 'papers' }, detail.papers.map((paper) => make('li', {},
        button(paper.name, () => download(`${path}/papers/${paper.id}`, paper.name), 'link'), make('span', { class: 'sub' }, `${size(paper.size)} · ${paper.by}`),
        paper.hasCode ? make('span', { class: 'tag warn' }, t('paperCode')) : null,
        mayChange ? button(t('remove'), async () => { await api.remove(`${path}/papers/${paper.id}`); await refresh(); }, 'quiet', { 'aria-label': `${t('remove')}: ${paper.name}` }) : null)))
        : make('p', { class: 'hint' }, t('meetingNoPapers')),
      trouble, ...(mayChange ? [file, make('div', { class: 'tools-row below' }, button(t('meetingAttach'), () => file.click(), 'quiet', { id: 'attach' }))] : []));
  }

  async function download(from, as) {
    const link = make('a', { href: URL.createObjectURL(await api.get(from, { as: 'blob' })), download: as });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  }

  async function invitation() {
    const point = select([['', t('invitationAll')], ...meeting.invited.map((each) => [each.point, name(each.point)])], '');
    const text = make('pre', { class: 'letter', tabindex: 0, id: 'letter' });
    const load = async () => { text.textContent = await api.get(`${path}/invitation${point.value ? `?point=${encodeURIComponent(point.value)}` : ''}`, { as: 'text' }); };
    point.addEventListener('change', load);
    await load();
    await formDialog(t('invitationTitle'), [field(t('invitationFor'), point), text], async () => {
      await navigator.clipboard.writeText(text.textContent);
      say(t('copied'));
    }, { saveWords: t('copy'), wide: true });
  }
}
