/** The schedule: what is to come, one meeting, and the form by which it is called together. */
import { api } from '../api.js';
import { addWords, showDate, showTime, t } from '../language.js';
import { heading, make } from '../dom.js';
import { meetingForm } from './schedule/form.js';
import { meetingView } from './schedule/meeting.js';
import { words as scheduleWords } from './schedule/words.js';

export const words = scheduleWords;
addWords(words);

export async function open(place, view) {
  const [id, more] = view.parts;
  if (id === 'new') return meetingForm(place, view, null);
  if (id && more === 'edit') return meetingForm(place, view, await api.get(`schedule/${encodeURIComponent(id)}`, { signal: view.signal }));
  if (id) return meetingView(place, view, id, more);
  const items = await api.get('schedule', { signal: view.signal });
  const days = Map.groupBy(items, (item) => showDate(item.sitting.starts));
  place.replaceChildren(
    heading(t('scheduleTitle'), view.session.may('schedule') ? make('a', { class: 'button main', href: '#/schedule/new', id: 'new-meeting' }, t('scheduleNew')) : null),
    items.length ? make('div', { class: 'days' }, [...days].map(([day, sittings]) =>
      make('section', { class: 'day' }, make('h2', {}, day), make('ul', { class: 'sittings' }, sittings.map(row)))))
      : make('p', { class: 'card' }, t('scheduleNone')));
}

function row(item) {
  const meeting = item.sitting.meeting;
  return make('li', { class: `card sitting ${item.isCancelled ? 'is-cancelled' : ''}` },
    make('p', { class: 'time' }, showTime(item.sitting.starts), make('span', { class: 'sub' }, showTime(item.sitting.ends))),
    make('div', { class: 'what' },
      make('a', { href: `#/schedule/${meeting}/${encodeURIComponent(item.sitting.id)}` }, item.title),
      make('span', { class: 'sub' }, `${item.roomTitle} · ${t('schedulePoints', { count: item.points })}`)),
    make('p', { class: 'marks-row' }, item.confidentiality === 'ordinary' ? null : make('span', { class: 'tag warn' }, t(`level_${item.confidentiality}`)),
      item.isCancelled ? make('span', { class: 'tag' }, t('scheduleCancelled'))
        : make('span', { class: `tag ${item.isGreen ? 'good' : 'bad'}` }, t(item.isGreen ? 'gateGreen' : 'gateRed'))));
}
