/** Proposals to destroy, their review by another person, and what is left of what was destroyed. */
import { api, part } from '../../api.js';
import { showMoment, t } from '../../language.js';
import { button, field, formDialog, input, make, problem, say, select } from '../../dom.js';
import { hindrances } from './list.js';
import { certificate } from './standing.js';

const kinds = { proposed: 'warn', approved: 'warn', refused: '', withdrawn: '', destroyed: 'bad' };

export async function openProposals(place, view) {
  const { signal, session } = view;
  const draw = async () => {
    const proposals = await api.get('retention/proposals', { signal });
    place.replaceChildren(...(proposals.length ? proposals.map(card) : [make('p', { class: 'card' }, t('none'))]));
  };

  const items = (proposal) => proposal.recordings.map((recording) => ({ recording, title: proposal.titles[recording] ?? recording }));
  const fact = (name, words) => (words ? make('div', {}, make('dt', {}, name), make('dd', {}, words)) : null);

  function card(proposal) {
    const trouble = make('div');
    const act = (work) => async () => {
      try { await work(); await draw(); } catch (error) { if (error.name !== 'AbortError') problem(trouble, error.message); }
    };
    const id = `proposal-${proposal.id}`;
    return make('section', { class: 'card', 'aria-labelledby': id },
      make('div', { class: 'heading' }, make('h2', { id }, t('retNumber', { number: proposal.id })), make('span', { class: `tag ${kinds[proposal.state] ?? ''}` }, t(`retState_${proposal.state}`))),
      make('dl', { class: 'facts' }, fact(t('retReason'), proposal.reason), fact(t('retBy'), `${proposal.proposer}, ${showMoment(proposal.proposedAt)}`),
        fact(t('retReviewer'), proposal.reviewer && `${proposal.reviewer}, ${showMoment(proposal.reviewedAt)}`), fact(t('retVerdict'), proposal.verdict)),
      make('ul', { class: 'bullets below' }, items(proposal).map(({ recording, title }) => make('li', {},
        make('a', { href: `#/retention/record/${part(recording)}` }, title), make('span', { class: 'sub' }, recording),
        proposal.state === 'destroyed' ? make('span', {}, `${t('retCertificate')}: `, certificate(recording, title, ['certificate.txt', 'certificate.json'])) : null)),
      proposal.hidden ? make('li', {}, t('retHidden', { count: proposal.hidden })) : null),
      trouble,
      proposal.state === 'proposed' && !proposal.hidden ? make('div', { class: 'tools-row below' },
        session.may('reviewDestruction') ? button(t('retReview'), act(() => review(proposal)), 'main', { 'aria-label': `${t('retReview')}: ${proposal.id}` }) : null,
        session.may('proposeDestruction') ? button(t('retWithdraw'), act(() => formDialog(t('retWithdrawAsk', { number: proposal.id }), [],
          () => api.post(`retention/proposals/${proposal.id}/withdraw`), { saveWords: t('retWithdraw'), cancelWords: t('close') })), 'quiet', { 'aria-label': `${t('retWithdraw')}: ${proposal.id}` }) : null) : null);
  }

  async function review(proposal) {
    const { obstacles } = await api.post(`retention/proposals/${proposal.id}/judge`);
    const verdict = select([['', ''], ['approve', t('retApprove')], ['refuse', t('retRefuse')]], '', { name: 'verdict' });
    const text = input('', { name: 'text', maxlength: 500 });
    const isDone = await formDialog(t('retReviewTitle', { number: proposal.id }), [
      make('p', {}, t('retReviewHint')),
      make('ul', { class: 'bullets' }, items(proposal).map((each) => make('li', {}, each.title, make('span', { class: 'sub' }, each.recording)))),
      hindrances(obstacles, items(proposal)), field(t('retDecision'), verdict, { isRequired: true }), field(t('retDocument'), text, { isRequired: true }),
    ], () => api.post(`retention/proposals/${proposal.id}/review`, { verdict: verdict.value, text: text.value }), { saveWords: t('retReviewDo'), cancelWords: t('close'), kind: 'danger', wide: true });
    if (isDone) say(t('retDone'));
  }

  await draw();
}
