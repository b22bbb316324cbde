/**
 * The quality of one's own line, drawn and in words.
 */
import { QualityWatch } from '../media/quality.js';
import { onLanguage, t } from '../language/index.js';
import { $, make, say, show } from './dom.js';

const lookEvery = 2_000;

export class Line {
  constructor() {
    this.quality = null;
    $('quality').addEventListener('click', () => this.#toggle());
    $('quality-box').addEventListener('keydown', ({ key }) => {
      if (key === 'Escape' && !$('quality-figures').hidden) this.#toggle();
    });
    onLanguage(() => this.#draw());
  }

  /** @param {() => RTCPeerConnection} peer the one in use */
  start(peer) {
    show($('quality-box'), true);
    this.timer = setInterval(async () => {
      if (this.watch?.peer !== peer()) this.watch = new QualityWatch(peer());
      const before = this.quality?.grade;
      this.quality = await this.watch.look().catch(() => null) ?? this.quality;
      if (before && before !== this.quality?.grade) say(`${t('quality')}: ${t(this.quality.grade)}`);
      this.#draw();
    }, lookEvery);
    this.#draw();
  }

  stop() {
    clearInterval(this.timer);
    show($('quality-box'), false);
  }

  #toggle() {
    const isOpen = $('quality-figures').hidden;
    show($('quality-figures'), isOpen);
    $('quality').setAttribute('aria-expanded', String(isOpen));
  }

  #draw() {
    const { quality } = this;
    $('quality').dataset.grade = quality?.grade ?? '';
    $('quality-word').textContent = t(quality?.grade ?? 'measuring');
    const number = (value, digits, unit) => (value === null || value === undefined ? '—'
      : `${value.toLocaleString(document.documentElement.lang, { maximumFractionDigits: digits, minimumFractionDigits: digits })} ${unit}`);
    const rows = [['lossIn', 1, '%'], ['lossOut', 1, '%'], ['roundTrip', 0, 'ms'], ['jitter', 0, 'ms'],
      ['rateIn', 0, 'kbit/s'], ['rateOut', 0, 'kbit/s']];
    $('quality-figures').replaceChildren(...rows.flatMap(([key, digits, unit]) =>
      [make('dt', {}, t(key)), make('dd', {}, number(quality?.[key], digits, unit))]));
  }
}
