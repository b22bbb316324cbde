/**
 * Small things that every view needs. Text only ever goes in as text.
 */
import { t } from '../language/index.js';

export const $ = (id) => document.getElementById(id);

/** Makes an element with attributes and children; a child that is a string is text. */
export function make(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== null && value !== false) element.setAttribute(key, value === true ? '' : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

const svg = 'http://www.w3.org/2000/svg';

export function icon(name) {
  const drawing = document.createElementNS(svg, 'svg');
  const use = document.createElementNS(svg, 'use');
  drawing.setAttribute('class', 'icon');
  drawing.setAttribute('aria-hidden', 'true');
  use.setAttribute('href', `#i-${name}`);
  drawing.append(use);
  return drawing;
}

export const show = (element, isShown) => { element.hidden = !isShown; };

/** Says something to screen readers; the same twice too. */
export function say(words) {
  const place = $('says');
  place.textContent = place.textContent === words ? `${words}\u00a0` : words;
}

/** The first letters of the last two words, which tell points apart: Ủy ban nhân dân xã Phú Lộc is PL. */
export function initials(name) {
  const words = name.trim().split(/\s+/).filter(Boolean);
  return words.slice(-2).map((word) => Array.from(word)[0].toLocaleUpperCase('vi')).join('');
}

/** Lets a video show a track, or nothing; leaves it alone where it shows that already. */
export function play(video, track) {
  const now = video.srcObject?.getTracks()[0] ?? null;
  if (now === (track ?? null)) return;
  video.srcObject = track ? new MediaStream([track]) : null;
  if (track) video.play().catch(() => {});
}

/** A button's picture and words. */
export function face(button, iconName, key) {
  button.querySelector('use').setAttribute('href', `#i-${iconName}`);
  button.querySelector('span').textContent = t(key);
  button.title = t(key);
}
