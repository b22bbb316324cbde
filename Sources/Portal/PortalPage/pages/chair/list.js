/** Meetings in progress, each a card that leads to `#/ROUTE/ID`. */
import { api, part } from '../../api.js';
import { t } from '../../language.js';
import { heading, make, problem } from '../../dom.js';

export async function meetingList(place, view, route, title) {
  const list = make('div');
  const trouble = make('div');
  let drawn = '';
  place.replaceChildren(heading(title), trouble, list);

  function draw(meetings) {
    const state = JSON.stringify(meetings.map((each) => [each.id, each.title, each.participants.length, each.recording]));
    if (state === drawn) return;
    drawn = state;
    list.replaceChildren(meetings.length === 0 ? make('p', { class: 'hint' }, t('chairNone'))
      : make('ul', { class: 'cards' }, meetings.map((meeting) => make('li', { class: 'card' },
        make('h2', {}, make('a', { href: `#/${route}/${part(meeting.id)}` }, meeting.title)),
        make('p', { class: 'sub' }, meeting.id),
        make('p', {}, t('chairIn', { count: meeting.participants.length }), ' ',
          meeting.recording === 'recording' ? make('span', { class: 'tag bad' }, t('chairRecording_running')) : null)))));
  }

  await every(2000, view.signal, async () => {
    try {
      draw(await api.get('meetings', { signal: view.signal, background: true }));
      problem(trouble, '');
    } catch (error) {
      if (error.name !== 'AbortError') problem(trouble, error.message);
    }
  });
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
