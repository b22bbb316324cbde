/**
 * The lines of one meeting. Once a second it asks how the meeting stands, for levels and microphones, and each five seconds for
 * the figures, which is how often they are taken. What begins or ends to ring is said to screen readers once.
 */
import { api, part } from '../../api.js';
import { showTime, t } from '../../language.js';
import { button, heading, make, problem, say } from '../../dom.js';
import { every } from '../chair/list.js';
import { orders } from '../chair/orders.js';
import { keep } from '../chair/small.js';
import { disturbs, lineCard, shownMinutes } from './card.js';
import { current, figures } from './figures.js';

const longestLog = 30;

export async function watchLines(place, id, { signal }) {
  const trouble = make('div');
  const links = [make('a', { class: 'button quiet', href: '#/lines' }, t('linesBack')), make('a', { class: 'button quiet', href: `#/meetings/${part(id)}` }, t('linesToMeeting'))];
  const title = heading('…', links);
  const noise = make('div', { class: 'noise' });
  const alarmCount = make('p', {});
  const log = make('ol', { class: 'alarm-log' });
  const onlyAlarmed = make('input', { type: 'checkbox', change: draw });
  const list = make('ul', { class: 'lines' });
  const empty = make('p', { class: 'hint' });
  const cards = new Map();
  const told = new Map();
  let state = null;
  let quality = null;
  let isOver = false;

  place.replaceChildren(title, trouble, noise,
    make('section', { class: 'card alarms', 'aria-labelledby': 'alarms-heading' }, make('h2', { id: 'alarms-heading' }, t('linesAlarms')), alarmCount, log,
      make('label', { class: 'tick' }, onlyAlarmed, make('span', {}, t('linesOnlyAlarmed')))),
    make('section', { 'aria-labelledby': 'lines-heading' }, make('h2', { id: 'lines-heading' }, t('linesPoints')),
      make('p', { class: 'hint' }, t('linesLegend', { minutes: shownMinutes })), empty, list));

  async function ask(path, take) {
    if (isOver) return;
    try {
      take(await api.get(`meetings/${part(id)}/${path}`, { signal, background: true }));
      draw();
    } catch (error) {
      if (error.name === 'AbortError' || signal.aborted) return;
      if (error.status === 404) {
        isOver = true;
        place.replaceChildren(heading(t('chairGone'), [links[0]]));
      } else problem(trouble, error.message);
    }
  }
  const refresh = () => ask('control', (answer) => { state = answer; });
  const give = orders(id, trouble, refresh);

  const present = () => state.roll.filter((line) => line.place);
  const noisy = () => present().filter(disturbs).sort((one, other) => (other.peakLevel ?? -127) - (one.peakLevel ?? -127));
  const mute = (line) => give.give({ order: 'mute', point: line.point }, `${t('linesMute')}: ${line.name}`);
  const troubles = (line) => line.soundTroubles.map((each) => t(`linesSound_${each}`)).join(', ');

  // A function key, for letters alone would get into the way of those who dictate (WCAG 2.1.4).
  addEventListener('keydown', (event) => {
    if (event.key !== 'F8' || !state || document.querySelector('dialog[open]')) return;
    event.preventDefault();
    const [loudest] = noisy();
    if (loudest && !event.repeat) mute(loudest);
  }, { signal });

  function draw() {
    if (!state || isOver) return;
    title.querySelector('h1').textContent = state.title;
    drawNoise();
    const alarms = ringing();
    tell(alarms);
    keep(alarmCount, [alarms.size], () => (alarms.size === 0 ? t('linesNoAlarm') : make('strong', { class: 'tag bad' }, t('linesCount', { count: alarms.size }))));
    drawCards();
  }

  function drawNoise() {
    const lines = noisy();
    keep(noise, lines.map((line) => [line.point, line.name, line.soundTroubles]), () => (lines.length === 0 ? [] : make('div', { class: 'card noise-card' },
      lines.map((line, index) => make('div', { class: 'noise-line' }, make('strong', {}, t('linesDisturbs', { name: line.name, trouble: troubles(line) })),
        button(`${t('linesMute')}: ${line.name}`, () => mute(line), 'danger', { 'data-key': `noise-${line.point}`, ...(index === 0 ? { 'aria-keyshortcuts': 'F8' } : {}) }))),
      make('p', { class: 'hint' }, t('linesKey')))));
  }

  /** What rings now, by a key of its own: words for its beginning and its end. */
  function ringing() {
    const found = new Map();
    for (const line of present()) {
      const figuresOf = quality?.points.findLast((each) => each.point === line.point);
      for (const alarm of figuresOf?.alarms ?? []) {
        const figure = figures.find((each) => each.alarm === alarm);
        found.set(`${line.point}/${alarm}`, {
          begins: t('linesRaised', { name: line.name, figure: t(`alarm_${alarm}`), value: figure ? `(${current(figure, figuresOf[figure.key])})` : '' }),
          ends: t('linesEnded', { name: line.name, figure: figure ? t(`figure_${figure.key}`) : alarm }),
        });
      }
      if (!disturbs(line)) continue;
      for (const sound of line.soundTroubles) {
        found.set(`${line.point}/${sound}`, {
          begins: t('linesDisturbs', { name: line.name, trouble: t(`linesSound_${sound}`) }),
          ends: t('linesSoundEnded', { name: line.name, trouble: t(`linesSound_${sound}`) }),
        });
      }
    }
    return found;
  }

  function tell(alarms) {
    const news = [];
    for (const [key, words] of alarms) if (!told.has(key)) news.push([words.begins, 'bad']);
    for (const [key, words] of told) if (!alarms.has(key)) news.push([words.ends, 'good']);
    told.clear();
    for (const [key, words] of alarms) told.set(key, words);
    if (news.length === 0) return;
    say(news.map(([words]) => words).join('. '));
    log.prepend(...news.map(([words, kind]) => make('li', {}, make('span', { class: 'sub' }, showTime(Date.now())), make('span', { class: `tag ${kind}` }, words))));
    while (log.children.length > longestLog) log.lastElementChild.remove();
  }

  function drawCards() {
    const lines = present();
    for (const [point, card] of cards) {
      if (!lines.some((line) => line.point === point)) {
        card.element.remove();
        cards.delete(point);
      }
    }
    let count = 0;
    lines.forEach((line, index) => {
      if (!cards.has(line.point)) cards.set(line.point, lineCard(give));
      const card = cards.get(line.point);
      if (list.children[index] !== card.element) list.insertBefore(card.element, list.children[index] ?? null);
      card.draw(line, quality?.points.findLast((each) => each.point === line.point), quality?.limits);
      card.element.hidden = onlyAlarmed.checked && !card.element.classList.contains('is-alarmed');
      if (!card.element.hidden) count += 1;
    });
    empty.textContent = count > 0 ? '' : t(lines.length === 0 ? 'linesNobody' : 'linesNoneAlarmed');
    empty.hidden = count > 0;
  }

  every(5000, signal, () => ask('quality', (answer) => { quality = answer; }));
  await every(1000, signal, refresh);
}
