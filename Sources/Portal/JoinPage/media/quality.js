/**
 * How good the line is, from what the browser measures (webrtc-stats): loss in per cent, times in milliseconds, rates in
 * kbit/s. Each figure is of the time since the last look.
 *
 * @typedef {{grade: 'good'|'fair'|'bad', lossIn: number, lossOut: number, roundTrip: number|null, jitter: number|null,
 *   rateIn: number, rateOut: number}} Quality
 */
export class QualityWatch {
  constructor(peer) {
    this.peer = peer;
    this.last = null;
  }

  /** @returns {Promise<Quality|null>} null at the first look, and where there is nothing to see */
  async look() {
    const now = sum(await this.peer.getStats());
    const before = this.last;
    this.last = now;
    if (!before || now.at <= before.at) return null;
    const seconds = (now.at - before.at) / 1000;
    const lost = Math.max(0, now.lost - before.lost);
    const received = Math.max(0, now.received - before.received);
    const quality = {
      lossIn: percent(lost, lost + received), lossOut: now.lossOut * 100,
      roundTrip: now.roundTrip, jitter: now.jitter,
      rateIn: Math.max(0, (now.octetsIn - before.octetsIn) * 8 / seconds / 1000),
      rateOut: Math.max(0, (now.octetsOut - before.octetsOut) * 8 / seconds / 1000),
    };
    return { ...quality, grade: grade(quality, received) };
  }
}

/** Above the first of two bounds a line is fair, above the second it is bad. */
const bounds = { lossIn: [1.5, 6], lossOut: [1.5, 6], roundTrip: [250, 500], jitter: [30, 80] };

function grade(quality, received) {
  if (received === 0) return 'bad';
  const worst = Math.max(...Object.entries(bounds).map(([name, [fair, bad]]) =>
    (quality[name] ?? 0) > bad ? 2 : (quality[name] ?? 0) > fair ? 1 : 0));
  return ['good', 'fair', 'bad'][worst];
}

const percent = (part, whole) => (whole > 0 ? (part / whole) * 100 : 0);

function sum(report) {
  const total = { at: 0, lost: 0, received: 0, octetsIn: 0, octetsOut: 0, lossOut: 0, roundTrip: null, jitter: null };
  for (const each of report.values()) {
    if (each.type === 'inbound-rtp') {
      total.at = Math.max(total.at, each.timestamp);
      total.lost += each.packetsLost ?? 0;
      total.received += each.packetsReceived ?? 0;
      if (each.kind === 'audio' && each.jitter !== undefined) total.jitter = each.jitter * 1000;
    } else if (each.type === 'remote-inbound-rtp') {
      total.lossOut = Math.max(total.lossOut, each.fractionLost ?? 0);
      if (each.roundTripTime !== undefined) total.roundTrip ??= each.roundTripTime * 1000;
    } else if (each.type === 'candidate-pair' && each.nominated) {
      total.at = Math.max(total.at, each.timestamp);
      total.octetsIn += each.bytesReceived ?? 0;
      total.octetsOut += each.bytesSent ?? 0;
      if (each.currentRoundTripTime !== undefined) total.roundTrip = each.currentRoundTripTime * 1000;
    }
  }
  return total;
}
