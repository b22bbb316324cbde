/**
 * One WebSocket to the bridge (RFC 7118), kept alive and opened again whenever it goes.
 */
import { parse, serialise } from './message.js';

const keepAliveEvery = 20_000;
const answerWithin = 8_000;
const probeWithin = 3_000;
const connectWithin = 8_000;
const longestWait = 5_000;

export class SipSocket extends EventTarget {
  /** @param {string} url `wss://…` */
  constructor(url) {
    super();
    this.url = url;
    this.attempts = 0;
    this.isWanted = false;
    // A network that is back is better than a timer.
    this.onOnline = () => this.isWanted && !this.isOpen && this.#connect();
  }

  get isOpen() { return this.socket?.readyState === WebSocket.OPEN; }

  open() {
    if (this.isWanted) return;
    this.isWanted = true;
    addEventListener('online', this.onOnline);
    this.#connect();
  }

  close() {
    this.isWanted = false;
    removeEventListener('online', this.onOnline);
    clearTimeout(this.retry);
    this.#drop();
  }

  /** Gives this connection up and makes another: it may be dead without saying so. */
  renew() {
    if (!this.isWanted) return;
    const wasOpen = this.isOpen;
    this.#drop();
    if (wasOpen) this.dispatchEvent(new Event('down'));
    this.#connect();
  }

  /** Finds out soon whether the other end is still there; another connection is made where it is not. */
  probe() { this.#ping(probeWithin); }

  /** @returns {boolean} whether the message went out */
  send(message) {
    if (!this.isOpen) return false;
    this.socket.send(serialise(message));
    return true;
  }

  #drop() {
    clearInterval(this.keepAlive);
    clearTimeout(this.deadline);
    const old = this.socket;
    this.socket = null;
    if (!old) return;
    old.onopen = old.onclose = old.onmessage = null;
    old.close();
  }

  #connect() {
    clearTimeout(this.retry);
    this.#drop();
    let socket;
    try {
      socket = new WebSocket(this.url, 'sip');
    } catch {
      return this.#lost();
    }
    this.socket = socket;
    this.deadline = setTimeout(() => this.#lost(), connectWithin);
    socket.onopen = () => {
      clearTimeout(this.deadline);
      this.attempts = 0;
      this.keepAlive = setInterval(() => this.#ping(), keepAliveEvery);
      this.dispatchEvent(new Event('up'));
    };
    socket.onclose = () => this.#lost();
    socket.onmessage = ({ data }) => this.#take(data);
  }

  #ping(within = answerWithin) {
    if (!this.isOpen) return;
    this.socket.send('\r\n\r\n');
    clearTimeout(this.deadline);
    this.deadline = setTimeout(() => this.#lost(), within);
  }

  #take(data) {
    clearTimeout(this.deadline);
    if (typeof data !== 'string' || data.trim() === '') return;
    const message = parse(data);
    if (message) this.dispatchEvent(new CustomEvent('message', { detail: message }));
  }

  #lost() {
    this.#drop();
    this.dispatchEvent(new Event('down'));
    if (!this.isWanted) return;
    const wait = Math.min(longestWait, 400 * 2 ** this.attempts) * (0.75 + Math.random() / 2);
    this.attempts = Math.min(this.attempts + 1, 10);
    this.retry = setTimeout(() => this.#connect(), wait);
  }
}
