/**
 * Small things that every view needs. Text only ever goes in as text.
 */
import { t } from './language.js';

export const $ = (id) => document.getElementById(id);

/** Makes an element with attributes and children; a child that is a string is text, a function attribute a listener. */
export function make(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === 'function') element.addEventListener(key, value);
    else if (key === 'value') element.value = value ?? '';
    else if (value !== undefined && value !== null && value !== false) element.setAttribute(key, value === true ? '' : value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** Says something to screen readers; the same twice too. */
export function say(words) {
  const place = $('says');
  place.textContent = place.textContent === words ? `${words}\u00a0` : words;
}

export const button = (words, act, kind = 'quiet', attributes = {}) =>
  make('button', { type: 'button', class: `button ${kind}`, click: act, ...attributes }, words);

let numbers = 0;
export const freshID = (base = 'f') => `${base}-${++numbers}`;

/** A labelled field; `control` is its input, select or textarea. */
export function field(label, control, { hint, isRequired } = {}) {
  control.id ||= freshID();
  const note = hint ? make('p', { class: 'hint', id: `${control.id}-hint` }, hint) : null;
  if (note) control.setAttribute('aria-describedby', note.id);
  if (isRequired) control.required = true;
  return make('div', { class: 'field' }, make('label', { for: control.id }, label, isRequired ? make('span', { class: 'must', 'aria-hidden': 'true' }, '*') : null), control, note);
}

export const input = (value = '', attributes = {}) => make('input', { value: value ?? '', maxlength: 200, ...attributes });

export function select(options, value, attributes = {}) {
  const element = make('select', attributes, options.map(([code, words]) => make('option', { value: code }, words)));
  element.value = value ?? '';
  return element;
}

/** A group of boxes to tick; `.values` are those ticked. */
export function choices(label, options, chosen = []) {
  const group = make('fieldset', { class: 'choices-group' }, make('legend', {}, label));
  for (const [code, words] of options) {
    const box = make('input', { type: 'checkbox', value: code, id: freshID('box') });
    box.checked = chosen.includes(code);
    group.append(make('label', { class: 'tick', for: box.id }, box, make('span', {}, words)));
  }
  Object.defineProperty(group, 'values', { get: () => [...group.querySelectorAll('input:checked')].map((each) => each.value) });
  return group;
}

/** A table that becomes cards on a phone: each cell says its column. */
export function table(caption, heads, rows) {
  return make('div', { class: 'table-frame' },
    make('table', { class: 'table' },
      make('caption', { class: 'hidden' }, caption),
      make('thead', {}, make('tr', {}, heads.map((head) => make('th', { scope: 'col' }, head)))),
      make('tbody', {}, rows.map((cells) => make('tr', {}, cells.map((cell, index) =>
        make(index === 0 ? 'th' : 'td', { ...(index === 0 ? { scope: 'row' } : {}), 'data-head': heads[index] }, cell ?? '')))))));
}

/** Shows what went wrong in `place`, or takes it away. */
export function problem(place, words) {
  place.replaceChildren(...(words ? [make('p', { class: 'problem', role: 'alert' }, words)] : []));
}

/** A modal dialog with a form. `save` gets nothing and may throw `Refused`, whose words are shown. Resolves when it closes. */
export function formDialog(title, fields, save, { saveWords = t('save'), cancelWords = t('cancel'), kind = 'main', wide = false } = {}) {
  const place = make('div');
  const id = freshID('dialog');
  const submit = make('button', { type: 'submit', class: `button ${kind}` }, saveWords);
  const dialog = make('dialog', { 'aria-labelledby': id, class: wide ? 'wide' : '' },
    make('form', { novalidate: true, submit: send },
      make('h2', { id }, title), place, make('div', { class: 'fields' }, fields),
      make('div', { class: 'row' }, button(cancelWords, () => dialog.close()), submit)));
  async function send(event) {
    event.preventDefault();
    submit.disabled = true;
    try {
      await save();
      dialog.close('saved');
    } catch (error) {
      problem(place, error.message);
    } finally {
      submit.disabled = false;
    }
  }
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => dialog.addEventListener('close', () => {
    dialog.remove();
    resolve(dialog.returnValue === 'saved');
  }));
}

/** Asks whether to do it. */
export const confirm = (question, act, words = t('remove')) => formDialog(question, [], act, { saveWords: words, kind: 'danger' });

/** Shows something that cannot be seen again, such as a new password. */
export function showOnce(title, lead, lines) {
  const id = freshID('dialog');
  const dialog = make('dialog', { 'aria-labelledby': id, class: 'wide' },
    make('h2', { id }, title), make('p', { class: 'lead' }, lead),
    make('div', { class: 'secrets' }, lines.map(([name, text]) =>
      make('div', { class: 'secret' }, make('strong', {}, name), make('code', {}, text),
        button(t('copy'), async () => { await navigator.clipboard.writeText(text); say(t('copied')); })))),
    make('div', { class: 'row' }, button(t('close'), () => dialog.close(), 'main')));
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => dialog.addEventListener('close', () => { dialog.remove(); resolve(); }));
}

/** The head of a view, with its title and what can be done there. */
export const heading = (title, ...tools) =>
  make('div', { class: 'heading' }, make('h1', { tabindex: -1 }, title), make('div', { class: 'tools-row' }, tools));

/** A style of a view's own, loaded once. */
export function style(name) {
  const href = `/assets/portal/style/${name}.css`;
  if (!document.querySelector(`link[href="${href}"]`)) document.head.append(make('link', { rel: 'stylesheet', href }));
}
