/** One point's line: how loud it is, its microphone, its alarms, and each figure with its graph. */
import { t } from '../../language.js';
import { button, freshID, make } from '../../dom.js';
import { keep } from '../chair/small.js';
import { current, described, figures } from './figures.js';
import { graph } from './graph.js';

/** Softer than this is shown as silence, in dBov. */
const quietest = -70;
/** Ten minutes of a sample each five seconds (`QualityBook`). */
const samples = 120;
export const shownMinutes = 10;

export function lineCard(give) {
  const id = freshID('line');
  const name = make('h3', { id });
  const tags = make('span', { class: 'line-tags' });
  const meter = make('meter', { min: quietest, max: 0, low: -60, high: -9, optimum: -30 });
  const level = make('span', { class: 'level-words' });
  const tools = make('span', { class: 'cell-tools' });
  const tiles = figures.map((figure) => {
    const value = make('span', { class: 'value' });
    const drawn = graph(figure.range, samples);
    const element = make('div', { class: 'tile' }, make('dt', {}, t(`figure_${figure.key}`)), make('dd', {}, value, drawn.element));
    return { figure, value, drawn, element };
  });
  const element = make('li', { class: 'card line-card' },
    make('div', { class: 'line-head' }, name, tags, make('span', { class: 'level' }, meter, level), tools),
    make('dl', { class: 'tiles' }, tiles.map((tile) => tile.element)));

  /** `line` is of the roll, `quality` of `MeetingQuality`, where it is known already. */
  function draw(line, quality, limits) {
    element.dataset.point = line.point;
    keep(name, [line.name, line.unit], () => [line.name, line.unit ? make('span', { class: 'sub' }, line.unit) : null]);
    meter.setAttribute('aria-label', `${t('linesLevel')}: ${line.name}`);
    // Of a muted point too: whether its microphone works is to be seen before it is given the word.
    const loud = Math.max(quietest, line.peakLevel ?? quietest);
    meter.value = loud;
    level.textContent = loud <= quietest ? t('linesSilent') : t('linesDecibels', { level: String(loud).replace('-', '−') });
    const alarms = quality?.alarms ?? [];
    element.classList.toggle('is-alarmed', alarms.length > 0 || disturbs(line));
    keep(tags, [alarms, line.soundTroubles, line.microphone, line.isSpeaking], () => [
      ...alarms.map((alarm) => make('span', { class: 'tag bad' }, t(`alarm_${alarm}`))),
      ...(line.microphone === 'open' ? line.soundTroubles : []).map((trouble) => make('span', { class: 'tag bad' }, t(`linesSound_${trouble}`))),
      line.microphone === 'muted' ? make('span', { class: 'tag' }, t('linesMuted'))
        : line.isSpeaking ? make('span', { class: 'tag good' }, t('chairSpeaks')) : null,
    ]);
    keep(tools, [line.microphone, line.name], () => {
      const isOpen = line.microphone === 'open';
      const words = t(isOpen ? 'linesMute' : 'linesUnmute');
      return button(words, () => give.give({ order: isOpen ? 'mute' : 'unmute', point: line.point }, `${words}: ${line.name}`),
        'quiet', { 'aria-label': `${words}: ${line.name}`, 'data-key': `microphone-${line.point}` });
    });
    const hasPicture = quality?.frameRate?.some((each) => each !== null) ?? false;
    for (const { figure, value, drawn, element: tile } of tiles) {
      const series = (quality?.[figure.key] ?? []).slice(-samples);
      value.textContent = current(figure, series);
      drawn.draw(series, described(figure, series, shownMinutes), figure.ofPicture && !hasPicture ? undefined : limits?.[figure.limit]);
      tile.classList.toggle('is-bad', alarms.includes(figure.alarm));
    }
  }

  return { element, draw };
}

/** Its sound troubles the others now. */
export const disturbs = (line) => line.microphone === 'open' && line.soundTroubles.length > 0;
