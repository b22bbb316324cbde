/** Asking for a recording. */
import { api } from '../../api.js';
import { t } from '../../language.js';
import { field, formDialog, freshID, input, make, say, select } from '../../dom.js';
import { purposes, spanOf } from './words.js';

/** Resolves to whether something was asked for. */
export async function ask() {
  const description = input('', { name: 'description', maxlength: 1000 });
  const recording = input('', { name: 'recording', maxlength: 80, autocapitalize: 'none', spellcheck: 'false' });
  const purpose = select(purposes.map((code) => [code, t(`supPurpose_${code}`)]), 'official-duty', { name: 'purpose' });
  const reason = make('textarea', { name: 'reason', rows: 3, maxlength: 1000 });
  const from = input('', { name: 'from', maxlength: 10, inputmode: 'numeric' });
  const to = input('', { name: 'to', maxlength: 10, inputmode: 'numeric' });
  const wants = make('input', { type: 'checkbox', name: 'wants', id: freshID('box') });
  let made = null;
  await formDialog(t('supAskTitle'), [
    field(t('supDescription'), description, { hint: t('supDescriptionHint'), isRequired: true }),
    field(t('supRecording'), recording, { hint: t('supRecordingHint') }),
    field(t('supPurpose'), purpose), field(t('supReason'), reason, { isRequired: true }),
    make('div', { class: 'fields two' }, field(t('supFrom'), from), field(t('supTo'), to)), make('p', { class: 'hint' }, t('supSpanHint')),
    make('label', { class: 'tick', for: wants.id }, wants, make('span', {}, t('supWantsDownload'))),
  ], async () => {
    made = await api.post('access/requests', {
      recording: recording.value.trim() || undefined, description: description.value, purpose: purpose.value, reason: reason.value,
      ...spanOf(from.value, to.value), wantsDownload: wants.checked,
    });
  }, { saveWords: t('supAskDo'), wide: true });
  if (made) say(t('supAsked', { number: made.number }));
  return Boolean(made);
}
