/** The first page: who one is, and what one can do. */
import { t } from '../language.js';
import { heading, make } from '../dom.js';
import { pages } from '../pages.js';

export const words = {
  vi: { homeHello: 'Xin chào, {name}', homeRoles: 'Vai trò', homeGo: 'Các mục của bạn' },
  en: { homeHello: 'Welcome, {name}', homeRoles: 'Roles', homeGo: 'Your sections' },
};

export function open(place, { session }) {
  place.replaceChildren(
    heading(t('homeHello', { name: session.name })),
    make('p', {}, `${t('homeRoles')}: `, session.roles.map((role) => make('span', { class: 'tag' }, t(`role_${role}`)))),
    make('h2', {}, t('homeGo')),
    make('ul', { class: 'cards' }, pages
      .filter((page) => page.name !== 'home' && (!page.action || session.may(page.action)))
      .map((page) => make('li', { class: 'card' }, make('a', { href: `#/${page.name}` }, t(page.title))))));
}
