/** The first page: who one is, what one can do, and what an operator should look at. */
import { api } from '../api.js';
import { language, t } from '../language.js';
import { heading, make } from '../dom.js';
import { pages } from '../pages.js';

export const words = {
  vi: { homeHello: 'Xin chào, {name}', homeRoles: 'Vai trò', homeGo: 'Các mục của bạn', homeState: 'Tình trạng hệ thống', homeWell: 'Mọi thứ bình thường.' },
  en: { homeHello: 'Welcome, {name}', homeRoles: 'Roles', homeGo: 'Your sections', homeState: 'State of the system', homeWell: 'All is well.' },
};

/** What the bridge warns of, a line each. */
const state = (warnings) => make('section', { id: 'state' }, make('h2', {}, t('homeState')), warnings.length === 0
  ? make('p', {}, t('homeWell'))
  : warnings.map((warning) => make('p', { class: 'problem', 'data-kind': warning.kind }, warning[language() === 'vi' ? 'vietnamese' : 'english'])));

export async function open(place, { session, signal }) {
  const status = session.may('readStatus') ? await api.get('status', { signal }).catch(() => null) : null;
  place.replaceChildren(
    heading(t('homeHello', { name: session.name })),
    make('p', {}, `${t('homeRoles')}: `, session.roles.map((role) => make('span', { class: 'tag' }, t(`role_${role}`)))),
    make('h2', {}, t('homeGo')),
    make('ul', { class: 'cards' }, pages
      .filter((page) => page.name !== 'home' && (!page.action || session.may(page.action)))
      .map((page) => make('li', { class: 'card' }, make('a', { href: `#/${page.name}` }, t(page.title))))),
    status ? state(status.bridge.warnings) : '');
}
