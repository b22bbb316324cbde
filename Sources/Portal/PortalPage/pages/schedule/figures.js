/** What the last line check of a point measured, and what to do about it. */
import { api } from '../../api.js';
import { locale, showMoment, t } from '../../language.js';
import { button, freshID, make } from '../../dom.js';

export async function showFigures(point, name) {
  const [check] = await api.get(`checks?point=${encodeURIComponent(point)}`);
  const id = freshID('dialog');
  const dialog = make('dialog', { 'aria-labelledby': id, class: 'wide', 'data-point': point },
    make('h2', { id }, t('figuresTitle', { name })),
    check ? described(check) : make('p', { class: 'hint' }, t('figuresNone')),
    make('div', { class: 'row' }, button(t('close'), () => dialog.close(), 'main')));
  document.body.append(dialog);
  dialog.addEventListener('close', () => dialog.remove());
  dialog.showModal();
}

function described(check) {
  const language = document.documentElement.lang;
  const kind = { good: 'good', usable: 'warn', notFit: 'bad' }[check.grade];
  return make('div', { class: 'stack' },
    make('p', {}, make('span', { class: `tag ${kind}` }, t(`figures_${check.grade}`)), ' ', showMoment(check.at), check.device ? ` · ${check.device}` : ''),
    check.findings.length ? make('ul', { class: 'findings' }, check.findings.map((each) => make('li', {},
      make('strong', {}, `${each.words[language]}${each.value === undefined ? '' : ` (${number(each.value)} ${each.unit})`}`),
      make('span', { class: 'sub' }, each.advice[language])))) : null,
    make('dl', { class: 'facts' }, rows(check.measured).map(([key, value]) => make('div', {}, make('dt', {}, t(key)), make('dd', {}, value)))));
}

const number = (value, digits = 1) => (value === undefined || value === null ? '—' : value.toLocaleString(locale(), { maximumFractionDigits: digits }));

/** Up, from the point, stands before down. */
function rows({ up, down, picture, keying, ...measured }) {
  const ways = (read, unit, digits = 1) => `${number(read(up), digits)} / ${number(read(down), digits)}${unit ? ` ${unit}` : ''}`;
  const keys = { none: t('figuresClear'), sdes: 'SRTP (SDES)', dtls: 'DTLS-SRTP' }[keying.method];
  return [
    ['figuresRate', ways((way) => way.bitrate / 1000, 'kbit/s', 0)],
    ['figuresLoss', ways((way) => way.lossPercent, '%')],
    ['figuresJitter', ways((way) => way.jitterMilliseconds, 'ms', 0)],
    ['figuresRoundTrip', `${number(measured.roundTripMilliseconds, 0)} ms`],
    ['figuresScore', ways((way) => way.opinionScore, '')],
    ['figuresCodec', [measured.soundCodec, picture?.codec].filter(Boolean).join(' · ') || '—'],
    ['figuresKeying', [keys, keying.suite].filter(Boolean).join(', ')],
    ['figuresSize', picture?.width && picture.height ? `${picture.width} × ${picture.height}` : '—'],
    ['figuresFrames', picture ? number(picture.frameRate, 0) : '—'],
  ];
}
