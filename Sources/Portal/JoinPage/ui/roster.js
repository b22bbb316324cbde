/**
 * The list of points: raised hands first, the longest raised on top.
 */
import { t } from '../language/index.js';
import { $, make, say } from './dom.js';
import { badge, marks } from './stage.js';

export class Roster {
  constructor() { this.known = null; }

  draw(view) {
    const users = [...view.users].sort((left, right) =>
      (left.handRaised?.getTime() ?? Infinity) - (right.handRaised?.getTime() ?? Infinity) || 0);
    $('roster').replaceChildren(...users.map((user) => make('li', {}, badge(user.name),
      make('span', { class: 'who' }, view.isSelf(user.entity) ? t('you', { name: user.name }) : user.name),
      make('span', { class: 'marks' }, ...marks(user, view)))));
    $('points-count').textContent = users.length || '';
    $('tab-points').textContent = t('pointsCount', { count: users.length });
    this.#announce(view);
  }

  /** Says who came, left or raised a hand since the last time. */
  #announce(view) {
    const now = new Map(view.users.map((user) => [user.entity, user]));
    const said = [];
    if (this.known) {
      for (const [entity, user] of now) {
        if (view.isSelf(entity)) continue;
        const before = this.known.get(entity);
        if (!before) said.push(t('saysJoined', { name: user.name }));
        if (user.handRaised && !before?.handRaised) said.push(t('saysHandOf', { name: user.name }));
      }
      for (const [entity, user] of this.known) {
        if (!now.has(entity) && !view.isSelf(entity)) said.push(t('saysLeft', { name: user.name }));
      }
    }
    this.known = now;
    if (said.length > 0) say(said.join('. '));
  }
}
