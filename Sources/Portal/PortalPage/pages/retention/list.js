/** A list of recordings by what is to be done about them; those that are due can be proposed for destruction. */
import { api, part } from '../../api.js';
import { t } from '../../language.js';
import { button, field, formDialog, input, make, say, table } from '../../dom.js';
import { standing } from './standing.js';
import { className, showDay, submissionWords } from './words.js';

export async function openList(place, view, choice) {
  const { signal, session } = view;
  const isProposing = choice === 'due' && session.may('proposeDestruction');
  const found = [];
  const chosen = new Set();
  let next = null;
  let standard = '';
  const list = make('div');
  const more = button(t('retMore'), load);
  const propose = button('', () => proposeChosen(found.filter((each) => chosen.has(each.recording))), 'danger', { id: 'propose' });

  function count() {
    propose.textContent = t('retPropose', { count: chosen.size });
    propose.disabled = chosen.size === 0;
  }

  function tick(item) {
    const box = make('input', { type: 'checkbox', value: item.recording, 'aria-label': t('retChoose', { name: item.title }) });
    box.disabled = Boolean(item.proposal) || item.holds.some((hold) => !hold.releasedAt);
    box.addEventListener('change', () => {
      if (box.checked) chosen.add(item.recording);
      else chosen.delete(item.recording);
      count();
    });
    return make('span', { class: 'tick' }, box);
  }

  const cells = (item) => [
    make('span', { class: isProposing ? 'retention-name' : '' }, isProposing ? tick(item) : null,
      make('span', {}, make('a', { href: `#/retention/record/${part(item.recording)}` }, item.title), make('span', { class: 'sub' }, item.recording))),
    make('span', {}, className(item.retentionClass), item.retentionClass.code === standard ? make('span', { class: 'sub' }, t('retStandard')) : null),
    item.keptUntil ? showDay(item.keptUntil) : t('retEver'),
    make('span', {}, item.submissions.map((each) => {
      const [kind, words] = submissionWords(each);
      return make('span', { class: 'sub' }, `${t(`retArchive_${each.archive}`)}: `, make('span', { class: `tag ${kind}` }, words));
    })),
    standing(item),
  ];

  async function load() {
    const page = await api.get(`retention?choice=${choice}&limit=100${next ? `&after=${part(next)}` : ''}`, { signal });
    found.push(...page.recordings);
    next = page.next;
    standard = page.standard;
    more.hidden = !next;
    const boxes = new Set(chosen);
    list.replaceChildren(found.length ? table(t(`retTab_${choice}`),
      [t('retRecording'), t('retClass'), t('retKept'), t('retSubmission'), t('retStanding')], found.map(cells)) : make('p', { class: 'card' }, t('retNothing')));
    for (const box of list.querySelectorAll('input[type=checkbox]')) box.checked = boxes.has(box.value);
    count();
  }

  place.replaceChildren(isProposing ? make('div', { class: 'tools-row' }, propose) : '', list, more);
  await load();
}

async function proposeChosen(items) {
  const meetings = items.map((each) => each.recording);
  const { obstacles } = await api.post('retention/proposals/judge', { meetings });
  const reason = input('', { name: 'reason', maxlength: 500 });
  let made = null;
  // The usual word for leaving a dialog, “Hủy”, would be to destroy here.
  await formDialog(t('retProposeTitle', { count: items.length }), [
    make('ul', { class: 'bullets' }, items.map((each) => make('li', {}, each.title, make('span', { class: 'sub' }, each.recording)))),
    hindrances(obstacles, items), field(t('retReason'), reason, { isRequired: true }),
  ], async () => { made = await api.post('retention/proposals', { meetings, reason: reason.value }); }, { saveWords: t('retProposeDo'), cancelWords: t('close'), kind: 'danger', wide: true });
  if (!made) return;
  location.hash = '#/retention/proposals';
  say(t('retProposed', { number: made.id }));
}

/** What stands in the way, by recording; null where nothing does. */
export function hindrances(obstacles, items) {
  const found = Object.entries(obstacles);
  const nameOf = (id) => items.find((each) => each.recording === id)?.title ?? id;
  return found.length === 0 ? null : make('div', { class: 'problem' }, t('retObstacles'),
    make('ul', { class: 'bullets' }, found.map(([id, words]) => make('li', {}, `${nameOf(id)}: ${words.join('; ')}`))));
}
