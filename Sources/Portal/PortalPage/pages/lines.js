/** Lines of meetings in progress, for technicians: the list, and the lines of one meeting. */
import { addWords, t } from '../language.js';
import { style } from '../dom.js';
import { meetingList } from './chair/list.js';
import { words as chairWords } from './chair/words.js';
import { watchLines } from './lines/meeting.js';

export { words } from './lines/words.js';

export async function open(place, view) {
  addWords(chairWords);
  style('lines');
  if (view.parts[0]) return watchLines(place, view.parts[0], view);
  await meetingList(place, view, 'lines', t('navLines'));
}
