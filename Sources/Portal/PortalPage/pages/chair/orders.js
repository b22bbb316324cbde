/** Orders of a meeting: sent at once, and said; what is refused is shown. */
import { api, part } from '../../api.js';
import { t } from '../../language.js';
import { field, formDialog, input, problem, say, select } from '../../dom.js';
import { sequence } from './sequence.js';

/** `refresh` looks at the meeting anew; `trouble` is where a refusal is shown. */
export function orders(meeting, trouble, refresh) {
  const path = `meetings/${part(meeting)}/orders`;

  async function send(order, words) {
    await api.post(path, order);
    say(t('chairDone', { what: words }));
    await refresh();
  }

  /** A button's order. */
  async function give(order, words) {
    try {
      await send(order, words);
      problem(trouble, '');
    } catch (error) {
      problem(trouble, error.message);
      await refresh();
    }
  }

  const minutes = (chosen = '') => select([['', t('chairNoLimit')], ...[1, 2, 3, 5, 10, 15, 20].map((count) => [String(count * 60), t('chairMinutes', { count })])], chosen);
  const seconds = (control) => (control.value ? Number(control.value) : undefined);

  return {
    give,
    minutes,
    /** An order that needs a reason, and a recording's document. */
    async withReason(order, words, { hasDocument = false } = {}) {
      const reason = input('', { maxlength: 300 });
      const document = input('', { maxlength: 200 });
      await formDialog(words, [field(t('chairReason'), reason, { hint: t('chairReasonHint'), isRequired: true }), hasDocument ? field(t('chairDocument'), document) : null],
        () => send({ ...order, reason: reason.value.trim(), document: hasDocument ? document.value.trim() : undefined }, words), { saveWords: t('chairDo') });
    },
    async aside(point, name, known) {
      const room = input('', { maxlength: 60, list: 'side-rooms' });
      const list = document.createElement('datalist');
      list.id = 'side-rooms';
      list.append(...known.map((each) => new Option(each, each)));
      await formDialog(`${t('chairAside')}: ${name}`, [field(t('chairAsideName'), room, { isRequired: true }), list],
        () => send({ order: 'move-aside', point, name: room.value.trim() }, t('chairAside')), { saveWords: t('chairDo') });
    },
    async message(current) {
      const text = input(current ?? '', { maxlength: 200 });
      await formDialog(t('chairMessage'), [field(t('chairMessageText'), text, { isRequired: true })],
        () => send({ order: 'message', text: text.value.trim() }, t('chairMessage')), { saveWords: t('chairDo') });
    },
    async vote() {
      const question = input('', { maxlength: 300 });
      const secret = select([['', t('no')], ['yes', t('yes')]], '');
      const time = minutes();
      await formDialog(t('chairVoteOpen'), [field(t('chairQuestion'), question, { isRequired: true }), field(t('chairVoteSecret'), secret), field(t('chairVoteTime'), time)],
        () => send({ order: 'open-vote', text: question.value.trim(), isSecret: secret.value === 'yes', seconds: seconds(time) }, t('chairVoteOpen')), { saveWords: t('chairDo') });
    },
    async layout(name, point, pointName) {
      const what = `${t('chairLayout')}: ${t(`layout_${name}`)}`;
      await give({ order: 'layout', name, point }, pointName ? `${what}, ${pointName}` : what);
    },
    /** Whom the layout `chair` shows and in which order; to all, or to one point. */
    async arrange(state, point, pointName) {
      const list = sequence(state.roll.filter((line) => line.place || line.isExpected), state.chosen?.length ? state.chosen : [state.chair]);
      const words = pointName ? `${t('chairArrange')}: ${pointName}` : t('chairArrange');
      await formDialog(words, [list.element],
        () => send({ order: 'layout', name: 'chair', points: list.chosen(), point }, words), { saveWords: t('chairDo'), wide: true });
    },
    async call(room) {
      try {
        await api.post(`rooms/${part(room)}/call`, {});
        problem(trouble, '');
        await refresh();
      } catch (error) {
        problem(trouble, error.message);
      }
    },
  };
}
