/** Points to be chosen, and put in an order: those that are ticked, from the top down. */
import { t } from '../../language.js';
import { button, freshID, make, say } from '../../dom.js';

/**
 * @param {{point: string, name: string}[]} lines
 * @param {string[]} chosen points, in their order
 */
export function sequence(lines, chosen) {
  const list = make('ol', { class: 'sequence', 'aria-label': t('chairArrangeList') });
  const place = (line) => (chosen.includes(line.point) ? chosen.indexOf(line.point) : chosen.length + lines.indexOf(line));
  for (const line of [...lines].sort((left, right) => place(left) - place(right))) list.append(row(line));

  function row(line) {
    const id = freshID('chosen');
    const tick = make('input', { type: 'checkbox', id, checked: chosen.includes(line.point) });
    const move = (key, sign, step) => button(sign, () => shift(item, step, line.name), 'quiet', { 'aria-label': `${t(key)}: ${line.name}`, title: t(key) });
    const item = make('li', { 'data-point': line.point }, make('label', { class: 'tick', for: id }, tick, line.name),
      make('span', { class: 'cell-tools' }, move('chairUp', '↑', -1), move('chairDown', '↓', 1)));
    return item;
  }

  function shift(item, step, name) {
    const other = step < 0 ? item.previousElementSibling : item.nextElementSibling;
    if (!other) return;
    const focused = document.activeElement;
    if (step < 0) list.insertBefore(item, other); else list.insertBefore(other, item);
    focused?.focus();
    say(t('chairPlace', { name, place: [...list.children].indexOf(item) + 1 }));
  }

  return {
    element: make('div', {}, make('p', { class: 'hint' }, t('chairArrangeHint')), list),
    chosen: () => [...list.children].filter((item) => item.querySelector('input').checked).map((item) => item.dataset.point),
  };
}
