/**
 * Has the line checked: a call to the room for that, in which one hears and sees oneself, until the bridge says how the line
 * is. It says so by voice and by a message, which names where the whole can be read.
 */
import { language, onLanguage, t } from '../language/index.js';
import { Meeting } from '../meeting.js';
import { $, make, play, say, show } from './dom.js';

const named = /\/join\/checks\/([\w-]{22})/;

export class LineCheck {
  /**
   * @param {object} settings the page's
   * @param {string} product
   * @param {() => ?{credentials: object, username: string}} entry null where something is missing, which it says
   * @param {() => {audio: ?MediaStreamTrack, video: ?MediaStreamTrack, speaker: string|undefined}} media
   * @param {(failure: Error) => string} explain
   */
  constructor(settings, product, entry, media, explain) {
    Object.assign(this, { settings, product, entry, media, explain });
    show($('line-check'), Boolean(settings.lineCheck && settings.webSocket));
    $('line-check').addEventListener('click', () => this.#start());
    $('line-close').addEventListener('click', () => $('line-dialog').close());
    $('line-again').addEventListener('click', () => this.#start());
    $('line-dialog').addEventListener('close', () => this.#hangUp());
    onLanguage(() => this.#draw());
  }

  async #start() {
    const entry = this.entry();
    if (!entry) return;
    this.#hangUp();
    this.result = null;
    this.failure = null;
    this.#become('lineConnecting');
    if (!$('line-dialog').open) $('line-dialog').showModal();
    const { speaker, ...tracks } = this.media();
    const call = new Meeting({
      settings: { ...this.settings, room: this.settings.lineCheck }, product: this.product, ...entry, ...tracks,
    });
    this.call = call;
    call.addEventListener('tracks', () => this.#show(call));
    call.addEventListener('text', ({ detail }) => this.#told(call, detail.text));
    call.addEventListener('ended', () => this.#ended(call));
    if (speaker && $('line-sound').setSinkId) $('line-sound').setSinkId(speaker).catch(() => {});
    try {
      await call.join();
      if (this.call === call) this.#become('lineSpeak');
    } catch (failure) {
      if (this.call !== call) return;
      this.call = null;
      this.failure = failure;
      this.#become('lineFailed');
    }
  }

  #show(call) {
    if (this.call !== call || !call.link) return;
    play($('line-sound'), call.link.soundTrack);
    play($('line-picture'), call.link.pictureTrack);
    show($('line-picture'), Boolean(call.link.pictureTrack));
  }

  async #told(call, text) {
    const id = named.exec(text)?.[1];
    if (!id || this.call !== call) return;
    try {
      const response = await fetch(`/join/checks/${id}`);
      if (!response.ok) throw new Error(String(response.status));
      this.result = await response.json();
      this.#become('lineDone');
      say(t(`line_${this.result.grade}`));
    } catch (failure) {
      this.failure = failure;
      this.#become('lineFailed');
    }
  }

  #ended(call) {
    if (this.call !== call) return;
    this.call = null;
    this.#silence();
    if (!this.result) this.#become('lineFailed');
  }

  #hangUp() {
    this.call?.leave();
    this.call = null;
    this.#silence();
  }

  #silence() {
    play($('line-sound'), null);
    play($('line-picture'), null);
    show($('line-picture'), false);
  }

  #become(state) {
    this.state = state;
    this.#draw();
  }

  #draw() {
    if (!this.state) return;
    const { result } = this;
    const isOver = Boolean(result) || this.state === 'lineFailed';
    $('line-state').textContent = result ? t(`line_${result.grade}`)
      : t(this.state, { reason: this.failure ? this.explain(this.failure) : '' });
    $('line-state').dataset.grade = result?.grade ?? '';
    show($('line-busy'), !isOver);
    show($('line-again'), isOver);
    show($('line-findings'), Boolean(result?.findings.length));
    show($('line-figures'), Boolean(result));
    if (!result) return;
    $('line-findings').replaceChildren(...result.findings.map((each) => make('li', { 'data-grade': each.grade },
      make('strong', {}, `${each.words[language()]}${each.value === undefined ? '' : ` (${number(each.value)} ${each.unit})`}`),
      make('span', {}, each.advice[language()]))));
    $('line-figures').replaceChildren(...figures(result.measured).flatMap(([key, value]) =>
      [make('dt', {}, t(key)), make('dd', {}, value)]));
  }
}

function number(value, digits = 1) {
  return value === undefined || value === null ? '—'
    : value.toLocaleString(document.documentElement.lang, { maximumFractionDigits: digits });
}

/** Sending first, as the point sees it. */
function figures({ up, down, picture, ...measured }) {
  const ways = (name, unit, scale = 1, digits = 1) => [up, down].map((way) =>
    number(way[name] === undefined ? undefined : way[name] / scale, digits)).join(' / ') + (unit ? ` ${unit}` : '');
  const keys = { none: t('lineClear'), sdes: 'SRTP (SDES)', dtls: 'DTLS-SRTP' }[measured.keying.method];
  return [
    ['lineScore', ways('opinionScore', '')],
    ['lineRate', ways('bitrate', 'kbit/s', 1000, 0)],
    ['lineLoss', ways('lossPercent', '%')],
    ['lineJitter', ways('jitterMilliseconds', 'ms', 1, 0)],
    ['roundTrip', `${number(measured.roundTripMilliseconds, 0)} ms`],
    ['lineSound', measured.soundCodec ?? '—'],
    ['linePicture', picture ? `${picture.codec} ${picture.width ?? '?'}×${picture.height ?? '?'}, ${number(picture.frameRate, 0)} ${t('lineFrames')}` : '—'],
    ['lineKeys', [keys, measured.keying.suite].filter(Boolean).join(', ')],
  ];
}
