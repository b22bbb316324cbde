/**
 * The pictures: one large with the slides and a strip of others beside it, or a grid of points; as the bridge composes them,
 * or each as it comes.
 */
import { t } from '../language/index.js';
import { $, icon, initials, make, play, show } from './dom.js';

export class Stage {
  constructor() {
    this.isGallery = false;
    /** Tiles by entity; they stay the same while their point does. */
    this.tiles = new Map();
    this.strip = new Map();
    new ResizeObserver(() => this.tiles.size > 0 && this.#arrange()).observe($('gallery'));
  }

  /**
   * @param {{picture: ?MediaStreamTrack, slides: ?MediaStreamTrack, self: ?MediaStreamTrack, isSharing: boolean, isComposed: boolean, isAmongTiles: boolean,
   *   users: object[], shown: ?object, presenter: ?object, speaker: ?string, isSelf: (entity: string) => boolean,
   *   layout: string, use: string, tiles: object[], paneOf: (entity: string) => ?MediaStreamTrack}} view
   *   `shown` is the user whose picture the bridge sends
   */
  draw(view) {
    // What the bridge composes has names and all; before its first picture comes there are names.
    const isComposed = view.isComposed && Boolean(view.picture);
    const isListed = view.use === 'alone' || (view.layout.startsWith('gallery') && !isComposed);
    show($('speaker-view'), !isListed);
    show($('gallery'), isListed);
    if (isListed) this.#gallery(view); else this.#speaker(view, isComposed);
  }

  #speaker(view, isComposed) {
    const slides = $('slides');
    const isPresented = Boolean(view.slides) || view.isSharing;
    show(slides, isPresented);
    $('speaker-view').classList.toggle('with-slides', isPresented);
    play(slides.querySelector('video'), view.slides);
    slides.querySelector('figcaption').textContent = view.isSharing ? t('sharingSelf')
      : view.presenter ? t('slidesOf', { name: view.presenter.name }) : '';
    const main = $('main-picture');
    play(main.querySelector('video'), view.picture);
    main.querySelector('figcaption').textContent = view.picture && !isComposed ? view.shown?.name ?? '' : '';
    const others = view.users.filter((user) => !view.isSelf(user.entity));
    const empty = main.querySelector('.empty');
    show(empty, !view.picture);
    const words = others.length === 0 ? t('waitingAlone') : view.shown?.name ?? t('waitingPicture');
    empty.replaceChildren(...(view.shown ? [badge(view.shown.name)] : []), make('span', {}, words));
    const strip = view.use === 'beside' ? view.tiles : [];
    show($('strip'), strip.length > 0);
    $('speaker-view').classList.toggle('with-strip', strip.length > 0);
    this.#fill($('strip'), this.strip, strip.map((user) => [user.entity, user]), view);
    const self = $('self');
    // One's own picture is among the tiles.
    show(self, !(isComposed && view.isAmongTiles));
    play(self.querySelector('video'), view.self);
    const own = view.users.find((user) => view.isSelf(user.entity));
    const selfEmpty = self.querySelector('.empty');
    show(selfEmpty, !view.self);
    selfEmpty.replaceChildren(badge(own?.name ?? t('youShort')));
  }

  #gallery(view) {
    // Slides have a place among the tiles, the first.
    const wanted = (view.use === 'alone' ? view.tiles : view.users).map((user) => [user.entity, user]);
    if (view.slides) wanted.unshift(['slides', { entity: 'slides', name: view.isSharing ? t('sharingSelf') : view.presenter ? t('slidesOf', { name: view.presenter.name }) : t('slides') }]);
    this.#fill($('gallery'), this.tiles, wanted, view);
    this.#arrange();
    $('gallery').classList.toggle('many', wanted.length > 12);
  }

  /** Puts tiles into a list; those of the same point stay. */
  #fill(list, tiles, wanted, view) {
    const gone = new Set(tiles.keys());
    wanted.forEach(([key, user], index) => {
      gone.delete(key);
      const tile = tiles.get(key) ?? this.#tile(tiles, key);
      const isSelf = view.isSelf(key);
      const track = key === 'slides' ? view.slides : isSelf ? view.self : view.paneOf(key);
      play(tile.video, track);
      show(tile.video, Boolean(track));
      show(tile.empty, !track);
      tile.item.classList.toggle('is-self', isSelf);
      tile.item.classList.toggle('is-slides', key === 'slides');
      tile.item.classList.toggle('speaks', view.speaker === key);
      tile.empty.replaceChildren(badge(user.name));
      tile.name.textContent = isSelf ? t('you', { name: user.name }) : user.name;
      tile.marks.replaceChildren(...marks(user, view));
      if (list.children[index] !== tile.item) list.insertBefore(tile.item, list.children[index] ?? null);
    });
    for (const key of gone) {
      tiles.get(key).item.remove();
      tiles.delete(key);
    }
  }

  /** As many columns as make the tiles largest. */
  #arrange() {
    const gallery = $('gallery');
    const count = Math.max(1, this.tiles.size);
    let [best, size] = [1, 0];
    for (let columns = 1; columns <= Math.min(count, 6); columns += 1) {
      const width = gallery.clientWidth / columns;
      const height = gallery.clientHeight / Math.ceil(count / columns);
      const fitting = Math.min(width, height * 16 / 9);
      if (fitting > size) [best, size] = [columns, fitting];
    }
    gallery.style.setProperty('--columns', best);
  }

  #tile(tiles, key) {
    const video = make('video', { autoplay: true, playsinline: true });
    video.muted = true;
    const empty = make('p', { class: 'empty', 'aria-hidden': 'true' });
    const name = make('span', { class: 'tile-name' });
    const places = make('span', { class: 'marks' });
    const tile = { item: make('li', { 'data-entity': key }, video, empty, name, places), video, empty, name, marks: places };
    tiles.set(key, tile);
    return tile;
  }
}

export const badge = (name) => make('span', { class: 'initials', 'aria-hidden': 'true' }, initials(name));

/** What is to be seen of a user beside its name. */
export function marks(user, view) {
  const found = [];
  if (user.handRaised) found.push(make('span', { class: 'mark hand' }, icon('hand'), make('span', { class: 'hidden' }, t('handUp'))));
  if (user.status === 'muted-via-focus') found.push(make('span', { class: 'mark' }, icon('mic-off'), make('span', { class: 'hidden' }, t('mutedByChair'))));
  if (user.status === 'on-hold') found.push(make('span', { class: 'mark' }, t('waits')));
  if (view.speaker === user.entity) found.push(make('span', { class: 'mark speaks' }, icon('mic'), t('speaking')));
  if (view.presenter?.entity === user.entity) found.push(make('span', { class: 'mark' }, icon('screen'), t('presenting')));
  return found;
}
