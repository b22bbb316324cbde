/**
 * The keys of a telephone, for those orders that are given by keys everywhere: votes, and the chair's.
 */
import { t } from '../language/index.js';
import { $, make, say } from './dom.js';

/** @param {(key: string) => Promise<unknown>} press */
export function keypad(press) {
  $('keys').replaceChildren(...'123456789*0#'.split('').map((key) => {
    const button = make('button', { type: 'button', class: 'button quiet' }, key);
    button.addEventListener('click', () => press(key).then(() => say(key), () => say(t('keyFailed'))));
    return button;
  }));
  $('open-keys').addEventListener('click', () => $('keys-dialog').showModal());
}
