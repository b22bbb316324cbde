/** How a recording stands, in tags; and where the certificate of a destroyed one is. */
import { part } from '../../api.js';
import { showDate, t } from '../../language.js';
import { make } from '../../dom.js';
import { today } from './words.js';

const tag = (kind, words) => make('span', { class: `tag ${kind}` }, words);

export function standing(item) {
  const holds = item.holds.filter((hold) => !hold.releasedAt).length;
  const year = today().slice(0, 4);
  return make('span', {},
    item.destroyedAt ? tag('', t('retDestroyed', { date: showDate(item.destroyedAt) })) : null,
    holds ? tag('warn', t('retHeldBy', { count: holds })) : null,
    item.proposal ? make('a', { class: 'tag', href: '#/retention/proposals' }, t('retProposedIn', { number: item.proposal })) : null,
    !item.destroyedAt && item.keptUntil && item.keptUntil < today() ? tag('bad', t('retOver'))
      : !item.destroyedAt && item.keptUntil?.startsWith(year) ? tag('warn', t('retOverThisYear')) : null);
}

const formats = [['certificate.txt', 'retCertificateText'], ['certificate.json', 'retCertificateData'], ['certificate.sig', 'retSignature'], ['certificate.p7s', 'retSignature']];

/** Links to a destroyed recording's certificate; `files` are the names that there are. */
export const certificate = (recording, title, files) => make('span', { class: 'tools-row' }, formats.filter(([file]) => files.includes(file)).map(([file, words]) =>
  make('a', { href: `/api/v1/recordings/${part(recording)}/destruction/${file}`, download: '', 'aria-label': t('retCertificateOf', { format: t(words), name: title }) }, t(words))));
