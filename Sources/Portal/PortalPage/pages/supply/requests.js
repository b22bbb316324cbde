/** Requests: one's own, or, for who decides, everybody's. */
import { api } from '../../api.js';
import { showMoment, t } from '../../language.js';
import { button, field, formDialog, input, make, say, select, table } from '../../dom.js';
import { clock } from '../archive/time.js';
import { kinds, levels, purposeWords, spanOf, spanWords } from './words.js';

const pageLength = 100;

export async function openRequests(place, { signal, session }) {
  const found = [];
  const list = make('div');
  const more = button(t('supMore'), load);
  const isOfficer = session.may('readAccess');

  const name = (request) => make('span', {}, request.title ?? request.description ?? '',
    request.title && request.description ? make('span', { class: 'sub' }, request.description) : null,
    request.recording ? make('span', { class: 'sub' }, request.recording) : null);
  const why = (request) => make('span', {}, request.reason, make('span', { class: 'sub' }, `${purposeWords(request.purpose)}${request.wantsDownload ? `, ${t('supWantsShort')}` : ''}`));
  const state = (request) => make('span', {}, make('span', { class: `tag ${kinds[request.state] ?? ''}` }, t(`supState_${request.state}`)),
    request.remark ? make('span', { class: 'sub' }, request.remark) : null, request.decidedAt ? make('span', { class: 'sub' }, showMoment(request.decidedAt)) : null);

  function tools(request) {
    if (request.state !== 'waiting') return '';
    const again = (work) => async () => { if (await work()) { say(t('supDone')); await reload(); } };
    return make('span', { class: 'cell-tools' },
      session.may('decideAccess') ? button(t('supGrant'), again(() => grant(request)), 'main', { 'aria-label': t('supGrantOf', { number: request.number }) }) : null,
      session.may('decideAccess') ? button(t('supRefuse'), again(() => refuse(request)), 'quiet', { 'aria-label': t('supRefuseOf', { number: request.number }) }) : null,
      session.may('requestAccess') && !isOfficer ? button(t('supWithdraw'), again(() => formDialog(t('supWithdrawTitle', { number: request.number }), [],
        () => api.post(`access/requests/${request.number}/withdraw`), { saveWords: t('supWithdraw'), cancelWords: t('close') })), 'quiet', { 'aria-label': t('supWithdrawOf', { number: request.number }) }) : null);
  }

  function draw() {
    const heads = [t('supNumber'), ...(isOfficer ? [t('supWho')] : []), t('supWhat'), t('supSpan'), t('supReason'), t('supAt'), t('supState'), t('actions')];
    list.replaceChildren(found.length ? table(t('supTab_requests'), heads, found.map((each) => [
      String(each.number), ...(isOfficer ? [make('span', {}, each.requesterName, make('span', { class: 'sub' }, each.agency))] : []),
      name(each), spanWords(each), why(each), showMoment(each.requestedAt), state(each), tools(each)])) : make('p', { class: 'card' }, t('none')));
  }

  async function load() {
    const last = found.at(-1);
    const page = await api.get(`access/requests${last ? `?before=${last.number}` : ''}`, { signal });
    found.push(...page);
    more.hidden = page.length < pageLength;
    draw();
  }

  async function reload() {
    found.length = 0;
    await load();
  }

  place.replaceChildren(list, more);
  await load();
}

async function grant(request) {
  const recording = input(request.recording ?? '', { name: 'recording', maxlength: 80, autocapitalize: 'none', spellcheck: 'false' });
  const level = select(levels.map((code) => [code, t(`supLevel_${code}`)]), request.wantsDownload ? 'unauthenticated' : 'reading', { name: 'level' });
  const given = (value) => (value === undefined ? '' : clock(value));
  const from = input(given(request.from), { name: 'from', maxlength: 10, inputmode: 'numeric' });
  const to = input(given(request.to), { name: 'to', maxlength: 10, inputmode: 'numeric' });
  const until = input(new Date(Date.now() + 7 * 86_400_000).toISOString().slice(0, 10), { name: 'until', type: 'date' });
  const remark = input('', { name: 'remark', maxlength: 500 });
  return formDialog(t('supGrantTitle', { number: request.number }), [
    make('p', {}, `${[request.requesterName, request.agency].filter(Boolean).join(', ')}: ${request.reason}`),
    field(t('supRecording'), recording, { isRequired: true }), field(t('supLevel'), level),
    make('div', { class: 'fields two' }, field(t('supFrom'), from), field(t('supTo'), to)), make('p', { class: 'hint' }, t('supSpanHint')),
    field(t('supUntil'), until, { isRequired: true }), field(t('supRemark'), remark),
  ], () => api.post(`access/requests/${request.number}/grant`, {
    recording: recording.value.trim() || undefined, level: level.value, ...spanOf(from.value, to.value),
    validUntil: `${until.value}T23:59:59+07:00`, remark: remark.value || undefined,
  }), { saveWords: t('supGrant'), wide: true });
}

function refuse(request) {
  const reason = make('textarea', { name: 'reason', rows: 3, maxlength: 1000 });
  return formDialog(t('supRefuseTitle', { number: request.number }), [field(t('supReason'), reason, { isRequired: true })],
    () => api.post(`access/requests/${request.number}/refuse`, { reason: reason.value }), { saveWords: t('supRefuse'), cancelWords: t('close'), kind: 'danger' });
}
