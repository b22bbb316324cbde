/**
 * One stay in a room: the connection, the call, the watch and the media, held together and brought back when the network
 * goes away.
 */
import { Agent, SipFailure } from './sip/agent.js';
import { Call } from './sip/call.js';
import { SipSocket } from './sip/socket.js';
import { userOf } from './sip/message.js';
import { Watch } from './sip/watch.js';
import { Link } from './media/link.js';

/** A way through the network may come back by itself for so long. */
const patience = 2_000;
/** How long a new way through the network may take to open. */
const wayWithin = 8_000;
const retryEvery = 3_000;
const connectWithin = 10_000;
/** Cameras of others that are shown as they come. */
const panes = 12;

export class Meeting extends EventTarget {
  /**
   * Events: `state`, `roster`, `tracks`, `text` (detail: {name, user, text}), `ended` (detail: {reason}).
   * @param {{settings: object, credentials: object, username: string, product: string,
   *   audio: MediaStreamTrack|null, video: MediaStreamTrack|null}} options
   */
  constructor(options) {
    super();
    this.options = options;
    this.tracks = { audio: options.audio, video: options.video, slides: null };
    /** `joining`, `in`, `reconnecting` or `left` */
    this.state = 'joining';
    this.isHandRaised = false;
    this.socket = new SipSocket(options.settings.webSocket);
    this.agent = new Agent(this.socket, {
      username: options.username, domain: options.settings.domain, credentials: options.credentials,
      product: options.product,
    });
    this.socket.addEventListener('down', () => this.#interrupted());
    this.onNetwork = () => this.#interrupted(true);
  }

  /** Comes in; throws SipFailure where it is not let in. */
  async join() {
    try {
      await this.#connected();
      await this.#call();
    } catch (error) {
      this.#leave();
      throw error;
    }
    addEventListener('online', this.onNetwork);
    this.#become('in');
    await this.#watch().catch(() => {});
  }

  leave() {
    this.watch?.stop();
    this.call?.end();
    // Time for BYE to go out.
    setTimeout(() => this.#leave(), 300);
    this.state = 'left';
  }

  get conference() { return this.watch?.conference ?? this.lastConference; }

  isSelf(entity) { return userOf(entity) === this.options.username; }

  text(text) { return this.call.text(text); }

  async raiseHand(isRaised) {
    await this.call.hand(isRaised);
    this.isHandRaised = isRaised;
  }

  /** What the bridge shows in the large picture. */
  async setLayout(name) {
    this.layout = name;
    await this.call.layout(name);
  }

  /** Whose cameras are shown as they come; `use` as the arrangement has it. */
  arrange(use, users) {
    if (this.state === 'in') this.link?.panes.arrange(use, users, (body) => this.call.panes(body));
  }

  key(key) { return this.call.key(key); }

  setSound(track) {
    this.tracks.audio = track;
    return this.link.setSound(track);
  }

  setCamera(track) {
    this.tracks.video = track;
    return this.link.setCamera(track);
  }

  /** Shows a screen to all, or no longer. */
  async setSlides(track) {
    this.tracks.slides = track;
    await this.link.setSlides(track);
    await this.call.change();
  }

  // Coming in, and back.

  #connected() {
    if (this.socket.isOpen) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.socket.removeEventListener('up', done);
        reject(new SipFailure(0, 'No connection'));
      }, connectWithin);
      const done = () => {
        clearTimeout(timer);
        resolve();
      };
      this.socket.addEventListener('up', done, { once: true });
      this.socket.open();
    });
  }

  async #call() {
    this.link?.close();
    const link = new Link(this.tracks, panes);
    this.link = link;
    if (this.tracks.slides) await link.setSlides(this.tracks.slides);
    link.addEventListener('tracks', () => this.link === link && this.dispatchEvent(new Event('tracks')));
    link.addEventListener('state', () => this.link === link && this.#linkChanged());
    const call = new Call(this.agent, this.options.settings.room, link);
    call.addEventListener('text', ({ detail }) => this.dispatchEvent(new CustomEvent('text', { detail })));
    call.addEventListener('ended', ({ detail }) => this.call === call && this.#ended(detail.reason));
    this.call = call;
    await call.start();
    this.dispatchEvent(new Event('tracks'));
    // A way that never opens is no meeting; one that opens late is better than none.
    if (this.state === 'reconnecting' && !await link.connects(wayWithin)) throw new SipFailure(0, 'No way for media');
  }

  async #watch() {
    this.lastConference = this.watch?.conference ?? this.lastConference;
    this.watch?.drop();
    const watch = new Watch(this.agent, this.options.settings.room);
    this.pendingWatch = watch;
    watch.addEventListener('change', () => {
      if (this.pendingWatch !== watch) return;
      this.watch = watch;
      this.dispatchEvent(new Event('roster'));
    });
    await watch.start();
  }

  #linkChanged() {
    clearTimeout(this.doubt);
    if (this.link.state === 'failed') this.#interrupted();
    if (this.link.state === 'disconnected') this.doubt = setTimeout(() => this.#interrupted(), patience);
    this.dispatchEvent(new Event('state'));
  }

  /** @param {boolean} isDoubtful the connection may be dead, though it does not say so */
  #interrupted(isDoubtful = false) {
    if (this.state === 'in') {
      this.#become('reconnecting');
      this.#restore(isDoubtful);
    }
  }

  async #restore(isDoubtful) {
    if (isDoubtful) this.socket.renew(); else this.socket.probe();
    while (this.state === 'reconnecting') {
      try {
        await this.#connected();
        await this.#resume();
        if (this.state !== 'reconnecting') return;
        this.#become('in');
        if (this.isHandRaised) await this.call.hand(true).catch(() => {});
        if (this.layout) await this.call.layout(this.layout).catch(() => {});
        await this.#watch().catch(() => {});
        return;
      } catch (error) {
        // What the bridge refuses for good stays refused.
        if (error instanceof SipFailure && [401, 403, 404, 603].includes(error.status)) return this.#ended(error.reason);
        await new Promise((resolve) => setTimeout(resolve, retryEvery));
      }
    }
  }

  /** The old call where it still stands, a new one in its place where it does not. */
  async #resume() {
    if (this.call?.isUp) {
      try {
        await this.call.change({ restart: true });
        if (await this.link.connects(wayWithin)) return;
      } catch (error) {
        if (!(error instanceof SipFailure) || error.status === 0) throw error;
      }
      this.call.end();
    }
    await this.#call();
  }

  #ended(reason) {
    // Taken out while the network was away: come in again.
    if (this.state === 'reconnecting' && reason === 'silent') return;
    this.#leave();
    this.dispatchEvent(new CustomEvent('ended', { detail: { reason } }));
  }

  #become(state) {
    this.state = state;
    this.dispatchEvent(new Event('state'));
  }

  #leave() {
    this.state = 'left';
    removeEventListener('online', this.onNetwork);
    clearTimeout(this.doubt);
    this.watch?.drop();
    this.link?.close();
    this.agent.stop();
    this.socket.close();
  }
}
