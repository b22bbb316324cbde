/** The contents of a recording: items of the agenda and speeches, each leading to where it begins. */
import { t } from '../../language.js';
import { make } from '../../dom.js';
import { clock } from './time.js';

export function contentsView(player, timeline) {
  const items = [];
  const entry = (from, to, ...words) => {
    const place = from === undefined || from === null
      ? make('div', { class: 'chapter' }, make('span', { class: 'chapter-time sub' }, t('playNoTime')), make('span', {}, words))
      : make('button', { type: 'button', class: 'chapter', click: () => { player.seek(from / 1000); player.play(); } },
        make('span', { class: 'chapter-time' }, clock(from / 1000, player.last)), make('span', {}, words));
    if (from !== undefined && from !== null) items.push({ from, to, place });
    return make('li', {}, place);
  };
  const agenda = timeline.agenda.map((item) => entry(item.from, undefined, make('strong', {}, item.title), item.speaker ? make('span', { class: 'sub' }, item.speaker) : null));
  const speeches = timeline.chapters.map((chapter) => entry(chapter.from, chapter.to, make('strong', {}, chapter.name),
    chapter.unit && chapter.unit !== chapter.name ? make('span', { class: 'sub' }, chapter.unit) : null,
    chapter.isGiven ? make('span', { class: 'tag' }, t('playGiven')) : null));
  player.addEventListener('time', () => {
    const now = player.time * 1000;
    for (const { from, to, place } of items) {
      if (to !== undefined && from <= now && now < to) place.setAttribute('aria-current', 'true');
      else place.removeAttribute('aria-current');
    }
  });
  return make('section', { class: 'card contents', 'aria-labelledby': 'contents-title' }, make('h2', { id: 'contents-title' }, t('playChapters')),
    make('div', { class: 'contents-lists', tabindex: 0, role: 'group', 'aria-labelledby': 'contents-title' },
      agenda.length ? [make('h3', {}, t('playAgenda')), make('ol', { class: 'chapters' }, agenda)] : null,
      make('h3', {}, t('playSpeeches')),
      speeches.length ? make('ol', { class: 'chapters' }, speeches) : make('p', { class: 'hint' }, t('playNoChapters'))));
}
