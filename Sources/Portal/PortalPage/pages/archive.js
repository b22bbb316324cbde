/**
 * The archive: meetings are searched for, and watched. `#/archive?q=…` is a search, `#/archive/ID?t=SECONDS` a moment of a meeting,
 * `#/archive/fixity` what looking after the packages came to.
 */
import { style } from '../dom.js';
import { fixityPage } from './archive/fixity.js';
import { meetingPage } from './archive/meeting.js';
import { searchPage } from './archive/search.js';

export { words } from './archive/words.js';

export async function open(place, view) {
  style('archive');
  if (view.parts[0] === 'fixity') await fixityPage(place, view.parts[1], view);
  else if (view.parts[0]) await meetingPage(place, view.parts[0], view);
  else await searchPage(place, view);
}
