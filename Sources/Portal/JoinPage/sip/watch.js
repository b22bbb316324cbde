/**
 * Watches a room: SUBSCRIBE to the conference event package, refreshed while it lasts (RFC 6665, RFC 4575).
 */
import { Conference } from './conference.js';
import { Dialog } from './dialog.js';

const duration = 600;

export class Watch extends EventTarget {
  /** Event `change`: `conference` is as it stands now. */
  constructor(agent, room) {
    super();
    this.agent = agent;
    this.conference = new Conference();
    this.dialog = new Dialog(agent, `sip:${encodeURIComponent(room)}@${agent.settings.domain}`);
    agent.dialogs.set(this.dialog.callID, this);
  }

  async start() { await this.#subscribe(duration); }

  stop() {
    clearTimeout(this.refresh);
    if (this.dialog.isConfirmed && this.agent.socket.isOpen) this.#subscribe(0).catch(() => {});
    this.isStopped = true;
  }

  /** Nothing more is said to the bridge: the connection is gone. */
  drop() {
    clearTimeout(this.refresh);
    this.isStopped = true;
    this.agent.dialogs.delete(this.dialog.callID);
  }

  async #subscribe(seconds) {
    const { response } = await this.dialog.request('SUBSCRIBE', [
      ['Contact', this.agent.contact], ['Event', 'conference'], ['Expires', seconds],
      ['Accept', 'application/conference-info+xml']]);
    this.dialog.confirm(response);
    clearTimeout(this.refresh);
    if (seconds === 0 || this.isStopped) return;
    const granted = parseInt(response.headers.get('Expires'), 10) || seconds;
    this.refresh = setTimeout(() => this.#subscribe(duration).catch(() => {}), granted * 800);
  }

  receive(request, respond) {
    if (request.method !== 'NOTIFY') return respond(405, 'Method Not Allowed', [['Allow', 'NOTIFY']]);
    // The first NOTIFY may overtake the 200 to the SUBSCRIBE.
    if (!this.dialog.accepts(request)) return respond(481, 'Subscription Does Not Exist');
    respond(200, 'OK');
    if (/^terminated/i.test(request.headers.get('Subscription-State') ?? '')) this.drop();
    if (!request.body) return;
    const isWhole = this.conference.take(request.body);
    // A version is missing: ask for all of it (RFC 4575 §4.6).
    if (!isWhole && !this.isStopped) return void this.#subscribe(duration).catch(() => {});
    this.dispatchEvent(new Event('change'));
  }
}
