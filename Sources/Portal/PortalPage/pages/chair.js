/** Meetings in progress: the list, and one of them for whoever leads it or looks after its lines. */
import { api, part } from '../api.js';
import { t } from '../language.js';
import { heading, make, problem } from '../dom.js';
import { leadMeeting } from './chair/meeting.js';

export { words } from './chair/words.js';

/** A style of its own, loaded once. */
function style() {
  const href = '/assets/portal/style/chair.css';
  if (!document.querySelector(`link[href="${href}"]`)) document.head.append(make('link', { rel: 'stylesheet', href }));
}

export async function open(place, view) {
  style();
  if (view.parts[0]) return leadMeeting(place, view.parts[0], view);
  const list = make('div');
  const trouble = make('div');
  place.replaceChildren(heading(t('navMeetings')), trouble, list);
  await every(2000, view.signal, async () => {
    try {
      draw(list, await api.get('meetings', { signal: view.signal, background: true }));
      problem(trouble, '');
    } catch (error) {
      if (error.name !== 'AbortError') problem(trouble, error.message);
    }
  });
}

let drawn = '';
function draw(list, meetings) {
  const state = JSON.stringify(meetings.map((each) => [each.id, each.title, each.participants.length, each.recording]));
  if (state === drawn && list.childElementCount) return;
  drawn = state;
  list.replaceChildren(meetings.length === 0 ? make('p', { class: 'hint' }, t('chairNone'))
    : make('ul', { class: 'cards' }, meetings.map((meeting) => make('li', { class: 'card' },
      make('h2', {}, make('a', { href: `#/meetings/${part(meeting.id)}` }, meeting.title)),
      make('p', { class: 'sub' }, meeting.id),
      make('p', {}, t('chairIn', { count: meeting.participants.length }), ' ',
        meeting.recording === 'recording' ? make('span', { class: 'tag bad' }, t('chairRecording_running')) : null)))));
}

/** Calls `act` at once and then again so long after it ended, until the view is left; not while nobody can see it. */
export async function every(milliseconds, signal, act) {
  const next = async () => {
    if (signal.aborted) return;
    if (!document.hidden) await act();
    if (!signal.aborted) setTimeout(next, milliseconds);
  };
  await next();
}
