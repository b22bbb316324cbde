/** For how long meetings are kept: what is due, the clocks of the law, holds, and destruction by two persons. */
import { t } from '../language.js';
import { heading, make, style } from '../dom.js';
import { openList } from './retention/list.js';
import { openProposals } from './retention/proposals.js';
import { openRecord } from './retention/record.js';
import { words as shared } from './retention/words.js';

export const words = shared;

const tabs = ['due', 'clocks', 'held', 'all', 'proposals'];

export async function open(place, view) {
  style('retention');
  const [tab = 'due', ...rest] = view.parts;
  if (tab === 'record' && rest[0]) return openRecord(place, view, rest[0]);
  const body = make('div', { class: 'view' });
  place.replaceChildren(heading(t('navRetention')),
    make('nav', { 'aria-label': t('retTabs') }, make('ul', { class: 'tools-row retention-tabs' }, tabs.map((name) => make('li', {},
      make('a', { class: `button ${name === tab ? 'main' : 'quiet'}`, href: `#/retention/${name}`, 'aria-current': name === tab ? 'page' : null },
        t(`retTab_${name}`)))))),
    make('p', { class: 'hint lead' }, t(`retLead_${tabs.includes(tab) ? tab : 'due'}`)), body);
  await (tab === 'proposals' ? openProposals(body, view) : openList(body, view, tabs.includes(tab) ? tab : 'due'));
}
