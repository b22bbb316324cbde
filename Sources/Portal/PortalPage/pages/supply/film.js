/** Plays the copy that a grant is for. */
import { api } from '../../api.js';
import { showMoment, t } from '../../language.js';
import { $, heading, make, problem, say } from '../../dom.js';
import { every } from '../chair/list.js';
import { copyWords, spanWords } from './words.js';

/** How soon what is left in the player's memory goes after the grant is over. */
const poll = 3000;

export async function openFilm(place, { signal, session }, number) {
  const path = `access/grants/${encodeURIComponent(number)}`;
  const stage = make('div', { class: 'copy-stage' });
  const trouble = make('div');
  const facts = make('p', { class: 'hint' });
  let grant = await api.get(path, { signal });
  let state = '';

  const back = make('a', { class: 'button quiet', href: '#/supply/grants' }, t('supBack'));
  place.replaceChildren(heading(grant.title ?? t('supWatchTitle', { number: grant.number }), back),
    make('p', { class: 'lead' }, t('supWatchLead', { name: session.name })), facts, trouble, stage);

  // What is locked shows nothing and plays nothing.
  const lock = new MutationObserver(() => { if ($('lock').open) stage.querySelector('video')?.pause(); });
  lock.observe($('lock'), { attributeFilter: ['open'] });
  signal.addEventListener('abort', () => { lock.disconnect(); empty(); });

  function empty() {
    const video = stage.querySelector('video');
    if (video) {
      video.pause();
      video.removeAttribute('src');
      video.load();
    }
    stage.replaceChildren();
  }

  function player() {
    const source = `/api/v1/${path}/film`;
    const mayDownload = grant.level !== 'reading';
    const isSound = grant.copy.mime?.startsWith('audio/');
    const video = make('video', { src: source, controls: true, playsinline: true, preload: 'metadata', class: isSound ? 'sound' : '', 'aria-label': t('supPlayer', { number: grant.number }),
      controlslist: 'nodownload noremoteplayback', disablepictureinpicture: true });
    video.addEventListener('error', () => { if (!signal.aborted && video.getAttribute('src')) look().then(() => { if (state === 'playing') problem(trouble, t('supBroken')); }, () => {}); });
    stage.replaceChildren(video, mayDownload ? make('div', { class: 'tools-row' }, make('a', { class: 'button quiet', id: 'download', href: `${source}?download=1`, download: '' }, t('supDownload'))) : '');
  }

  function draw() {
    facts.textContent = `${t('supSpan')}: ${spanWords(grant)} · ${t('supLevel')}: ${t(`supLevel_${grant.level}`)} · ${t('supUntilShort')}: ${showMoment(grant.validUntil)}`;
    const next = grant.state !== 'in-force' ? 'over' : grant.copy?.state === 'ready' ? 'playing' : `waiting ${copyWords(grant.copy)}`;
    if (next === state) return;
    const was = state;
    state = next;
    problem(trouble, '');
    if (state === 'playing') return player();
    empty();
    if (state === 'over') {
      problem(trouble, t('supOver'));
      if (was === 'playing') say(t('supOver'));
    } else {
      stage.replaceChildren(make('p', { class: 'notice' }, make('span', {}, t('supWait')),
        make('progress', { max: 1, value: grant.copy?.progress ?? 0, 'aria-label': copyWords(grant.copy) })));
    }
  }

  async function look() {
    grant = await api.get(path, { signal, background: true });
    draw();
  }

  draw();
  every(poll, signal, async () => { if (state !== 'over') await look().catch(() => {}); });
}
