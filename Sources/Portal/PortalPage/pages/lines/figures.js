/** Figures of a line, in the order in which they stand; each with its series in `MeetingQuality.Point`. */
import { locale, t } from '../../language.js';

/** `alarm` names the alarm that it rings, `limit` its threshold in `MeetingQuality.Limits`, `range` the least that its graph spans; `ofPicture`: only of a point that sends a
 * picture it can be too little. */
export const figures = [
  { key: 'mos', digits: 1, range: [1, 4.5], alarm: 'opinionScore', limit: 'mos' },
  { key: 'lossUp', unit: '%', digits: 1, range: [0, 10], alarm: 'lossUp', limit: 'lossPercent' },
  { key: 'lossDown', unit: '%', digits: 1, range: [0, 10], alarm: 'lossDown', limit: 'lossPercent' },
  { key: 'jitterUp', unit: 'ms', digits: 0, range: [0, 100], alarm: 'jitterUp', limit: 'jitterMilliseconds' },
  { key: 'jitterDown', unit: 'ms', digits: 0, range: [0, 100], alarm: 'jitterDown', limit: 'jitterMilliseconds' },
  { key: 'roundTrip', unit: 'ms', digits: 0, range: [0, 400], alarm: 'roundTrip', limit: 'roundTripMilliseconds' },
  { key: 'rateUp', unit: 'kbit/s', digits: 0, range: [0, 100], alarm: 'rate', limit: 'rateKilobits', ofPicture: true },
  { key: 'rateDown', unit: 'kbit/s', digits: 0, range: [0, 100] },
  { key: 'pictureHeight', unit: 'p', digits: 0, range: [0, 360], alarm: 'resolution', limit: 'pictureHeight', ofPicture: true },
  { key: 'frameRate', digits: 0, range: [0, 30] },
  { key: 'freezes', digits: 0, range: [0, 2], alarm: 'picture', isCount: true },
];

export function shown(figure, value) {
  if (value === null || value === undefined) return t('linesNothing');
  const number = value.toLocaleString(locale(), { maximumFractionDigits: figure.digits, minimumFractionDigits: figure.digits });
  return figure.unit ? `${number}\u00a0${figure.unit}` : number;
}

/** What is written above a graph: how it is now, of a count how often it was. */
export function current(figure, series) {
  if (!figure.isCount) return shown(figure, series.at(-1));
  return series.length ? t('linesTotal', { count: series.reduce((sum, each) => sum + (each ?? 0), 0) }) : t('linesNothing');
}

/** The graph in words. */
export function described(figure, series, minutes) {
  const told = series.filter((each) => each !== null);
  const name = t(`figure_${figure.key}`);
  if (told.length === 0) return t('linesGraphNone', { figure: name });
  return t('linesGraph', { figure: name, now: current(figure, series), minutes, low: shown(figure, Math.min(...told)), high: shown(figure, Math.max(...told)) });
}
