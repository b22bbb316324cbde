/** Who spoke: a line for each point over one time line. A line is a slider whose steps are the point's speeches. */
import { t } from '../../language.js';
import { button, make } from '../../dom.js';
import { clock, spoken } from './time.js';

const fewest = 8;

export function lanesView(player, timeline) {
  const { first, last } = player;
  const length = last - first;
  const spokenTime = (lane) => lane.spoke.reduce((sum, span) => sum + span.to - span.from, 0) / 1000;
  const all = timeline.lanes;
  const few = all.filter((lane) => lane.spoke.length > 0).sort((a, b) => spokenTime(b) - spokenTime(a));
  const list = make('ul', { class: all.some((lane) => lane.streams.includes('slides')) ? 'lanes has-slides' : 'lanes' });
  let isWhole = few.length === 0 || all.length <= fewest;
  const more = button('', () => { isWhole = !isWhole; draw(); });
  more.hidden = few.length === 0 || all.length <= Math.max(fewest, few.length);

  function place(element, span) {
    const from = Math.max(first, span.from / 1000);
    element.style.left = `${(from - first) / length * 100}%`;
    element.style.width = `${Math.max(0.15, (Math.min(last, span.to / 1000) - from) / length * 100)}%`;
    return element;
  }

  function line(lane) {
    const marks = (kind, spans) => spans.map((span) => place(make('span', { class: kind }), span));
    const turns = lane.spoke;
    const track = make('div', {
      class: 'lane-track', role: 'slider', tabindex: 0, 'aria-label': t('playLane', { name: lane.name }), 'aria-valuemin': turns.length ? 1 : 0, 'aria-valuemax': turns.length,
      click(event) {
        const box = track.getBoundingClientRect();
        player.seek(first + (event.clientX - box.left) / box.width * length);
      },
      keydown(event) {
        const step = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 }[event.key];
        const isEnd = event.key === 'Home' || event.key === 'End';
        if ((step === undefined && !isEnd) || event.ctrlKey || event.altKey || event.metaKey) return;
        event.preventDefault();
        event.stopPropagation();
        if (!turns.length) return;
        const now = player.time * 1000;
        const next = event.key === 'Home' ? turns[0] : event.key === 'End' ? turns.at(-1)
          : step > 0 ? turns.find((span) => span.from > now + 500) : turns.findLast((span) => span.from < now - 1500);
        if (next) player.seek(next.from / 1000);
        tell();
      },
      focus: () => tell(),
    }, marks('was-present', lane.present), marks('did-present', lane.presented), marks('did-speak', turns), marks('is-missing', lane.gaps));
    function tell() {
      const index = Math.max(0, turns.findLastIndex((span) => span.from / 1000 <= player.time + 0.5));
      track.setAttribute('aria-valuenow', String(turns.length ? index + 1 : 0));
      track.setAttribute('aria-valuetext', turns.length ? t('playLaneTurn', { number: index + 1, count: turns.length,
        from: clock(turns[index].from / 1000, last), to: clock(turns[index].to / 1000, last) }) : t('playLaneNone'));
    }
    tell();
    const hasPicture = lane.streams.includes('video');
    const alone = lane.streams.includes('audio') || hasPicture
      ? button(t(hasPicture ? 'playAlone' : 'playListen'), () => choose(lane, undefined), 'quiet lane-button', { 'aria-label': t(hasPicture ? 'playAloneOf' : 'playListenOf', { name: lane.name }) }) : null;
    const slides = lane.streams.includes('slides')
      ? button(t('playSlides'), () => choose(lane, 'slides'), 'quiet lane-button', { 'aria-label': t('playSlidesFrom', { name: lane.name }) }) : null;
    const mark = () => {
      alone?.setAttribute('aria-pressed', String(player.source?.point === lane.point && !player.source.content));
      slides?.setAttribute('aria-pressed', String(player.source?.point === lane.point && player.source.content === 'slides'));
    };
    mark();
    const row = make('li', { class: 'lane', 'data-point': lane.point },
      make('div', { class: 'lane-name' }, make('strong', {}, lane.name), make('span', { class: 'sub' }, turns.length ? t('playSpoke', { time: spoken(spokenTime(lane)) }) : t('playLaneNone'))),
      make('div', { class: 'lane-tools' }, alone, slides), track);
    row.mark = mark;
    return row;
  }

  /** The same again shows the film. */
  function choose(lane, content) {
    const isShown = player.source?.point === lane.point && player.source.content === content;
    player.show(isShown && timeline.film ? null : { point: lane.point, content, name: lane.name });
    player.play();
  }

  function draw() {
    list.replaceChildren(...(isWhole ? all : few).map(line));
    more.textContent = isWhole ? t('playFewLanes') : t('playAllLanes', { count: all.length });
  }
  draw();
  player.addEventListener('source', () => { for (const row of list.children) row.mark(); });
  player.addEventListener('time', () => list.style.setProperty('--at', String((player.time - first) / length)));
  const key = (kind, words) => make('span', { class: 'key' }, make('span', { class: `swatch ${kind}` }), words);
  return make('section', { class: 'card lanes-card', 'aria-labelledby': 'lanes-title' },
    make('div', { class: 'heading' }, make('h2', { id: 'lanes-title' }, t('playLanes')),
      make('p', { class: 'keys', 'aria-hidden': 'true' }, key('did-speak', t('playKeySpoke')), key('was-present', t('playKeyPresent')), key('did-present', t('playKeyPresented')), key('is-missing', t('playKeyGap')))),
    make('p', { class: 'hint' }, t('playLanesHint')), list, more, gapsList(player, timeline));
}

/** What is missing, in words. */
function gapsList(player, timeline) {
  const { last } = player;
  const gaps = [
    ...timeline.pauses.map((pause) => ({ ...pause, words: t('playPaused') })),
    ...timeline.lanes.flatMap((lane) => lane.gaps.map((gap) => ({ ...gap, words: `${lane.name}: ${t(`playKind_${gap.kind}`)}, ${t(`playCause_${gap.cause}`)}` }))),
  ].sort((a, b) => a.from - b.from);
  if (!gaps.length) return make('p', { class: 'hint' }, t('playGapsNone'));
  const shown = gaps.slice(0, 200);
  return make('details', { class: 'gaps' }, make('summary', {}, t('playGaps', { count: gaps.length })),
    make('ul', {}, shown.map((gap) => make('li', {}, button(`${clock(gap.from / 1000, last)} – ${clock(gap.to / 1000, last)}`, () => player.seek(gap.from / 1000), 'link'), ' ', gap.words)),
      gaps.length > shown.length ? make('li', {}, t('playGapsMore', { count: gaps.length - shown.length })) : null));
}
