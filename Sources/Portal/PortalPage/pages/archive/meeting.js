/** One meeting of the archive: its film, who spoke when, papers, attendance, seal and files. */
import { api, part } from '../../api.js';
import { showMoment, t } from '../../language.js';
import { heading, make } from '../../dom.js';
import { every } from '../chair/list.js';
import { attendanceCard, filesCard, papersCard, sealCard } from './cards.js';
import { contentsView } from './contents.js';
import { controls } from './controls.js';
import { lanesView } from './lanes.js';
import { Player } from './player.js';
import { lastSearch } from './search.js';
import { spoken } from './time.js';

const finished = ['sealed', 'failed'];
const poll = 3000;

export async function meetingPage(place, id, { query, session, signal }) {
  const detail = await api.get(`recordings/${part(id)}`, { signal });
  const { summary } = detail;
  document.title = `${summary.title} · ${t('product')}`;
  const may = { mayFetch: session.may('fetchFile'), mayVerify: session.may('verifyRecording'), mayReadReport: session.may('readReport'), signal };
  const [timeline, locked] = finished.includes(summary.state) ? await timelineOf(id, signal) : [null, null];
  place.replaceChildren(
    heading(summary.title, make('a', { class: 'button quiet', href: lastSearch() }, t('archiveBack'))),
    facts(summary, timeline, await roomName(summary.room, session, signal)), state(detail, signal, () => meetingPage(place, id, { query, session, signal })),
    timeline ? watching(id, timeline, may, Number(query.get('t'))) : locked ? make('p', { class: 'notice', role: 'status' }, locked) : '',
    make('div', { class: 'record-cards' }, timeline ? papersCard(id, timeline, may.mayFetch, query.get('paper')) : null, sealCard(detail, may), filesCard(detail, may)),
    detail.participants.length ? attendanceCard(detail) : '', notes(detail));
  const wanted = place.querySelector('[data-wanted] a');
  if (wanted) {
    wanted.focus({ preventScroll: true });
    wanted.scrollIntoView({ block: 'center' });
  }
}

/** The time line, or why there is none: of an encrypted recording whose key is away the rest is shown all the same. */
async function timelineOf(id, signal) {
  try {
    return [await api.get(`recordings/${part(id)}/timeline`, { signal }), null];
  } catch (refused) {
    if (refused.code !== 'encrypted') throw refused;
    return [null, refused.message];
  }
}

/** As the register has it now; a room that is no more is called by its id. */
async function roomName(id, session, signal) {
  if (!session.may('readRegister')) return id;
  const rooms = await api.get('rooms', { signal });
  return rooms.find(({ entry }) => entry.id === id)?.entry.title ?? id;
}

function facts(summary, timeline, room) {
  const rows = [[t('recordRoom'), room], [t('recordConvener'), timeline?.convener ?? summary.convener], [t('recordDocument'), timeline?.document ?? summary.document],
    [t('recordChair'), timeline?.chair],
    [t('recordLength'), summary.durationMilliseconds ? spoken(summary.durationMilliseconds / 1000) : null]].filter(([, value]) => value);
  return make('div', { class: 'record-facts' }, make('p', {}, showMoment(summary.openedAt)),
    make('dl', {}, rows.map(([name, value]) => make('div', {}, make('dt', {}, name), make('dd', {}, value)))));
}

/** What is still done to a recording, asked for again until it is over; what became of it. */
function state(detail, signal, again) {
  const { summary } = detail;
  if (summary.state === 'sealed') return '';
  const place = make('div', { class: 'notice' });
  const words = make('span', { role: 'status' }, t(`recordState_${summary.state}`));
  const progress = make('progress', { max: 1, value: 0, hidden: true, 'aria-label': t(`recordState_${summary.state}`) });
  const left = make('span', { class: 'sub' });
  place.append(words, progress, left);
  const show = (now) => {
    const job = now.jobs.findLast((each) => each.state === 'running' || each.state === 'queued');
    words.textContent = t(`recordState_${now.summary.state}`);
    progress.hidden = !job;
    progress.value = job?.progress ?? 0;
    left.textContent = job?.remainingSeconds !== undefined ? t('recordProgress', { percent: Math.floor(100 * job.progress), time: spoken(job.remainingSeconds) }) : '';
  };
  show(detail);
  if (!['failed', 'destroyed'].includes(summary.state)) {
    let isOver = false;
    setTimeout(() => every(poll, signal, async () => {
      if (isOver) return;
      const now = await api.get(`recordings/${part(summary.id)}`, { signal, background: true }).catch(() => null);
      if (!now || signal.aborted) return;
      if (finished.includes(now.summary.state)) {
        isOver = true;
        await again();
      } else show(now);
    }), poll);
  }
  return place;
}

function watching(id, timeline, may, at) {
  if (!may.mayFetch || timeline.durationMilliseconds === 0) return '';
  const player = new Player(id, timeline, may.signal);
  const address = (seconds) => `${location.origin}${location.pathname}#/archive/${part(id)}?t=${seconds}`;
  const { element } = controls(player, timeline, { chapters: timeline.chapters, address });
  const lane = timeline.lanes.find((each) => each.streams.includes('video')) ?? timeline.lanes.find((each) => each.streams.includes('audio'));
  if (!timeline.film && !lane) return '';
  const view = make('div', { class: 'watch' }, make('div', { class: 'watch-main' }, element, timeline.film ? null : make('p', { class: 'notice' }, t('playNoFilm'))),
    contentsView(player, timeline));
  const lanes = timeline.lanes.length ? lanesView(player, timeline) : null;
  const start = Number.isFinite(at) && at > 0 ? at : player.first;
  player.show(timeline.film ? null : { point: lane.point, name: lane.name }, start);
  return make('div', { class: 'watch-whole' }, view, lanes);
}

function notes(detail) {
  const serious = detail.notes.filter((note) => note.severity !== 'information');
  return serious.length ? make('section', { class: 'card record-card', 'aria-labelledby': 'notes-title' }, make('h2', { id: 'notes-title' }, t('recordNotes')),
    make('ul', { class: 'faults' }, serious.map((note) => make('li', {}, `${showMoment(note.at)}: ${note.text}`)))) : '';
}
