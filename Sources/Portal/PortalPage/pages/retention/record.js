/** What retention has on one recording: its class, holds, submissions, and the certificate once it is destroyed. */
import { api, part } from '../../api.js';
import { showDate, t } from '../../language.js';
import { button, field, formDialog, heading, input, make, say, select, table } from '../../dom.js';
import { certificate, standing } from './standing.js';
import { className, showDay, submissionWords } from './words.js';

export async function openRecord(place, view, id) {
  const { signal, session } = view;
  const path = `recordings/${part(id)}`;
  const [first, { classes, standard }] = await Promise.all([api.get(`${path}/retention`, { signal }), api.get('retention?choice=all&limit=1', { signal })]);

  const act = (title, fields, save) => async () => {
    if (!await formDialog(title, fields(), save)) return;
    say(t('retDone'));
    draw(await api.get(`${path}/retention`, { signal }));
  };

  const ask = (name, label) => field(label, input('', { name, maxlength: 500 }), { isRequired: true });
  const valueOf = (name) => document.querySelector(`dialog [name="${name}"]`).value;
  const fact = (name, words) => make('div', {}, make('dt', {}, name), make('dd', {}, words));

  function draw(item) {
    const isChanging = session.may('changeRetention') && !item.destroyedAt;
    place.replaceChildren(heading(item.title, make('a', { class: 'button quiet', href: '#/retention' }, t('retBack'))),
      make('section', { class: 'card' }, make('dl', { class: 'facts' },
        fact(t('retRecording'), item.recording), fact(t('retEnded'), String(item.endedYear)),
        fact(t('retClassOf'), className(item.retentionClass)), fact(t('retKept'), item.keptUntil ? showDay(item.keptUntil) : t('retEver')), fact(t('retStanding'), standing(item))),
      isChanging ? make('div', { class: 'tools-row below' }, button(t('retClassChange'), act(t('retClassChange'), () => [field(t('retClassOf'), select(
        [['', `${className(classes.find((row) => row.code === standard))} ${t('retStandard')}`], ...classes.map((row) => [row.code, className(row)])], item.retentionClass.code, { name: 'class' }))],
      () => api.put(`${path}/retention`, valueOf('class') ? { class: valueOf('class') } : {})))) : null),
      item.destroyedAt ? destroyed(item) : '', holds(item, isChanging), submissions(item, isChanging));
  }

  function holds(item, isChanging) {
    const release = (hold) => button(t('retRelease'), act(t('retReleaseTitle'), () => [make('p', {}, hold.reason), ask('reason', t('retReason'))],
      () => api.post(`${path}/holds/${hold.id}/release`, { reason: valueOf('reason') })), 'quiet', { 'aria-label': `${t('retRelease')}: ${hold.reason}` });
    return make('section', { class: 'view', 'aria-labelledby': 'holds' },
      make('div', { class: 'heading' }, make('h2', { id: 'holds' }, t('retHolds')), isChanging ? button(t('retHold'), act(t('retHoldTitle'),
        () => [ask('reason', t('retReason')), field(t('retHoldDocument'), input('', { name: 'document', maxlength: 500 }))],
        () => api.post(`${path}/holds`, { reason: valueOf('reason'), document: valueOf('document') || undefined })), 'main', { id: 'hold' }) : null),
      item.holds.length ? table(t('retHolds'), [t('retReason'), t('retHoldDocument'), t('retHoldBy'), t('retHoldAt'), t('retStanding')], item.holds.map((hold) => [
        hold.reason, hold.document ?? '', hold.placedBy, showDate(hold.placedAt),
        hold.releasedAt ? t('retReleased', { date: showDate(hold.releasedAt), reason: hold.releaseReason ?? '' }) : isChanging ? release(hold) : make('span', { class: 'tag warn' }, t('retTab_held'))]))
        : make('p', { class: 'card' }, t('retNoHolds')));
  }

  function submissions(item, isChanging) {
    const submit = (each) => button(t('retSubmit'), act(t('retSubmitTitle', { archive: t(`retArchive_${each.archive}`) }), () => [ask('document', t('retSubmitDocument'))],
      () => api.put(`${path}/submissions/${each.archive}`, { document: valueOf('document') })), 'quiet', { 'aria-label': `${t('retSubmit')}: ${t(`retArchive_${each.archive}`)}` });
    return make('section', { class: 'view', 'aria-labelledby': 'submissions' }, make('h2', { id: 'submissions' }, t('retSubmission')),
      table(t('retSubmission'), [t('retSubmission'), t('retStanding'), t('retHoldDocument')], item.submissions.map((each) => {
        // What is destroyed is late for nothing.
        const [kind, words] = item.destroyedAt && !each.submittedAt ? ['', '—'] : submissionWords(each);
        return [t(`retArchive_${each.archive}`), make('span', { class: `tag ${kind}` }, words), each.document ?? (isChanging ? submit(each) : '')];
      })));
  }

  const destroyed = (item) => make('section', { class: 'card', 'aria-labelledby': 'certificate' }, make('h2', { id: 'certificate' }, t('retCertificate')),
    make('p', {}, certificate(item.recording, item.title, item.certificate ?? [])));

  draw(first);
}
