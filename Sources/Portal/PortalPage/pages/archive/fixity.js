/** What looking after the sealed packages came to: a report a day, and of each what was wrong and what was done about it. */
import { api, part } from '../../api.js';
import { locale, showMoment, t } from '../../language.js';
import { button, heading, make, table } from '../../dom.js';

const number = (value, digits = 0) => new Intl.NumberFormat(locale(), { maximumFractionDigits: digits }).format(value);
const megabytes = (octets) => t('fixityMegabytes', { count: number(octets / 1e6, octets < 1e7 ? 1 : 0) });
const speed = (report) => (report.bytes && report.seconds ? t('fixitySpeed', { count: number(report.bytes / report.seconds / 1e6, 1) }) : '–');
const stillBad = (report) => report.damaged > report.restored || report.unread > 0;
const ended = (report) => (report.endedAt ? showMoment(report.endedAt) : t('fixityGoesOn'));

function outcome(report) {
  if (stillBad(report)) return make('span', { class: 'tag bad' }, t('fixityBad', { damaged: report.damaged - report.restored, unread: report.unread }));
  if (report.damaged) return make('span', { class: 'tag warn' }, t('fixityRestored', { count: report.restored }));
  return make('span', { class: 'tag good' }, t('fixityGood'));
}

export async function fixityPage(place, name, { signal }) {
  await (name ? reportPage(place, name, signal) : listPage(place, signal));
}

async function listPage(place, signal) {
  const found = [];
  let next = null;
  const list = make('div');
  const more = button(t('archiveMore'), load);
  async function load() {
    const page = await api.get(`fixity?limit=30${next ? `&before=${next}` : ''}`, { signal });
    found.push(...page.reports);
    next = page.next ?? null;
    more.hidden = !next;
    list.replaceChildren(found.length ? table(t('fixityTitle'),
      [t('fixityReport'), t('fixityEnded'), t('fixityPackages'), t('fixityRead'), t('fixityRate'), t('fixityOutcome')],
      found.map((report) => [
        make('a', { href: `#/archive/fixity/${report.number}` }, showMoment(report.startedAt)), ended(report), number(report.packages),
        megabytes(report.bytes), speed(report), outcome(report)])) : make('p', { class: 'card' }, t('fixityNone')));
  }
  place.replaceChildren(heading(t('fixityTitle'), make('a', { class: 'button quiet', href: '#/archive' }, t('fixityBack'))),
    make('p', { class: 'hint lead' }, t('fixityLead')), list, more);
  await load();
}

async function reportPage(place, name, signal) {
  const { report, findings, hidden } = await api.get(`fixity/${part(name)}`, { signal });
  const fact = (label, words) => make('div', {}, make('dt', {}, label), make('dd', {}, words));
  place.replaceChildren(heading(t('fixityOne', { at: showMoment(report.startedAt) }), make('a', { class: 'button quiet', href: '#/archive/fixity' }, t('fixityAll'))),
    make('section', { class: 'card' }, make('dl', { class: 'facts' },
      fact(t('fixityEnded'), ended(report)), fact(t('fixityPackages'), number(report.packages)), fact(t('fixityRead'), megabytes(report.bytes)),
      fact(t('fixityRate'), t('fixityRateOf', { rate: speed(report), limit: number(report.rateLimit / 1e6, 1) })),
      fact(t('fixityDamaged'), number(report.damaged)), fact(t('fixityMended'), number(report.restored)), fact(t('fixityUnread'), number(report.unread)),
      fact(t('fixityOutcome'), outcome(report)))),
    ...findings.map(finding), hidden ? make('p', { class: 'card' }, t('fixityHidden', { count: hidden })) : '');
  if (!findings.length && !hidden) place.append(make('p', { class: 'card' }, t('fixityNothingWrong')));
}

function finding(item) {
  const id = `finding-${item.recording}`;
  const lines = (label, texts) => (texts.length ? make('div', { class: 'below' }, make('h3', {}, label), make('ul', { class: 'bullets' }, texts.map((text) => make('li', {}, text)))) : null);
  const state = item.failure ? ['bad', t('fixityUnread')] : item.isWhole ? ['good', t('fixityWhole')] : ['bad', t('fixityNotWhole')];
  return make('section', { class: 'card', 'aria-labelledby': id },
    make('div', { class: 'heading' }, make('h2', { id }, make('a', { href: `#/archive/${part(item.recording)}` }, item.title || item.recording)), make('span', { class: `tag ${state[0]}` }, state[1])),
    make('p', { class: 'sub' }, `${item.recording}, ${showMoment(item.at)}`),
    item.failure ? make('p', {}, item.failure) : null,
    lines(t('fixityDamagedFiles'), item.damaged.map((file) => `${file.path}: ${t(`recordVerdict_${file.verdict}`)}${file.reason ? ` (${file.reason})` : ''}`)),
    lines(t('recordFindings'), item.details),
    lines(t('fixityRestoredFrom', { source: item.source ?? t('fixitySecond') }), item.restored),
    lines(t('fixityHindrances'), item.hindrances));
}
