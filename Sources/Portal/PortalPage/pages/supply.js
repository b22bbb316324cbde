/** What agencies ask for and are given: requests, grants with their copies, and the player of a copy. */
import { t } from '../language.js';
import { button, heading, make, style } from '../dom.js';
import { ask } from './supply/ask.js';
import { openFilm } from './supply/film.js';
import { openGrant } from './supply/grant.js';
import { openGrants } from './supply/grants.js';
import { openRequests } from './supply/requests.js';
import { words as shared } from './supply/words.js';

export const words = shared;

const tabs = ['grants', 'requests'];

export async function open(place, view) {
  style('retention');
  style('supply');
  const { session } = view;
  const isOfficer = session.may('readAccess');
  const [tab = isOfficer ? 'requests' : 'grants', number] = view.parts;
  if (tab === 'watch' && number) return openFilm(place, view, number);
  if (tab === 'grant' && number) return openGrant(place, view, number);
  const shown = tabs.includes(tab) ? tab : 'grants';
  const body = make('div', { class: 'view' });
  place.replaceChildren(
    heading(t('navSupply'),
      isOfficer ? make('a', { class: 'button quiet', href: '/api/v1/access/register.csv', download: '' }, t('supRegister')) : null,
      session.may('requestAccess') ? button(t('supAsk'), async () => { if (await ask(view)) location.hash = '#/supply/requests'; }, 'main', { id: 'ask' }) : null),
    make('nav', { 'aria-label': t('supTabs') }, make('ul', { class: 'tools-row retention-tabs' }, tabs.map((name) => make('li', {},
      make('a', { class: `button ${name === shown ? 'main' : 'quiet'}`, href: `#/supply/${name}`, 'aria-current': name === shown ? 'page' : null },
        t(`supTab_${name}`)))))),
    make('p', { class: 'hint lead' }, t(`supLead_${shown}_${isOfficer ? 'officer' : 'reader'}`)), body);
  await (shown === 'requests' ? openRequests : openGrants)(body, view);
}
