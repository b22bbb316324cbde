/**
 * The portal's views, in the order of its navigation. To add one:
 *
 * 1. Write `pages/NAME.js`. It exports
 *      `words`  — `{ vi: { key: '…' }, en: { key: '…' } }`, used by `t('key')`; begin keys with the view's name;
 *      `open(place, view)` — puts the view into the element `place`, may be async. `view` has
 *          `parts`    what follows the view's name in the address: `#/meetings/ID` gives `['ID']`,
 *          `query`    what follows a question mark there (URLSearchParams),
 *          `session`  who is signed in (`PortalAPI/Session.swift`); `session.may('schedule')` asks for a right,
 *          `signal`   an AbortSignal that fires when the view is left: give it to `api` and to listeners.
 *    A view that shows how something goes on asks by `api.get(path, { signal, background: true })`, so that its own clock does
 *    not keep the session from locking.
 * 2. Name it here. `action` is the right (`Portal/Role.swift`) without which it is not in the navigation; `title` a key of
 *    `words` in `language.js`, so that the navigation can be written before the view is loaded.
 *
 * The server serves every file below `PortalPage`; nothing has to be registered there.
 */
export const pages = [
  { name: 'home', title: 'navHome', load: () => import('./pages/home.js') },
  { name: 'schedule', title: 'navSchedule', action: 'readSchedule', load: () => import('./pages/schedule.js') },
  { name: 'meetings', title: 'navMeetings', action: 'watchMeeting', load: () => import('./pages/chair.js') },
  { name: 'lines', title: 'navLines', action: 'watchMeeting', load: () => import('./pages/lines.js') },
  { name: 'units', title: 'navUnits', action: 'readRegister', load: () => import('./pages/units.js') },
  { name: 'points', title: 'navPoints', action: 'readRegister', load: () => import('./pages/points.js') },
  { name: 'rooms', title: 'navRooms', action: 'readRegister', load: () => import('./pages/rooms.js') },
  { name: 'guides', title: 'navGuides', action: 'readGuide', load: () => import('./pages/guides.js') },
  { name: 'archive', title: 'navArchive', action: 'search', load: () => import('./pages/archive.js') },
  { name: 'supply', title: 'navSupply', action: 'readOwnAccess', load: () => import('./pages/supply.js') },
  { name: 'reports', title: 'navReports', action: 'readStatistics', load: () => import('./pages/reports.js') },
  { name: 'retention', title: 'navRetention', action: 'readRetention', load: () => import('./pages/retention.js') },
  { name: 'people', title: 'navPeople', action: 'readPeople', load: () => import('./pages/people.js') },
  { name: 'journal', title: 'navJournal', action: 'readJournal', load: () => import('./pages/journal.js') },
  { name: 'review', title: 'navReview', action: 'readReviews', load: () => import('./pages/review.js') },
  { name: 'account', title: 'navAccount', load: () => import('./pages/account.js') },
];
