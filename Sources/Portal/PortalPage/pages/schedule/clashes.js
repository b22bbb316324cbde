/** Shows what a meeting gets in the way of. */
import { language, showMoment, t } from '../../language.js';
import { make } from '../../dom.js';

/** `nameOf` gives the name of a room or a point. */
export function clashList(clashes, nameOf) {
  const shown = clashes.slice(0, 12);
  return make('ul', { class: 'clashes' }, shown.map((clash) =>
    make('li', { class: clash.kind === 'room' ? 'is-refused' : '' }, t(`clash_${clash.kind}`, {
      name: nameOf(clash.kind === 'point' ? 'point' : 'room', clash.subject), title: clash.otherTitle, time: showMoment(clash.other.starts),
    }))), clashes.length > shown.length ? make('li', {}, `+${clashes.length - shown.length}`) : null);
}

export const wordsOf = (words) => (language() === 'vi' ? words.vietnamese : words.english);
