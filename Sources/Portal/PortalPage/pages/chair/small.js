/** Small things of the chair's page. */
import { t } from '../../language.js';
import { freshID, make } from '../../dom.js';

/** 75 as `1:15`. */
export function clock(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (number) => String(number).padStart(2, '0');
  return hours ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

/** What all or one can be shown, with its words. */
export const layouts = () => ['speaker', 'gallery', 'gallery-activity', 'speaker-strip', 'content-speaker', 'chair'].map((each) => [each, t(`layout_${each}`)]);

/** A card with a heading; what changes goes into its body. */
export function part(words) {
  const id = freshID('part');
  const body = make('div', { class: 'part-body' });
  return { body, element: make('section', { class: 'card', 'aria-labelledby': id }, make('h2', { id }, words), body) };
}

/** Fills `place` anew only where `key` changed, and gives the focus back to the same button. */
export function keep(place, key, fill) {
  const text = JSON.stringify([document.documentElement.lang, key]);
  if (place.dataset.drawn === text) return;
  place.dataset.drawn = text;
  const focused = place.contains(document.activeElement) ? document.activeElement : null;
  const mark = focused && (focused.dataset.key ?? focused.getAttribute('aria-label') ?? focused.textContent);
  const children = [fill()].flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false);
  place.replaceChildren(...children);
  if (!mark || place.contains(document.activeElement)) return;
  const again = [...place.querySelectorAll('button, select')].find((each) => [each.dataset.key, each.getAttribute('aria-label'), each.textContent].includes(mark));
  again?.focus();
}
