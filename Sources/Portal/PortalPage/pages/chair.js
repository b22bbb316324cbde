/** Meetings in progress: the list, and one of them for whoever leads it or looks after it. */
import { t } from '../language.js';
import { style } from '../dom.js';
import { meetingList } from './chair/list.js';
import { leadMeeting } from './chair/meeting.js';

export { words } from './chair/words.js';

export async function open(place, view) {
  style('chair');
  if (view.parts[0]) return leadMeeting(place, view.parts[0], view);
  await meetingList(place, view, 'meetings', t('navMeetings'));
}
