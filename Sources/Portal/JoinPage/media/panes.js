/**
 * Cameras of others as they come, each in a line of its own: which point is in which, and whether its pictures come.
 */

const lookEvery = 200;
/** A picture that has stood still for so long is none. */
const stillFor = 4_000;
/** Pictures of who was in a pane before may be on their way for so long after the bridge has answered. */
const settling = 150;

export class Panes extends EventTarget {
  /**
   * Event `change`: another picture is to be seen, or one less.
   * @param {RTCRtpTransceiver[]} transceivers
   */
  constructor(transceivers) {
    super();
    this.panes = transceivers.map((transceiver) => ({ transceiver, user: null, since: Infinity, isLive: false }));
    this.told = 'composed';
  }

  get count() { return this.panes.length; }

  /**
   * Has the panes show these points, who keep theirs where they have one already.
   * @param {'composed'|'beside'|'alone'} use
   * @param {string[]} users user names
   * @param {(body: string) => Promise<unknown>} tell says it to the bridge
   */
  async arrange(use, users, tell) {
    const wanted = new Set(users);
    const placed = new Map(this.panes.filter((pane) => wanted.has(pane.user)).map((pane) => [pane.user, pane]));
    const free = this.panes.filter((pane) => !wanted.has(pane.user));
    for (const user of wanted) if (!placed.has(user) && free.length > 0) placed.set(user, free.shift());
    const lines = [...placed].map(([user, pane]) => `${pane.transceiver.mid} ${user}`).sort();
    const body = [use, ...lines].join('\n');
    if (body === this.told) return;
    this.told = body;
    const moved = [];
    for (const pane of this.panes) {
      const user = [...placed].find(([, each]) => each === pane)?.[0] ?? null;
      if (user === pane.user) continue;
      Object.assign(pane, { user, since: Infinity, isLive: false });
      if (user) moved.push(pane);
    }
    this.#watch(placed.size > 0);
    try {
      await tell(body);
      for (const pane of moved) if (pane.since === Infinity) pane.since = performance.now() + settling;
    } catch {
      // Said anew when next something is drawn.
      if (this.told === body) this.told = '';
    }
  }

  /** @returns {?MediaStreamTrack} a point's pictures; nothing before the first of its own comes */
  trackOf(user) {
    const pane = this.panes.find((each) => each.user === user);
    return pane?.isLive ? pane.transceiver.receiver.track : null;
  }

  stop() { this.#watch(false); }

  #watch(isOn) {
    if (isOn === Boolean(this.looking)) return;
    clearInterval(this.looking);
    this.looking = isOn ? setInterval(() => this.#look(), lookEvery) : undefined;
  }

  #look() {
    const now = performance.now();
    let hasChanged = false;
    for (const pane of this.panes) {
      const newest = Math.max(0, ...pane.transceiver.receiver.getSynchronizationSources().map((each) => each.timestamp));
      // Chromium counts from the beginning of time, others from that of the page.
      const at = newest > performance.timeOrigin ? newest - performance.timeOrigin : newest;
      const isLive = Boolean(pane.user) && at > pane.since && now - at < stillFor;
      if (isLive !== pane.isLive) hasChanged = true;
      pane.isLive = isLive;
    }
    if (hasChanged) this.dispatchEvent(new Event('change'));
  }
}
