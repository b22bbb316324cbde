/** The roll of a meeting in the order of protocol; each point with what can be done with it. */
import { showTime, t } from '../../language.js';
import { button, make, select } from '../../dom.js';
import { keep, layouts } from './small.js';

export function rollView(give, current, limit, mayLead) {
  const body = make('tbody');
  const heads = ['chairPoint', 'chairPresence', 'chairMedia', 'chairMicrophone', 'chairLine', 'chairActions'];
  const rows = new Map();
  const element = make('div', { class: 'table-frame' }, make('table', { class: 'table roll' },
    make('caption', { class: 'hidden' }, t('chairRoll')),
    make('thead', {}, make('tr', {}, heads.map((head) => make('th', { scope: 'col' }, t(head))))), body));

  function rowOf(point) {
    if (!rows.has(point)) {
      const cells = heads.map((head, index) => make(index === 0 ? 'th' : 'td', { 'data-head': t(head), ...(index === 0 ? { scope: 'row' } : {}) }));
      rows.set(point, { row: make('tr', { 'data-point': point }, cells), cells });
    }
    return rows.get(point);
  }

  function draw(state) {
    const order = state.roll.map((line) => line.point);
    for (const [point, { row }] of rows) {
      if (!order.includes(point)) {
        row.remove();
        rows.delete(point);
      }
    }
    state.roll.forEach((line, index) => {
      const { row, cells } = rowOf(line.point);
      if (body.children[index] !== row) body.insertBefore(row, body.children[index] ?? null);
      row.classList.toggle('speaks', line.isSpeaking);
      row.classList.toggle('absent', !line.place && line.isExpected);
      keep(cells[0], [line.name, line.unit, line.isRequired, line.point === state.chair, line.handRaisedAt, line.isSpeaking, state.spotlight === line.point], () => nameCell(line, state));
      keep(cells[1], [line.place, line.sideRoom, line.excuse, line.call, line.wasMissingAtOpening, line.isAskedForPIN, line.reconnections, line.presentSince], () => presenceCell(line));
      keep(cells[2], [line.place, line.hasSound, line.hasPicture], () => mediaCell(line));
      keep(cells[3], [line.place, line.microphone], () => microphoneCell(line, give));
      keep(cells[4], [lineWords(line)], () => lineWords(line));
      keep(cells[5], [line.place, line.excuse, state.spotlight === line.point, state.isInSession, line.point === state.chair, state.speech?.point === line.point], () => tools(line, state));
    });
  }

  function tools(line, state) {
    const about = (key) => ({ 'aria-label': `${t(key)}: ${line.name}`, 'data-key': `${key}-${line.point}` });
    const act = (key, order, kind) => button(t(key), () => give.give({ point: line.point, ...order }, `${t(key)}: ${line.name}`), kind, about(key));
    if (line.place === 'waiting' && state.isInSession) return make('span', { class: 'cell-tools' }, act('chairAdmit', { order: 'admit' }, 'main'));
    if (line.place === 'side') return make('span', { class: 'cell-tools' }, act('chairRecall', { order: 'recall' }, 'main'));
    if (!line.place) {
      return make('span', { class: 'cell-tools' }, line.isExpected ? button(t('chairExcuse'), () => give.withReason({ order: 'excuse', point: line.point }, `${t('chairExcuse')}: ${line.name}`), 'quiet', about('chairExcuse')) : null);
    }
    if (!mayLead || !state.isInSession) return [];
    const isShown = state.spotlight === line.point;
    return make('span', { class: 'cell-tools' },
      state.speech?.point === line.point ? null : button(t('chairGive'), () => give.give({ order: 'speak', point: line.point, seconds: limit() }, `${t('chairGive')}: ${line.name}`), 'main', about('chairGive')),
      isShown ? button(t('chairSpotlightOff'), () => give.give({ order: 'spotlight' }, t('chairSpotlightOff')), 'quiet', about('chairSpotlightOff')) : act('chairSpotlight', { order: 'spotlight' }),
      make('details', { class: 'more' }, make('summary', { 'aria-label': `${t('chairMore')}: ${line.name}` }, t('chairMore')),
        make('span', { class: 'cell-tools' },
          layoutChoice(line), line.point === state.chair ? null : button(t('chairAside'), () => give.aside(line.point, line.name, [...new Set(current().roll.map((each) => each.sideRoom).filter(Boolean))]), 'quiet', about('chairAside')),
          line.point === state.chair ? null : button(t('chairRemove'), () => give.withReason({ order: 'remove', point: line.point }, `${t('chairRemove')}: ${line.name}`), 'danger', about('chairRemove')))));
  }

  /** Which layout a point was given is not told, so each choice is an order. */
  function layoutChoice(line) {
    const choice = select([['', t('chairLayoutOne')], ...layouts()], '', { 'aria-label': `${t('chairLayoutOne')}: ${line.name}`, 'data-key': `layout-${line.point}` });
    choice.addEventListener('change', async () => {
      const name = choice.value;
      choice.value = '';
      if (name === 'chair') await give.arrange(current(), line.point, line.name);
      else if (name) await give.layout(name, line.point, line.name);
    });
    return choice;
  }

  return { element, draw };
}

function nameCell(line, state) {
  const notes = [line.unit, line.point === state.chair ? t('chairChair') : null, line.isRequired ? t('chairRequired') : null].filter(Boolean);
  return [
    line.handRaisedAt ? make('span', { class: 'tag warn' }, '✋') : null,
    state.spotlight === line.point ? make('span', { class: 'tag' }, '★') : null,
    line.name, line.isSpeaking ? make('span', { class: 'tag good' }, t('chairSpeaks')) : null,
    notes.length ? make('span', { class: 'sub' }, notes.join(' · ')) : null,
  ];
}

function presenceCell(line) {
  const kind = line.place === 'hall' ? 'good' : line.place ? 'warn' : line.excuse || !line.isExpected ? '' : 'bad';
  const words = line.place ? t(`presence_${line.place}`, { room: line.sideRoom })
    : line.excuse ? t('presence_excused', { reason: line.excuse }) : t(line.isExpected ? 'presence_missing' : 'presence_absent');
  const notes = [
    line.presentSince ? t('chairSince', { time: showTime(line.presentSince) }) : !line.place && line.call && line.call !== 'answered' ? t(`call_${line.call}`) : null,
    line.isAskedForPIN ? t('chairPIN') : null, line.wasMissingAtOpening ? t('chairLate') : null,
    line.reconnections ? t('chairAgain', { count: line.reconnections }) : null,
  ].filter(Boolean);
  return [make('span', { class: `tag ${kind}` }, words), notes.length ? make('span', { class: 'sub' }, notes.join(' · ')) : null];
}

function mediaCell(line) {
  if (!line.place) return '';
  const one = (key, seen) => make('span', { class: seen ? 'tag good' : 'tag' }, `${t(key)}: ${t(seen ? 'chairYes' : 'chairNo')}`);
  return [one('chairSound', line.hasSound), one('chairPicture', line.hasPicture)];
}

function microphoneCell(line, give) {
  if (!line.place) return '';
  const isOpen = line.microphone === 'open';
  const words = t(isOpen ? 'chairMute' : 'chairUnmute');
  return [make('span', { class: isOpen ? 'tag good' : 'tag' }, t(isOpen ? 'chairOpened' : 'chairMuted')),
    button(words, () => give.give({ order: isOpen ? 'mute' : 'unmute', point: line.point }, `${words}: ${line.name}`), 'quiet', { 'aria-label': `${words}: ${line.name}`, 'data-key': `microphone-${line.point}` })];
}

function lineWords(line) {
  if (!line.audio) return '';
  const lost = Math.max(0, line.audio.packetsLost);
  const percent = Math.round((lost / Math.max(1, lost + line.audio.packetsReceived)) * 1000) / 10;
  const codecs = [line.audio.codec, line.video?.codec].filter(Boolean).join(' · ');
  return `${codecs} · ${t('chairLoss', { percent })} · ${t('chairJitter', { ms: Math.round(line.audio.jitterMilliseconds) })}`;
}
