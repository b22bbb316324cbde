/** Times of a recording, in seconds, as people write and hear them. */
import { language, locale } from '../../language.js';

/** `1:02:05`, or `2:05` in a recording of less than an hour. */
export function clock(seconds, length = seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (value) => String(value).padStart(2, '0');
  const minutes = Math.floor(whole / 60) % 60;
  return length >= 3600 ? `${Math.floor(whole / 3600)}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

/** `2 phút 5 giây`, for those who listen, and for lengths. */
export function spoken(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  const parts = [['hour', Math.floor(whole / 3600)], ['minute', Math.floor(whole / 60) % 60], ['second', whole % 60]];
  const shown = parts.filter(([, value]) => value > 0);
  return (shown.length ? shown : [['second', 0]])
    .map(([unit, value]) => new Intl.NumberFormat(locale(), { style: 'unit', unit, unitDisplay: 'long' }).format(value)).join(' ');
}

export function bytes(count) {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, count)) / 3));
  return `${(count / 1000 ** power).toLocaleString(language(), { maximumFractionDigits: power ? 1 : 0 })} ${units[power]}`;
}
