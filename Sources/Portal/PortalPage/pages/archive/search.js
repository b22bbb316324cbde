/** Searching the archive as one types. What is searched for stands in the address, so that going back finds it again. */
import { api, part } from '../../api.js';
import { language, showMoment, t } from '../../language.js';
import { button, field, heading, input, make, problem, select } from '../../dom.js';
import { clock } from './time.js';

const levels = ['ordinary', 'restricted', 'secret', 'highly-secret', 'top-secret'];
const kinds = ['meeting', 'agenda', 'speech', 'chapter', 'paper', 'report'];
const names = ['q', 'from', 'to', 'unit', 'field', 'level', 'room', 'kind', 'order'];
const pause = 180;
const indexingPause = 5000;

let latest = '#/archive';
/** The address of the search before, to go back to. */
export const lastSearch = () => latest;

export async function searchPage(place, { query, session, signal }) {
  const rooms = session.may('readRegister') ? (await api.get('rooms', { signal })).map((each) => each.entry) : [];
  const roomName = (id) => rooms.find((room) => room.id === id)?.title ?? id;
  const all = ['', t('archiveAll')];
  const controls = {
    q: input(query.get('q'), { type: 'search', name: 'q', maxlength: 500, autocomplete: 'off', spellcheck: 'false', enterkeyhint: 'search' }),
    from: input(query.get('from'), { type: 'date' }),
    to: input(query.get('to'), { type: 'date' }),
    unit: input(query.get('unit'), { list: 'archive-units', autocomplete: 'off' }),
    field: input(query.get('field'), { autocomplete: 'off' }),
    level: select([all, ...levels.map((level) => [level, t(`archiveLevel_${level}`)])], query.get('level')),
    room: select([all, ...rooms.map((room) => [room.id, room.title])], query.get('room')),
    kind: select([all, ...kinds.map((kind) => [kind, t(`archiveKind_${kind}`)])], query.get('kind')),
    order: select([['', t('archiveBest')], ['newest', t('archiveNewest')]], query.get('order')),
  };
  const isFiltered = () => names.filter((name) => name !== 'q' && name !== 'order' && controls[name].value).length;
  const summary = make('summary', {});
  const units = make('datalist', { id: 'archive-units' });
  const filters = make('details', { class: 'filters' }, summary, make('div', { class: 'fields filter-fields' },
    field(t('archiveFrom'), controls.from), field(t('archiveTo'), controls.to), field(t('archiveUnit'), controls.unit), units,
    field(t('archiveField'), controls.field), field(t('archiveLevel'), controls.level), field(t('archiveRoom'), controls.room),
    field(t('archiveKind'), controls.kind),
    make('div', { class: 'field filter-clear' }, button(t('archiveClear'), () => {
      for (const name of names) if (name !== 'q') controls[name].value = '';
      search();
    }))));
  filters.open = isFiltered() > 0;
  const form = make('form', { role: 'search', class: 'card archive-form', submit: (event) => { event.preventDefault(); search(); } },
    make('div', { class: 'archive-query' }, field(t('archiveQuery'), controls.q, { hint: t('archiveQueryHint') }), field(t('archiveOrder'), controls.order)), filters);
  const trouble = make('div');
  const notice = make('div');
  const count = make('p', { class: 'archive-count', role: 'status' });
  const list = make('ol', { class: 'found' });
  const more = button(t('archiveMore'), () => load(true));
  more.hidden = true;
  let asked = '';
  let next = null;
  let running = null;
  let waiting = null;

  const values = () => new URLSearchParams(names.map((name) => [name, controls[name].value.trim()]).filter(([, value]) => value));

  function search({ isTyping = false } = {}) {
    clearTimeout(waiting);
    const wanted = values();
    latest = `#/archive${wanted.size ? `?${wanted}` : ''}`;
    history.replaceState(null, '', latest);
    summary.textContent = isFiltered() ? t('archiveFiltersOn', { count: isFiltered() }) : t('archiveFilters');
    if (isTyping) wanted.set('typing', '1');
    asked = wanted.toString();
    return load(false);
  }

  async function load(isMore, background = false) {
    running?.abort();
    const mine = running = new AbortController();
    list.setAttribute('aria-busy', 'true');
    try {
      const page = await api.get(`search?${asked}&limit=20${isMore && next ? `&after=${part(next)}` : ''}`,
        { background, signal: AbortSignal.any([mine.signal, signal]) });
      problem(trouble, '');
      next = page.next ?? null;
      more.hidden = !next;
      const items = page.meetings.map(result);
      if (isMore) {
        list.append(...items);
        items[0]?.querySelector('a, h2')?.focus();
      } else {
        list.replaceChildren(...items);
        tell(page);
      }
    } catch (error) {
      if (error.name === 'AbortError' || signal.aborted) return;
      list.replaceChildren();
      more.hidden = true;
      count.textContent = '';
      problem(trouble, error.message);
    } finally {
      if (running === mine) list.removeAttribute('aria-busy');
    }
  }

  function tell(page) {
    const number = page.count.toLocaleString(language());
    const isEmpty = page.meetings.length === 0;
    count.textContent = !isEmpty ? t(!page.isWholeCount ? 'archiveCountLeast' : page.count === 1 ? 'archiveCountOne' : 'archiveCount', { count: number })
      : values().size ? `${t('archiveNone')} ${t('archiveNoneHint')}` : t('archiveEmpty');
    notice.replaceChildren(...[
      page.isIndexing ? make('p', { class: 'notice' }, make('span', {}, t('archiveIndexing', { done: page.indexed ?? 0, total: page.total ?? 0 })),
        make('progress', { max: Math.max(1, page.total ?? 1), value: page.indexed ?? 0, 'aria-hidden': 'true' })) : null,
      page.isCut ? make('p', { class: 'notice' }, t('archiveCut')) : null].filter(Boolean));
    // While the index is built the first page is asked for again, as long as nobody went further.
    if (page.isIndexing) waiting = setTimeout(() => { if (!signal.aborted && list.children.length <= 20) load(false, true); }, indexingPause);
  }

  function result(meeting) {
    const title = excerpt(meeting.title);
    const name = session.may('readRecording') ? make('a', { href: `#/archive/${part(meeting.id)}` }, title) : make('span', { tabindex: -1 }, title);
    return make('li', { class: 'card found-meeting' },
      make('h2', {}, name),
      make('p', { class: 'sub' }, [showMoment(meeting.openedAt), roomName(meeting.room), meeting.field].filter(Boolean).join(' · '), ' ',
        meeting.level !== 'ordinary' ? make('span', { class: 'tag warn' }, t(`archiveLevel_${meeting.level}`)) : null),
      make('ul', { class: 'passages' }, meeting.passages.map((passage) => line(meeting, passage))),
      session.may('readReport') && !session.may('readRecording') ? make('p', {}, make('a', {
        href: `/api/v1/recordings/${part(meeting.id)}/report.html?lang=${language()}`, target: '_blank', rel: 'noopener' }, t('archiveReport'))) : null);
  }

  /** A passage leads to its moment in the film, or to its paper. */
  function line(meeting, passage) {
    const heads = [excerpt(passage.heading), passage.page ? `, ${t('archivePage', { page: passage.page })}` : ''];
    const seconds = passage.beginMilliseconds === undefined ? null : Math.floor(passage.beginMilliseconds / 1000);
    const address = seconds !== null ? `?t=${seconds}` : passage.kind === 'paper' ? `?paper=${part(passage.heading.text)}` : null;
    const words = [make('span', { class: 'passage-head' }, heads), seconds !== null ? make('span', { class: 'passage-time' }, t('archiveAt', { time: clock(seconds, 3600) })) : null];
    return make('li', {}, make('span', { class: 'tag' }, t(`archiveKind_${passage.kind}`)),
      make('span', { class: 'passage' },
        address && session.may('readRecording') ? make('a', { href: `#/archive/${part(meeting.id)}${address}` }, words) : words,
        passage.text.text ? make('span', { class: 'passage-text' }, excerpt(passage.text)) : null));
  }

  controls.q.addEventListener('input', () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => search({ isTyping: true }), pause);
  });
  for (const name of names) {
    if (name !== 'q') controls[name].addEventListener('change', () => search());
  }
  signal.addEventListener('abort', () => clearTimeout(waiting));
  place.replaceChildren(heading(t('navArchive'), session.may('readFixity') ? make('a', { class: 'button quiet', href: '#/archive/fixity' }, t('fixityTitle')) : null), form, trouble, notice, count, list, more);
  if (session.may('readRegister')) {
    // Not waited for: a province has hundreds.
    api.get('units', { signal }).then((found) => units.replaceChildren(...found.map(({ entry }) => make('option', { value: entry.name })))).catch(() => {});
  }
  await search();
}

/** Text with what was found marked. */
export function excerpt({ text, marks = [] }) {
  const parts = [];
  let end = 0;
  for (const [from, to] of marks) {
    if (from < end || to > text.length) continue;
    parts.push(text.slice(end, from), make('mark', {}, text.slice(from, to)));
    end = to;
  }
  return [...parts, text.slice(end)];
}
