/** The form by which a meeting is called together or changed; clashes are shown while it is filled in. */
import { api } from '../../api.js';
import { folded, t } from '../../language.js';
import { button, choices, field, heading, input, make, problem, select } from '../../dom.js';
import { clashList, wordsOf } from './clashes.js';
import { levels } from './words.js';
import { classChoice } from '../retention/choice.js';

const pad = (number) => String(number).padStart(2, '0');
/** Day and clock in Vietnam, whose offset never changes. */
const local = (date) => new Date(new Date(date).getTime() + 7 * 3600e3).toISOString();
const weekdays = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'];

export async function meetingForm(place, view, detail) {
  const { session, signal } = view;
  const list = async (path) => (await api.get(path, { signal })).map((item) => item.entry);
  const [rooms, points, people, keeping] = await Promise.all([list('rooms'), list('points'), session.may('readPeople') ? list('people') : [],
    classChoice(detail?.meeting.retentionClass, t('formClassOfRoom'), signal)]);
  const known = detail?.meeting;
  const nextHour = local(Date.now() + 3600e3);
  const starts = known ? local(known.starts) : `${nextHour.slice(0, 13)}:00`;

  const title = input(known?.title, { maxlength: 300, name: 'title' });
  const convener = input(known?.convener, { maxlength: 300, name: 'convener' });
  const number = input(known?.document.number, { name: 'number' });
  const date = input(known?.document.date ?? local(Date.now()).slice(0, 10), { type: 'date', name: 'date' });
  const topic = input(known?.field, { name: 'field' });
  const level = select(levels.map((code) => [code, t(`level_${code}`)]), known?.confidentiality ?? 'ordinary', { name: 'level' });
  const room = select(rooms.map((each) => [each.id, each.title]), known?.room ?? rooms[0]?.id, { name: 'room' });
  const day = input(starts.slice(0, 10), { type: 'date', name: 'day' });
  const clock = input(starts.slice(11, 16), { type: 'time', name: 'clock' });
  const minutes = input(known?.minutes ?? 60, { type: 'number', min: 5, max: 1440, name: 'minutes' });
  const rehearsal = input(known?.rehearsalMinutes ?? '', { type: 'number', min: 0, max: 240 });
  const notice = select(['yes', 'no'].map((code) => [code, t(`notice_${code}`)]), known?.conclusionNotice === false ? 'no' : 'yes', { name: 'notice' });
  const rule = known?.recurrence;
  const repeat = select(['none', 'daily', 'weekly', 'monthly'].map((code) => [code, t(`repeat_${code}`)]), rule?.frequency ?? 'none', { name: 'repeat' });
  const every = input(rule?.interval ?? 1, { type: 'number', min: 1, max: 99 });
  const count = input(rule?.end.count ?? 10, { type: 'number', min: 1, max: 400 });
  const until = input(rule?.end.until ? local(rule.end.until).slice(0, 10) : '', { type: 'date' });
  const days = choices(t('formWeekdays'), weekdays.map((code) => [code, t(`day_${code}`)]), rule?.weekdays ?? []);
  // Whose names cannot be read here stay on the list.
  const unseen = (known?.staff ?? []).filter((id) => !people.some((each) => each.id === id));
  const staff = choices(t('formStaff'), people.map((each) => [each.id, each.position ? `${each.name}, ${each.position}` : each.name]), known?.staff ?? []);
  const chairName = input(known?.chair?.name, { name: 'chair' });
  const chairPerson = select([['', ''], ...people.map((each) => [each.id, each.name])], known?.chair?.person);
  const chairPoint = select([['', ''], ...points.map((each) => [each.id, each.name])], known?.chair?.point);
  const orderBy = input(known?.recordingOrder?.orderedBy);
  const orderDocument = input(known?.recordingOrder?.document);
  const needs = new Map((known?.invited ?? []).map((each) => [each.point, each.necessity]));
  const agenda = (known?.agenda ?? []).map((item) => ({ ...item }));

  const audience = make('div', { class: 'audience' }, make('p', { class: 'hint' }, t('formStaffHint')), staff);
  const showStaff = () => { audience.hidden = level.value === 'ordinary'; };
  level.addEventListener('change', showStaff);

  const repeated = [field(t('formEvery'), every), field(t('formCount'), count), field(t('formUntil'), until, { hint: t('formUntilHint') }), days];
  const showRepeat = () => {
    for (const each of repeated) each.hidden = repeat.value === 'none';
    days.hidden = repeat.value !== 'weekly';
  };
  repeat.addEventListener('change', showRepeat);
  chairPerson.addEventListener('change', () => { if (!chairName.value) chairName.value = people.find((each) => each.id === chairPerson.value)?.name ?? ''; });

  // Points.
  const search = input('', { type: 'search', autocomplete: 'off' });
  const counted = make('p', { class: 'hint', 'aria-live': 'polite' });
  const rows = make('ul', { class: 'invitees' });
  function drawPoints() {
    const wanted = folded(search.value.trim());
    rows.replaceChildren(...points.filter((point) => !wanted || folded(`${point.name} ${point.id}`).includes(wanted)).map((point) => {
      const need = select(['none', 'required', 'optional'].map((code) => [code, t(`need_${code}`)]), needs.get(point.id) ?? 'none',
        { 'aria-label': t('formNeed', { name: point.name }), 'data-point': point.id });
      need.addEventListener('change', () => {
        if (need.value === 'none') needs.delete(point.id); else needs.set(point.id, need.value);
        counted.textContent = t('formInvited', { count: needs.size });
      });
      return make('li', {}, make('span', {}, point.name, make('span', { class: 'sub' }, point.id)), need);
    }));
    counted.textContent = t('formInvited', { count: needs.size });
  }
  search.addEventListener('input', drawPoints);

  // Agenda.
  const items = make('ol', { class: 'agenda-form' });
  function drawAgenda() {
    items.replaceChildren(...agenda.map((item, index) => {
      const bind = (key, control) => { control.addEventListener('input', () => { item[key] = key === 'minutes' ? Number(control.value) || 0 : control.value; }); return control; };
      return make('li', {}, make('fieldset', {}, make('legend', { class: 'hidden' }, t('formItemNumber', { number: index + 1 })),
        field(t('formItem'), bind('title', input(item.title, { maxlength: 300 }))), field(t('formSpeaker'), bind('speaker', input(item.speaker))),
        field(t('formItemMinutes'), bind('minutes', input(item.minutes, { type: 'number', min: 0, max: 1440 }))),
        button('×', () => { agenda.splice(index, 1); drawAgenda(); }, 'quiet square', { 'aria-label': t('formRemoveItem', { number: index + 1 }) })));
    }));
  }

  function read() {
    const isRepeated = repeat.value !== 'none';
    return {
      id: known?.id ?? '', title: title.value, room: room.value, convener: convener.value, document: { number: number.value, date: date.value },
      field: topic.value, confidentiality: level.value,
      chair: chairName.value ? { name: chairName.value, person: chairPerson.value || undefined, point: chairPoint.value || undefined } : undefined,
      starts: `${day.value}T${clock.value}:00.000+07:00`, minutes: Number(minutes.value) || 0,
      recurrence: isRepeated ? { frequency: repeat.value, interval: Number(every.value) || 1, weekdays: repeat.value === 'weekly' ? days.values : [], end: until.value ? { until: `${until.value}T23:59:59.000+07:00` } : { count: Number(count.value) || 1 } } : undefined,
      exceptions: known?.exceptions ?? [], invited: [...needs].map(([point, necessity]) => ({ point, necessity })), agenda,
      rehearsalMinutes: rehearsal.value === '' ? undefined : Number(rehearsal.value), retentionClass: keeping.value || undefined, conclusionNotice: notice.value === 'yes',
      recordingOrder: orderBy.value || orderDocument.value ? { orderedBy: orderBy.value, document: orderDocument.value } : undefined,
      staff: [...unseen, ...staff.values], isCancelled: false, revision: known?.revision ?? 0, createdBy: known?.createdBy ?? '',
    };
  }

  // Judged while it is written: what clashes is shown at once, what is missing only when it is sent.
  const verdict = make('div', { class: 'verdict', role: 'status', id: 'verdict' });
  const nameOf = (kind, id) => (kind === 'point' ? points : rooms).find((each) => each.id === id)?.[kind === 'point' ? 'name' : 'title'] ?? id;
  let timer = 0;
  let latest = 0;
  const judge = () => { clearTimeout(timer); timer = setTimeout(async () => {
    if (!day.value || !clock.value) return;
    const mine = ++latest;
    const judged = await api.post('schedule/judge', read(), { signal }).catch(() => null);
    if (!judged || mine !== latest) return;
    verdict.replaceChildren(judged.clashes.length
      ? make('div', { class: 'card clash-card', role: 'region', 'aria-label': t('clashTitle'), tabindex: 0 }, make('h2', {}, t('clashTitle')), clashList(judged.clashes, nameOf))
      : make('p', { class: 'tag good' }, t('formClear')));
  }, 400); };

  const trouble = make('div');
  const submit = make('button', { type: 'submit', class: 'button main' }, t('formSave'));
  const section = (words, ...children) => make('section', { class: 'card' }, make('h2', {}, words), ...children);
  const form = make('form', { class: 'meeting-form', novalidate: true, submit: async (event) => {
    event.preventDefault();
    submit.disabled = true;
    problem(trouble, '');
    try {
      const draft = read();
      const saved = known ? await api.put(`schedule/${encodeURIComponent(known.id)}`, draft) : await api.post('schedule', draft);
      location.hash = `#/schedule/${saved.meeting.id}`;
    } catch (error) {
      problem(trouble, error.body?.vietnamese && error.body?.error ? wordsOf({ vietnamese: error.body.vietnamese, english: error.body.error }) : error.message);
      trouble.scrollIntoView({ block: 'center' });
    } finally {
      submit.disabled = false;
    }
  } },
  section(t('formPurpose'), make('div', { class: 'fields two' },
    field(t('formTitle'), title, { isRequired: true }), field(t('formConvener'), convener, { hint: t('formConvenerHint'), isRequired: true }),
    field(t('formNumber'), number, { isRequired: true }), field(t('formDate'), date, { isRequired: true }), field(t('formField'), topic, { isRequired: true }),
    field(t('formLevel'), level), field(t('formClass'), keeping), field(t('formNotice'), notice, { hint: t('formNoticeHint') })), audience),
  section(t('formWhen'), make('div', { class: 'fields two' },
    field(t('formRoom'), room, { isRequired: true }), field(t('formDay'), day, { isRequired: true }), field(t('formClock'), clock, { isRequired: true }),
    field(t('formMinutes'), minutes, { isRequired: true }), field(t('formRehearsal'), rehearsal, { hint: t('formRehearsalHint') }), field(t('formRepeat'), repeat), repeated),
  make('div', { class: 'tools-row below' }, button(t('formNow'), () => {
    const now = local(Date.now());
    day.value = now.slice(0, 10);
    clock.value = `${pad(Number(now.slice(11, 13)))}:${now.slice(14, 16)}`;
    rehearsal.value = 0;
    judge();
  }))),
  section(t('formChair'), make('div', { class: 'fields two' }, field(t('formChairName'), chairName, { isRequired: true }),
    field(t('formChairPerson'), chairPerson), field(t('formChairPoint'), chairPoint))),
  section(t('formPoints'), make('p', { class: 'hint' }, t('formPointsHint')), make('div', { class: 'row searchbar' }, field(t('search'), search)),
    make('div', { class: 'tools-row below' }, button(t('formInviteAll'), () => { for (const point of points) if (!needs.has(point.id)) needs.set(point.id, 'required'); drawPoints(); judge(); }, 'quiet', { id: 'invite-all' })),
    counted, rows),
  section(t('formAgenda'), items, make('div', { class: 'tools-row below' }, button(t('formAddItem'), () => { agenda.push({ title: '', speaker: '', minutes: 10 }); drawAgenda(); items.querySelector('li:last-child input')?.focus(); }))),
  section(t('formOrder'), make('p', { class: 'hint' }, t('formOrderHint')), make('div', { class: 'fields two' }, field(t('formOrderBy'), orderBy), field(t('formOrderDocument'), orderDocument))),
  make('div', { class: 'sticky-bar' }, verdict, trouble, make('div', { class: 'tools-row' }, make('a', { class: 'button quiet', href: known ? `#/schedule/${known.id}` : '#/schedule' }, t('cancel')), submit)));
  form.addEventListener('change', judge);
  place.replaceChildren(heading(t(known ? 'formEdit' : 'formNew')), form);
  showRepeat();
  showStaff();
  drawPoints();
  drawAgenda();
  judge();
}
