/**
 * A call to a room: INVITE, ACK, re-INVITE both ways, UPDATE, INFO, MESSAGE, BYE (RFC 3261, 3311, 3428, 4028, 6086).
 * It knows nothing of media but that `media.offer()`, `media.accept(sdp)` and `media.answer(sdp)` are descriptions.
 */
import { SipFailure, allow } from './agent.js';
import { Dialog } from './dialog.js';
import { address, parameter, userOf } from './message.js';

const handPackage = 'causeway-hand';
const layoutPackage = 'causeway-layout';
const panesPackage = 'causeway-panes';
const sdp = ['Content-Type', 'application/sdp'];

export class Call extends EventTarget {
  /**
   * Events: `ended` ({reason}), `text` ({name, user, text}).
   * @param {import('./agent.js').Agent} agent
   */
  constructor(agent, room, media) {
    super();
    this.agent = agent;
    this.media = media;
    this.dialog = new Dialog(agent, `sip:${encodeURIComponent(room)}@${agent.settings.domain}`);
    this.isUp = false;
    this.changes = Promise.resolve();
    this.isChanging = false;
    agent.dialogs.set(this.dialog.callID, this);
  }

  #session() {
    return [['Contact', this.agent.contact], ['Allow', allow], ['Supported', 'timer'],
      ['Recv-Info', handPackage], ['Accept', 'application/sdp, text/plain']];
  }

  /** Calls; throws SipFailure where it is not let in. */
  async start() {
    try {
      const offer = await this.media.offer();
      const { response, number } = await this.dialog.request('INVITE', [...this.#session(), sdp], offer);
      this.dialog.confirm(response);
      this.dialog.acknowledge(number);
      this.isUp = true;
      this.#keepSession(response);
      await this.media.accept(response.body);
    } catch (error) {
      if (this.isUp) this.end(); else this.#over();
      throw error;
    }
  }

  /** Offers anew, one offer after another; `restart` gathers new ways through the network (RFC 8445 §2.4). */
  change({ restart = false } = {}) {
    const next = this.changes.then(() => this.#change(restart));
    this.changes = next.catch(() => {});
    return next;
  }

  async #change(restart) {
    for (let tries = 0; this.isUp; tries += 1) {
      this.isChanging = true;
      try {
        const offer = await this.media.offer({ restart });
        const { response, number } = await this.dialog.request('INVITE', [...this.#session(), sdp], offer);
        this.dialog.confirm(response);
        this.dialog.acknowledge(number);
        this.#keepSession(response);
        await this.media.accept(response.body);
        return;
      } catch (error) {
        await this.media.rollBack();
        // Both offered at once (RFC 3261 §14.1): whoever called waits longer.
        if (!(error instanceof SipFailure) || error.status !== 491 || tries >= 4) throw error;
      } finally {
        this.isChanging = false;
      }
      await new Promise((resolve) => setTimeout(resolve, 2100 + Math.random() * 1900));
    }
    throw new SipFailure(481, 'The call is over');
  }

  acknowledgeAgain(response) { this.dialog.acknowledge(parseInt(response.headers.get('CSeq'), 10)); }

  /** @param {boolean} isRaised asks for the word, or does not any more */
  hand(isRaised) {
    return this.dialog.request('INFO', [['Info-Package', handPackage], ['Content-Type', 'text/plain'],
      ['Content-Disposition', 'Info-Package']], isRaised ? 'raised' : 'lowered');
  }

  /** @param {'speaker'|'gallery'} name what is to be shown */
  layout(name) {
    return this.dialog.request('INFO', [['Info-Package', layoutPackage], ['Content-Type', 'text/plain'],
      ['Content-Disposition', 'Info-Package']], name);
  }

  /** @param {string} body what is to be in the panes, a line for each */
  panes(body) {
    return this.dialog.request('INFO', [['Info-Package', panesPackage], ['Content-Type', 'text/plain'],
      ['Content-Disposition', 'Info-Package']], body);
  }

  /** A key pressed, as room systems tell it. */
  key(key) {
    return this.dialog.request('INFO', [['Content-Type', 'application/dtmf-relay']], `Signal=${key}\r\nDuration=160\r\n`);
  }

  /** A text to all in the room. */
  text(text) { return this.dialog.request('MESSAGE', [['Content-Type', 'text/plain;charset=UTF-8']], text); }

  /** Hangs up. */
  end() {
    if (this.isUp) this.dialog.request('BYE').catch(() => {});
    this.#over();
  }

  #over() {
    this.isUp = false;
    clearTimeout(this.refresh);
    clearTimeout(this.again);
    // The BYE's answer needs no dialog.
    this.agent.dialogs.delete(this.dialog.callID);
  }

  /** RFC 4028 §7.2: this side refreshes where the answer says so. */
  #keepSession(response) {
    clearTimeout(this.refresh);
    const value = response.headers.get('Session-Expires');
    const seconds = parseInt(value, 10);
    if (!(seconds > 0) || parameter(value, 'refresher') !== 'uac') return;
    this.refresh = setTimeout(async () => {
      try {
        const fields = [['Contact', this.agent.contact], ['Supported', 'timer'],
          ['Session-Expires', `${seconds};refresher=uac`]];
        this.#keepSession((await this.dialog.request('UPDATE', fields)).response);
      } catch (error) {
        if (error.status === 481 && this.isUp) this.#ended('');
      }
    }, seconds * 500);
  }

  #ended(reason) {
    this.#over();
    this.dispatchEvent(new CustomEvent('ended', { detail: { reason } }));
  }

  // What the bridge sends.

  receive(request, respond) {
    if (request.method === 'ACK') return this.#acknowledged(request);
    if (!this.dialog.accepts(request)) return respond(500, 'Request out of order');
    switch (request.method) {
      case 'BYE':
        respond(200, 'OK');
        return this.#ended(/text="(?:hung up: )?([^"]*)"/.exec(request.headers.get('Reason') ?? '')?.[1] ?? '');
      case 'INVITE': return this.#offered(request, respond);
      case 'UPDATE': return this.#updated(request, respond);
      case 'MESSAGE': return this.#told(request, respond);
      case 'OPTIONS': return respond(200, 'OK', [['Allow', allow], ['Accept', 'application/sdp, text/plain']]);
      case 'INFO': case 'NOTIFY': return respond(200, 'OK');
      default: return respond(405, 'Method Not Allowed', [['Allow', allow]]);
    }
  }

  #told(request, respond) {
    if (!/^text\/plain/i.test(request.headers.get('Content-Type') ?? 'text/plain')) {
      return respond(415, 'Unsupported Media Type', [['Accept', 'text/plain']]);
    }
    respond(200, 'OK');
    const from = address(request.headers.get('P-Asserted-Identity') ?? request.headers.get('From'));
    const detail = { name: from.name || userOf(from.uri), user: userOf(from.uri), text: request.body };
    this.dispatchEvent(new CustomEvent('text', { detail }));
  }

  #timerOf(request) {
    const value = request.headers.get('Session-Expires');
    return value ? [['Session-Expires', value]] : [];
  }

  async #updated(request, respond) {
    if (!request.body) return respond(200, 'OK', [...this.#session(), ...this.#timerOf(request)]);
    await this.#answer(request, respond, () => {});
  }

  async #offered(request, respond) {
    if (this.isChanging) return respond(491, 'Request Pending');
    if (request.body) return this.#answer(request, respond, (answer, fields) => this.#repeat(respond, answer, fields));
    // The bridge wants the offer; the ACK brings its answer.
    this.isChanging = true;
    this.awaitsAnswer = true;
    const offer = await this.media.offer();
    this.#repeat(respond, offer, [...this.#session(), ...this.#timerOf(request), sdp]);
  }

  async #answer(request, respond, onSent) {
    if (this.isChanging) return respond(491, 'Request Pending');
    this.isChanging = true;
    try {
      const answer = await this.media.answer(request.body);
      const fields = [...this.#session(), ...this.#timerOf(request), sdp];
      if (request.method === 'INVITE') onSent(answer, fields); else respond(200, 'OK', fields, answer);
    } catch {
      respond(488, 'Not Acceptable Here');
    } finally {
      this.isChanging = false;
    }
  }

  /** A 2xx goes again until its ACK comes, over a reliable transport too (RFC 3261 §13.3.1.4). */
  #repeat(respond, body, fields, wait = 500, left = 32_000) {
    respond(200, 'OK', fields, body);
    clearTimeout(this.again);
    this.again = setTimeout(
      () => left > 0 && this.isUp && this.#repeat(respond, body, fields, Math.min(4000, wait * 2), left - wait), wait);
  }

  async #acknowledged(request) {
    clearTimeout(this.again);
    if (!this.awaitsAnswer) return;
    this.awaitsAnswer = false;
    try {
      if (request.body) await this.media.accept(request.body); else await this.media.rollBack();
    } finally {
      this.isChanging = false;
    }
  }
}
