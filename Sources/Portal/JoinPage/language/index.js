/**
 * The page's words: Vietnamese first, and what the person chose. Elements say by `data-text` which words are theirs, by
 * `data-label` which are their name for screen readers.
 */
import en from './en.js';
import vi from './vi.js';
import { remember, remembered } from '../preferences.js';

export const languages = { vi, en };

let current = remembered('language') in languages ? remembered('language') : 'vi';
const changes = new EventTarget();

export const language = () => current;
export const locale = () => (current === 'vi' ? 'vi-VN' : 'en-GB');

/** The words for a key, its gaps filled. */
export function t(key, values = {}) {
  const words = languages[current][key] ?? vi[key] ?? key;
  return words.replace(/\{(\w+)\}/g, (gap, name) => values[name] ?? gap);
}

/** Whether there are words for a key. */
export const has = (key) => key in vi;

export function choose(code) {
  current = code;
  remember('language', code);
  translate(document);
  changes.dispatchEvent(new Event('change'));
}

export const onLanguage = (act) => changes.addEventListener('change', act);

/** Puts the words into an element and all below it. */
export function translate(root) {
  if (root === document) document.documentElement.lang = current;
  for (const element of root.querySelectorAll('[data-text]')) element.textContent = t(element.dataset.text);
  for (const element of root.querySelectorAll('[data-label]')) {
    element.setAttribute('aria-label', t(element.dataset.label));
    if (element.dataset.tip !== undefined) element.title = t(element.dataset.label);
  }
  for (const element of root.querySelectorAll('[data-placeholder]')) element.placeholder = t(element.dataset.placeholder);
}
