/** The classes of the retention table to choose from; `none` are the words for choosing none. */
import { api } from '../../api.js';
import { select } from '../../dom.js';
import { className } from './words.js';

export async function classChoice(chosen, none, signal) {
  const { classes } = await api.get('retention/classes', { signal });
  const options = classes.map((row) => [row.code, className(row)]);
  // One that the table has no more is not lost by looking at it.
  if (chosen && !classes.some((row) => row.code === chosen)) options.push([chosen, chosen]);
  return select([['', none], ...options], chosen ?? '', { name: 'retention' });
}
