/** The player's picture, its tools and its keys. */
import { language, t } from '../../language.js';
import { button, freshID, make, problem, say, select, showOnce } from '../../dom.js';
import { seekBar } from './seek.js';
import { clock } from './time.js';

const shapes = {
  play: 'M7 4v16l13-8z', pause: 'M6 4h4v16H6zM14 4h4v16h-4z', back: 'M11 5 4 12l7 7zM20 5l-7 7 7 7z', ahead: 'M13 5l7 7-7 7zM4 5l7 7-7 7z',
  previous: 'M5 4h3v16H5zM20 4v16L9 12z', next: 'M16 4h3v16h-3zM4 4v16l11-8z', sound: 'M4 9v6h4l6 5V4L8 9zM16 8.5a5 5 0 0 1 0 7zM16 5a9 9 0 0 1 0 14v-2a7 7 0 0 0 0-10z',
  mute: 'M4 9v6h4l6 5V4L8 9zM17 9l2 2 2-2 1 1-2 2 2 2-1 1-2-2-2 2-1-1 2-2-2-2z', full: 'M4 4h6v2H6v4H4zM14 4h6v6h-2V6h-4zM4 14h2v4h4v2H4zM18 14h2v6h-6v-2h4z',
  share: 'M14 4l7 7-7 7v-4c-5 0-8 1.500-10 5 .5-6 4-10 10-11z', help: 'M11 17h2v2h-2zM12 5a4.500 4.500 0 0 0-4.500 4.500h2a2.500 2.500 0 1 1 4 2c-1.200.9-2.500 1.800-2.500 3.500h2c0-1.500 3.500-2 3.500-5.500A4.500 4.500 0 0 0 12 5z',
};

function icon(name) {
  const space = 'http://www.w3.org/2000/svg';
  const picture = document.createElementNS(space, 'svg');
  for (const [key, value] of [['viewBox', '0 0 24 24'], ['class', 'icon'], ['aria-hidden', 'true']]) picture.setAttribute(key, value);
  const path = picture.appendChild(document.createElementNS(space, 'path'));
  path.setAttribute('d', shapes[name]);
  return picture;
}

function tool(name, words, act, attributes = {}) {
  const element = make('button', { type: 'button', class: 'tool-button', title: words, 'aria-label': words, click: act, ...attributes }, icon(name));
  element.become = (shape, label) => {
    if (element.getAttribute('aria-label') === label) return;
    element.replaceChildren(icon(shape));
    element.title = label;
    element.setAttribute('aria-label', label);
  };
  return element;
}

/** - `chapters`: sorted by `from`, in milliseconds. - `address(seconds)`: the link to a moment. */
export function controls(player, timeline, { chapters, address }) {
  const chapterAt = (time) => chapters.findLast((chapter) => chapter.from <= time * 1000 && time * 1000 < chapter.to);
  const trouble = make('div');
  const waiting = make('p', { class: 'waiting', hidden: true }, t('playLoading'));
  const caption = make('p', { class: 'now', 'aria-hidden': 'true' });
  const shown = make('span', { class: 'clock' });
  const play = tool('play', t('playPlay'), () => player.toggle(), { class: 'tool-button main' });
  const mute = tool('sound', t('playMute'), () => { player.video.muted = !player.video.muted; });
  const speed = select(['0.5', '0.75', '1', '1.25', '1.5', '2'].map((rate) => [rate, `${Number(rate).toLocaleString(language())}×`]), '1', {
    'aria-label': t('playSpeed'), change: () => { player.video.playbackRate = player.video.defaultPlaybackRate = Number(speed.value); } });
  const source = sources(player, timeline);
  const stage = make('div', { class: 'stage', click: (event) => { if (event.target === player.video) player.toggle(); } }, player.video, waiting);
  const element = make('section', { class: 'player', 'aria-label': t('playPlayer'), tabindex: -1 },
    stage, caption, trouble, seekBar(player, timeline, chapterAt),
    make('div', { class: 'player-tools', role: 'group', 'aria-label': t('playTools') },
      tool('previous', t('playPrevious'), () => jump(-1)), tool('back', t('playBack'), () => player.seek(player.time - 10)), play,
      tool('ahead', t('playAhead'), () => player.seek(player.time + 10)), tool('next', t('playNext'), () => jump(1)), shown,
      make('span', { class: 'spring' }), source, speed, mute, tool('share', t('playShare'), share), tool('full', t('playFull'), full),
      tool('help', t('playHelp'), help)));

  function jump(step) {
    const now = player.time * 1000;
    const next = step > 0 ? chapters.find((chapter) => chapter.from > now + 500) : chapters.findLast((chapter) => chapter.from < now - 2000);
    if (!next) return step < 0 ? player.seek(player.first) : undefined;
    player.seek(next.from / 1000);
    say(`${clock(next.from / 1000, player.last)}, ${next.name}`);
  }

  async function share() {
    const seconds = Math.floor(player.time);
    const link = address(seconds);
    const time = clock(seconds, player.last);
    try {
      await navigator.clipboard.writeText(link);
      history.replaceState(null, '', link);
      caption.textContent = t('playShared', { time });
      say(t('playShared', { time }));
    } catch {
      player.pause();
      await showOnce(t('playShareTitle', { time }), t('playShareLead'), [['', link]]);
    }
  }

  function full() {
    if (document.fullscreenElement) document.exitFullscreen();
    else element.requestFullscreen?.().catch(() => player.video.webkitEnterFullscreen?.());
  }

  function help() {
    const id = freshID('dialog');
    const keys = [[[t('keySpace'), 'K'], 'keysSpace'], [['←', '→'], 'keysArrows'], [['J', 'L'], 'keysJL'], [['[', ']'], 'keysChapters'], [['M'], 'keysMute'], [['F'], 'keysFull'], [['S'], 'keysShare'], [['?'], 'keysHelp']];
    const dialog = make('dialog', { 'aria-labelledby': id }, make('h2', { id }, t('keysTitle')), make('p', { class: 'hint' }, t('keysLead')),
      make('dl', { class: 'key-list' }, keys.map(([each, words]) => make('div', {}, make('dt', {}, each.map((key) => make('kbd', {}, key))), make('dd', {}, t(words))))),
      make('div', { class: 'row' }, button(t('close'), () => dialog.close(), 'main')));
    document.body.append(dialog);
    dialog.addEventListener('close', () => dialog.remove());
    dialog.showModal();
  }

  // Only while the focus is in the player (WCAG 2.1.4).
  const keys = {
    ' ': () => player.toggle(), k: () => player.toggle(), ArrowLeft: () => player.seek(player.time - 5), ArrowRight: () => player.seek(player.time + 5),
    j: () => player.seek(player.time - 10), l: () => player.seek(player.time + 10), '[': () => jump(-1), ']': () => jump(1),
    m: () => { player.video.muted = !player.video.muted; }, f: full, s: share, '?': help,
  };
  element.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.target.matches('select')) return;
    if (event.key === ' ' && event.target.matches('button')) return;
    const act = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
  stage.addEventListener('click', () => element.focus({ preventScroll: true }));

  player.addEventListener('time', () => {
    shown.textContent = `${clock(player.time, player.last)} / ${clock(player.last)}`;
    const words = [player.source?.name, chapterAt(player.time)?.name].filter(Boolean);
    caption.textContent = [...new Set(words)].join(' · ');
  });
  player.addEventListener('state', () => {
    play.become(player.isPlaying ? 'pause' : 'play', t(player.isPlaying ? 'playPause' : 'playPlay'));
    mute.become(player.video.muted ? 'mute' : 'sound', t(player.video.muted ? 'playUnmute' : 'playMute'));
    waiting.hidden = !player.isWaiting;
    if (!player.isWaiting) problem(trouble, '');
  });
  player.addEventListener('trouble', (event) => {
    waiting.hidden = true;
    problem(trouble, t(event.detail));
    trouble.append(button(t('retry'), () => { problem(trouble, ''); player.retry(); }));
  });
  return { element, chapterAt };
}

/** The film, and each point and what it presented. */
function sources(player, timeline) {
  const choices = timeline.film ? [['', t('playFilm'), null]] : [];
  for (const lane of timeline.lanes) {
    if (lane.streams.includes('video') || lane.streams.includes('audio')) choices.push([`p:${lane.point}`, lane.name, { point: lane.point, name: lane.name }]);
    if (lane.streams.includes('slides')) choices.push([`s:${lane.point}`, t('playSlidesOf', { name: lane.name }), { point: lane.point, content: 'slides', name: lane.name }]);
  }
  const element = select(choices.map(([code, words]) => [code, words]), '', { class: 'source', 'aria-label': t('playSource'), change: () => player.show(choices.find(([code]) => code === element.value)[2]) });
  player.addEventListener('source', () => {
    element.value = !player.source ? '' : `${player.source.content ? 's' : 'p'}:${player.source.point}`;
  });
  return element;
}
