/** Grants: one's own with their copies, or, for who decides, everybody's. */
import { api } from '../../api.js';
import { showDate, t } from '../../language.js';
import { button, make, table } from '../../dom.js';
import { every } from '../chair/list.js';
import { copyWords, kinds, spanWords } from './words.js';

const pageLength = 100;
const poll = 3000;

export async function openGrants(place, { signal, session }) {
  const isOfficer = session.may('readAccess');
  let found = [];
  let isMore = false;
  const list = make('div');
  const more = button(t('supMore'), () => load(true));

  const copyTag = ({ copy }) => (copy ? make('span', { class: `tag ${copy.state === 'ready' ? 'good' : copy.state === 'failed' ? 'bad' : ''}` }, copyWords(copy)) : '');
  const name = (grant) => make('span', {}, grant.title ?? grant.recording, grant.title ? make('span', { class: 'sub' }, grant.recording) : null);

  function tools(grant) {
    const isReady = grant.state === 'in-force' && grant.copy?.state === 'ready';
    return make('span', { class: 'cell-tools' },
      !isOfficer && isReady ? make('a', { class: 'button main', href: `#/supply/watch/${grant.number}`, 'aria-label': t('supWatchOf', { number: grant.number }) }, t('supWatch')) : null,
      make('a', { class: 'button quiet', href: `#/supply/grant/${grant.number}`, 'aria-label': t('supDetailsOf', { number: grant.number }) }, t('supDetails')));
  }

  function draw() {
    const heads = [t('supNumber'), ...(isOfficer ? [t('supHolder')] : []), t('supWhat'), t('supSpan'), t('supLevel'), t('supUntilShort'), t('supState'), t('supCopy'), t('actions')];
    list.replaceChildren(found.length ? table(t('supTab_grants'), heads, found.map((each) => [
      String(each.number), ...(isOfficer ? [make('span', {}, each.holderName, make('span', { class: 'sub' }, each.agency))] : []),
      name(each), spanWords(each), t(`supLevel_${each.level}`), showDate(each.validUntil),
      make('span', { class: `tag ${kinds[each.state] ?? ''}` }, t(`supState_${each.state}`)), copyTag(each), tools(each)])) : make('p', { class: 'card' }, t('none')));
  }

  async function load(isNext, background = false) {
    const last = isNext ? found.at(-1) : null;
    const page = await api.get(`access/grants${last ? `?before=${last.number}` : ''}`, { signal, background });
    const before = JSON.stringify(found);
    found = isNext ? [...found, ...page] : page;
    isMore ||= isNext;
    more.hidden = page.length < pageLength;
    if (JSON.stringify(found) !== before || !list.firstChild) draw();
  }

  place.replaceChildren(list, more);
  await load(false);
  // Copies are being made; what was paged through stays as it is.
  every(poll, signal, async () => {
    const isWaiting = found.some(({ copy }) => copy?.state === 'queued' || copy?.state === 'running');
    if (isWaiting && !isMore && !list.contains(document.activeElement)) await load(false, true).catch(() => {});
  });
}
