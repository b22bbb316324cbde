/** One grant: its terms, its copy, who used it when, and taking it back. */
import { api } from '../../api.js';
import { showMoment, t } from '../../language.js';
import { button, field, formDialog, heading, make, say, table } from '../../dom.js';
import { bytes } from '../archive/time.js';
import { every } from '../chair/list.js';
import { by, copyWords, kinds, spanWords } from './words.js';

const poll = 3000;

export async function openGrant(place, { signal, session }, number) {
  const path = `access/grants/${encodeURIComponent(number)}`;
  let shown = '';

  async function load(background = false) {
    const grant = await api.get(path, { signal, background });
    if (JSON.stringify(grant) === shown) return grant;
    shown = JSON.stringify(grant);
    draw(grant);
    return grant;
  }

  const fact = (name, words) => (words ? make('div', {}, make('dt', {}, name), make('dd', {}, words)) : null);

  function draw(grant) {
    const { copy } = grant;
    const isLasting = ['early', 'in-force'].includes(grant.state);
    place.replaceChildren(
      heading(t('supGrantNumber', { number: grant.number }), make('a', { class: 'button quiet', href: '#/supply/grants' }, t('supBack'))),
      make('section', { class: 'card' }, make('dl', { class: 'facts' },
        fact(t('supState'), make('span', { class: `tag ${kinds[grant.state] ?? ''}` }, t(`supState_${grant.state}`))),
        fact(t('supWhat'), grant.title ? `${grant.title} (${grant.recording})` : grant.recording),
        fact(t('supHolder'), [grant.holderName, grant.agency].filter(Boolean).join(', ')), fact(t('supSpan'), spanWords(grant)),
        fact(t('supLevel'), t(`supLevel_${grant.level}`)), fact(t('supFromDate'), showMoment(grant.validFrom)), fact(t('supUntilShort'), showMoment(grant.validUntil)),
        fact(t('supGrantedBy'), by(grant.grantedBy, grant.grantedAt)),
        fact(t('supRevoked'), grant.revokedAt && t('supRevokedBy', { name: grant.revokedBy ?? '', at: showMoment(grant.revokedAt), reason: grant.revokeReason ?? '' })),
        fact(t('supCopy'), copy && [copyWords(copy), copy.bytes ? ` (${bytes(copy.bytes)})` : '', copy.error ? make('span', { class: 'sub' }, copy.error) : null].flat())),
      make('div', { class: 'tools-row below' }, ...tools(grant, isLasting))),
      grant.uses ? uses(grant) : '');
  }

  function tools(grant, isLasting) {
    const isMine = grant.state === 'in-force' && grant.copy?.state === 'ready' && grant.holder === session.person;
    return [
      isMine ? make('a', { class: 'button main', href: `#/supply/watch/${grant.number}` }, t('supWatch')) : null,
      isLasting && session.may('decideAccess') && grant.copy?.state === 'failed' ? button(t('supRemake'), async () => { await api.post(`${path}/copy`); await load(); }) : null,
      isLasting && session.may('decideAccess') ? button(t('supRevoke'), revoke, 'danger', { id: 'revoke' }) : null].filter(Boolean);
  }

  async function revoke() {
    const reason = make('textarea', { name: 'reason', rows: 3, maxlength: 1000 });
    const isDone = await formDialog(t('supRevokeTitle', { number }), [make('p', {}, t('supRevokeHint')), field(t('supReason'), reason, { isRequired: true })],
      () => api.post(`${path}/revoke`, { reason: reason.value }), { saveWords: t('supRevoke'), cancelWords: t('close'), kind: 'danger' });
    if (!isDone) return;
    say(t('supDone'));
    await load();
  }

  const uses = (grant) => make('section', { class: 'view', 'aria-labelledby': 'uses' }, make('h2', { id: 'uses' }, t('supUses')),
    grant.uses.length ? table(t('supUses'), [t('supAt'), t('supUseWhat'), t('supUseDetail')],
      grant.uses.map((use) => [showMoment(use.at), make('span', { class: `tag ${use.what === 'refused' ? 'bad' : ''}` }, t(`supUse_${use.what}`)), use.detail]))
      : make('p', { class: 'card' }, t('supNoUses')));

  let grant = await load();
  every(poll, signal, async () => {
    if (['queued', 'running'].includes(grant.copy?.state) && !document.querySelector('dialog[open]')) grant = await load(true).catch(() => grant);
  });
}
