/** What stands beside a film: papers, attendance, the seal, files to take away. */
import { api, part } from '../../api.js';
import { folded, language, showMoment, showTime, t } from '../../language.js';
import { button, make, problem, say, table } from '../../dom.js';
import { bytes } from './time.js';

const card = (id, title, ...children) => make('section', { class: 'card record-card', 'aria-labelledby': id }, make('h2', { id }, title), children);
const address = (id, name) => `/api/v1/recordings/${part(id)}/files/${name.split('/').map(part).join('/')}`;

/** - `wanted`: the name of the paper that somebody came for. */
export function papersCard(id, timeline, mayFetch, wanted) {
  const papers = timeline?.papers ?? [];
  return card('papers-title', t('recordPapers'), papers.length === 0 ? make('p', { class: 'hint' }, t('recordPapersNone'))
    : make('ul', { class: 'papers' }, papers.map((paper) => {
      const words = [paper.title, paper.version > 1 ? ` (${t('recordVersion', { version: paper.version })})` : ''];
      const isWanted = wanted && folded(paper.title) === folded(wanted);
      return make('li', { class: isWanted ? 'is-wanted' : '', 'data-wanted': isWanted },
        mayFetch ? make('a', { href: paper.late ? `/api/v1/${paper.late}` : address(id, paper.file), download: '' }, words) : make('span', {}, words),
        make('span', { class: 'sub' }, `${t('recordBy', { by: paper.by, at: showMoment(paper.at) })} · ${bytes(paper.bytes)}`),
        paper.late ? make('span', { class: 'tag' }, t('recordPaperLate')) : '',
        paper.hasCode ? make('span', { class: 'tag warn' }, t('recordPaperCode')) : '');
    })));
}

export function attendanceCard(detail) {
  const people = detail.participants;
  return make('details', { class: 'card record-card attendance' }, make('summary', {}, make('h2', {}, t('recordAttendance', { count: people.length }))),
    table(t('recordAttendance', { count: people.length }), [t('recordPoint'), t('recordUnit'), t('recordJoined'), t('recordLeft'), t('recordTimes')],
      people.map((each) => [each.name, each.unit === each.name ? '' : each.unit ?? '', showTime(each.joinedAt), each.leftAt ? showTime(each.leftAt) : '', each.reconnects ? String(each.reconnects) : ''])));
}

export function sealCard(detail, { mayVerify, signal }) {
  const { summary } = detail;
  const mark = make('p', {});
  const found = make('div');
  const progress = make('p', { class: 'hint', role: 'status' });
  const verify = mayVerify && summary.state === 'sealed' ? button(t('recordVerify'), check) : null;

  function show(isIntact, at) {
    const [kind, words] = isIntact === undefined ? ['warn', 'recordUnverified'] : isIntact ? ['good', 'recordIntact'] : ['bad', 'recordDamaged'];
    mark.replaceChildren(make('span', { class: `tag ${kind}` }, t(words)), ' ', at ? t('recordVerifiedAt', { at: showMoment(at) }) : '');
  }

  async function check() {
    verify.disabled = true;
    problem(found, '');
    try {
      const lines = await api.post(`recordings/${part(summary.id)}/verify`, undefined, { accept: 'application/x-ndjson', as: 'lines', signal });
      for await (const line of lines) {
        if (line.progress) progress.textContent = t('recordVerifying', { percent: Math.floor(100 * line.progress.doneBytes / Math.max(1, line.progress.totalBytes)) });
        if (line.failure) throw new Error((language() === 'vi' && line.failure.vietnamese) || line.failure.error);
        if (line.outcome) tell(line.outcome);
      }
    } catch (error) {
      if (error.name !== 'AbortError') problem(found, error.message);
    } finally {
      progress.textContent = '';
      verify.disabled = false;
    }
  }

  function tell(outcome) {
    show(outcome.isIntact, outcome.checkedAt);
    const bad = outcome.files.filter((file) => file.verdict !== 'ok').map((file) => `${file.path}: ${t(`recordVerdict_${file.verdict}`)}`)
      .concat(outcome.findings.map((finding) => finding.text));
    found.replaceChildren(...(bad.length ? [make('h3', {}, t('recordFindings')), make('ul', { class: 'faults' }, bad.map((words) => make('li', {}, words)))] : []));
    say(t(outcome.isIntact ? 'recordIntact' : 'recordDamaged'));
  }

  show(summary.isIntact, summary.verifiedAt);
  return card('seal-title', t('recordSeal'), mark, detail.sealedAt ? make('p', { class: 'hint' }, t('recordSealedAt', { at: showMoment(detail.sealedAt) })) : null,
    detail.isEncrypted ? make('p', { class: 'hint' }, t('recordEncrypted')) : null, verify, progress, found);
}

export function filesCard(detail, { mayFetch, mayReadReport }) {
  const { id } = detail.summary;
  const size = (file) => make('span', { class: 'sub' }, bytes(file.bytes));
  const link = (file, words) => make('li', {}, make('a', { href: address(id, file.path), download: '' }, words), ' ', size(file));
  const bare = (file) => file.path.replace(/^data\//, '');
  const named = { 'access.webm': 'recordFile_film', 'audio.opus': 'recordFile_sound', 'master.mkv': 'recordFile_master' };
  // What a page shows anyway, and papers, which stand beside.
  const rest = detail.files.filter((file) => !/^(thumbnails|papers|reports)\//.test(bare(file)) && !(bare(file) in named));
  const main = detail.files.filter((file) => bare(file) in named);
  const group = (title, items) => (items.length ? [make('h3', {}, title), make('ul', { class: 'files' }, items)] : []);
  const report = (path, words) => make('li', {}, make('a', { href: `/api/v1/recordings/${part(id)}/${path}?lang=${language()}`, download: '' }, words));
  const isOver = ['sealed', 'failed'].includes(detail.summary.state);
  const groups = [
    ...(mayFetch ? group(t('recordFiles_film'), main.filter((file) => bare(file) !== 'master.mkv').map((file) => link(file, t(named[bare(file)])))) : []),
    ...(mayReadReport && isOver ? group(t('recordFiles_report'), [make('li', {}, make('a', { href: `#/reports/${part(id)}` }, t('recordPresence'))), report('report.pdf', t('recordReportPDF')), report('minutes.odt', t('recordMinutes'))]) : []),
    ...(mayFetch && detail.files.length ? [make('details', {}, make('summary', {}, t('recordFiles_master')),
      make('ul', { class: 'files' }, main.filter((file) => bare(file) === 'master.mkv').map((file) => link(file, t('recordFile_master'))), rest.map((file) => link(file, bare(file)))))] : []),
  ];
  return groups.length ? card('files-title', t('recordFiles'), groups, make('p', { class: 'hint' }, t('recordFilesNote'))) : null;
}
