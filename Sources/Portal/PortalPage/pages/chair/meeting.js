/**
 * One meeting: what is ordered of all, the roll in the order of protocol, who speaks, who asks for the word, and votes. It asks
 * once a second how the meeting stands, and writes only what changed, so that the keyboard's focus stays where it is.
 */
import { api, part } from '../../api.js';
import { t } from '../../language.js';
import { button, confirm, heading, make, problem, select } from '../../dom.js';
import { every } from './list.js';
import { orders } from './orders.js';
import { rollView } from './roll.js';
import { clock, keep, layouts, part as section } from './small.js';

export async function leadMeeting(place, id, { session, signal }) {
  const mayLead = ['administrator', 'chair'].some((role) => session.roles.includes(role));
  const trouble = make('div');
  const title = heading('…', [make('a', { class: 'button quiet', href: '#/meetings' }, t('chairBack'))]);
  const facts = make('p', { class: 'facts', 'aria-live': 'off' });
  const tools = make('div', { class: 'orders', role: 'toolbar', 'aria-label': t('chairActions') });
  const speech = section(t('chairSpeech'));
  const queue = section(t('chairQueue'));
  const votes = section(t('chairVote'));
  let state = null;
  // How the rehearsal's gate stands; null where there is none, or it is not for this visitor to know.
  let gate = null;
  let gateLookedAt = -Infinity;
  const give = orders(id, trouble, () => refresh());
  const limit = give.minutes();
  limit.id = 'speaking-limit';
  const roll = rollView(give, () => state, () => (limit.value ? Number(limit.value) : undefined), mayLead);

  place.replaceChildren(title, trouble, facts, tools,
    make('div', { class: 'lead-columns' },
      make('section', { 'aria-labelledby': 'roll-heading' }, make('h2', { id: 'roll-heading' }, t('chairRoll')), roll.element),
      make('div', { class: 'lead-side' }, speech.element, queue.element, votes.element)));

  async function refresh() {
    try {
      state = await api.get(`meetings/${part(id)}/control`, { signal, background: true });
      await lookAtGate();
      draw();
    } catch (error) {
      if (error.name === 'AbortError' || signal.aborted) return;
      if (error.status === 404) {
        place.replaceChildren(heading(t('chairGone'), [make('a', { class: 'button quiet', href: '#/meetings' }, t('chairBack'))]));
        state = null;
        return;
      }
      problem(trouble, error.message);
    }
  }

  async function lookAtGate() {
    if (!state.sitting || performance.now() - gateLookedAt < 5000) return;
    gateLookedAt = performance.now();
    try {
      gate = await api.get(`sittings/${part(state.sitting)}/rehearsal`, { signal, background: true });
    } catch (error) {
      if (error.name === 'AbortError') throw error;
      gate = null;
    }
  }

  const name = (point) => state.roll.find((line) => line.point === point)?.name ?? point;

  function draw() {
    title.querySelector('h1').textContent = state.title;
    drawFacts();
    keep(tools, [mayLead, state.isInSession, state.isLocked, state.recording, state.microphones, state.pointsMayUnmute, state.message, state.isResultShown, state.layout, state.room], drawTools);
    roll.draw(state);
    drawSpeech();
    drawQueue();
    drawVote();
  }

  function drawFacts() {
    const expected = state.roll.filter((line) => line.isExpected);
    // Before the opening it is asked who would be there.
    const present = expected.filter((line) => (state.isInSession ? line.presentSince : line.place && !line.isAskedForPIN));
    const recording = state.recording === 'running' || state.recording === 'failed' ? 'bad' : state.recording === 'paused' ? 'warn' : '';
    keep(facts, [state.isInSession, state.isLocked, state.recording, present.length, expected.length, state.confidentiality, gate?.isGreen, Math.floor(state.openedSeconds / 60)], () => [
      make('span', { class: state.isInSession ? 'tag good' : 'tag warn' }, t(state.isInSession ? 'chairState_session' : 'chairState_rehearsal')),
      gate?.isGreen === false ? make('span', { class: 'tag bad', id: 'gate-red' }, t('chairGateRed')) : null,
      make('span', { class: `tag ${recording}` }, t(`chairRecording_${state.recording}`)),
      state.isLocked ? make('span', { class: 'tag warn' }, t('chairLocked')) : null,
      state.confidentiality.includes('secret') ? make('span', { class: 'tag bad' }, t('chairSecret')) : null,
      make('span', { class: 'tag' }, t('chairPresent', { present: present.length, expected: expected.length })),
      make('span', { class: 'tag' }, clock(state.openedSeconds)),
    ]);
  }

  function drawTools() {
    if (!mayLead) return [];
    const act = (key, order, kind) => button(t(key), () => give.give({ order }, t(key)), kind);
    const reasoned = (key, order, options) => button(t(key), () => give.withReason({ order }, t(key), options));
    const layout = select([['', t('chairLayoutAll')], ...layouts()], state.layout ?? '', { 'aria-label': t('chairLayoutAll') });
    layout.addEventListener('change', async () => {
      const name = layout.value;
      if (name !== 'chair') return name && give.layout(name);
      layout.value = state.layout ?? '';
      await give.arrange(state);
    });
    return [
      state.isInSession ? null : act('chairOpen', 'open', 'main'),
      act('chairMuteAll', 'mute-all', 'main'), act('chairUnmuteAll', 'unmute-all'),
      state.pointsMayUnmute ? act('chairForbidUnmute', 'forbid-unmute') : act('chairAllowUnmute', 'allow-unmute'),
      state.isLocked ? act('chairUnlock', 'unlock') : act('chairLock', 'lock'),
      ['off', 'stopped'].includes(state.recording) ? reasoned('chairRecord', 'record', { hasDocument: true }) : null,
      state.recording === 'running' ? reasoned('chairPause', 'pause-recording') : null,
      state.recording === 'paused' ? reasoned('chairResume', 'resume-recording') : null,
      ['running', 'paused'].includes(state.recording) ? reasoned('chairStop', 'stop-recording') : null,
      button(t('chairMessage'), () => give.message(state.message)),
      state.message ? act('chairMessageOff', 'message') : state.isResultShown ? act('chairResultOff', 'message') : null,
      button(t('chairCallAll'), () => give.call(state.room)), layout,
      state.layout === 'chair' ? button(t('chairArrange'), () => give.arrange(state), 'quiet', { 'data-key': 'arrange' }) : null,
      button(t('chairClose'), () => confirm(t('chairCloseSure'), () => give.give({ order: 'close' }, t('chairClose')), t('chairClose')), 'danger'),
    ];
  }

  function drawSpeech() {
    const now = state.speech;
    limit.options[0].textContent = t(state.agenda.some((item) => item.limitSeconds) ? 'chairByAgenda' : 'chairNoLimit');
    keep(speech.body, [now?.point, now && name(now.point), now?.limitSeconds, mayLead], () => [
      now ? make('p', { class: 'speaker' }, make('strong', {}, name(now.point)), ' ', make('span', { class: 'timer', role: 'timer' })) : make('p', { class: 'hint' }, t('chairNobody')),
      now && mayLead ? button(t('chairEndSpeech'), () => give.give({ order: 'end-speech' }, t('chairEndSpeech')), 'main') : null,
      mayLead ? make('div', { class: 'field' }, make('label', { for: limit.id }, t('chairLimit')), limit) : null,
    ]);
    if (!now) return;
    const timer = speech.body.querySelector('.timer');
    const left = now.limitSeconds === undefined || now.limitSeconds === null ? null : now.limitSeconds - now.elapsedSeconds;
    timer.textContent = left === null ? clock(now.elapsedSeconds)
      : left >= 0 ? t('chairLeft', { time: clock(left) }) : t('chairOver', { time: clock(-left) });
    timer.classList.toggle('late', left !== null && left <= 60);
  }

  function drawQueue() {
    const minute = (hand) => Math.floor((Date.now() - new Date(hand.since)) / 10_000);
    keep(queue.body, [mayLead, state.queue.map((hand) => [hand.point, name(hand.point), minute(hand)])], () => (state.queue.length === 0
      ? [make('p', { class: 'hint' }, t('chairNoQueue'))]
      : [make('ol', { class: 'queue' }, state.queue.map((hand) => make('li', {},
        make('span', {}, make('strong', {}, name(hand.point)), make('span', { class: 'sub' }, t('chairWaits', { time: clock(minute(hand) * 10) }))),
        mayLead ? make('span', { class: 'cell-tools' },
          button(t('chairGive'), () => give.give({ order: 'speak', point: hand.point, seconds: limit.value ? Number(limit.value) : undefined }, `${t('chairGive')}: ${name(hand.point)}`), 'main', { 'aria-label': `${t('chairGive')}: ${name(hand.point)}`, 'data-key': `give-${hand.point}` }),
          button(t('chairLower'), () => give.give({ order: 'lower-hand', point: hand.point }, t('chairLower')), 'quiet', { 'aria-label': `${t('chairLower')}: ${name(hand.point)}`, 'data-key': `lower-${hand.point}` })) : null)))]));
  }

  function drawVote() {
    const open = state.vote;
    const last = state.votes.at(-1);
    keep(votes.body, [mayLead, open && [open.number, open.cast, open.votesFor, open.votesAgainst, open.abstentions, Math.ceil(open.leftSeconds ?? 0)], state.votes.length], () => [
      open ? make('p', {}, make('strong', {}, open.question)) : null,
      open ? make('p', {}, t('chairCast', { count: open.cast }), open.leftSeconds ? ` · ${t('chairLeft', { time: clock(open.leftSeconds) })}` : '') : null,
      open?.isSecret ? make('p', { class: 'hint' }, t('chairHidden')) : null,
      open && !open.isSecret ? tally(open) : null,
      !open && last ? [make('p', {}, make('strong', {}, last.question)), tally(last)] : null,
      mayLead ? (open ? button(t('chairVoteClose'), () => give.give({ order: 'close-vote' }, t('chairVoteClose')), 'main', { 'data-key': 'vote' })
        : button(t('chairVoteOpen'), () => give.vote(), 'quiet', { 'data-key': 'vote' })) : null,
    ]);
  }

  await every(1000, signal, refresh);
}

function tally(vote) {
  const rows = [['chairFor', vote.votesFor], ['chairAgainst', vote.votesAgainst], ['chairAbstain', vote.abstentions]];
  if (vote.closedAt) rows.push(['chairNotVoted', vote.notVoted]);
  return make('dl', { class: 'tally' }, rows.map(([key, count]) => make('div', {}, make('dt', {}, t(key)), make('dd', {}, String(count)))));
}
