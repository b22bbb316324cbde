/**
 * A SIP user agent over one WebSocket: transactions (RFC 3261 §17, over a reliable transport), authentication, and who
 * gets which request. Dialogs register under their Call-ID.
 */
import { Headers, cseqOf, parameter, token } from './message.js';

const transactionTime = 32_000;

/** Why a request came to nothing: `status` is the final response's, 408 for none in time, 0 for no connection. */
export class SipFailure extends Error {
  constructor(status, reason, response) {
    super(`${status} ${reason}`);
    this.status = status;
    this.reason = reason;
    this.response = response;
  }
}

export class Agent {
  /**
   * @param {import('./socket.js').SipSocket} socket
   * @param {{username: string, domain: string, credentials: object, product: string}} settings
   */
  constructor(socket, settings) {
    this.socket = socket;
    this.settings = settings;
    // RFC 7118 §5: a browser has no address of its own.
    this.host = `${token(12)}.invalid`;
    this.contact = `<sip:${encodeURIComponent(settings.username)}@${this.host};transport=ws>`;
    this.identity = `<sip:${encodeURIComponent(settings.username)}@${settings.domain}>`;
    /** Client transactions by branch. */
    this.waiting = new Map();
    /** Dialogs by Call-ID; each has `receive(request, respond)`. */
    this.dialogs = new Map();
    this.onMessage = ({ detail }) => 'status' in detail ? this.#answered(detail) : this.#asked(detail);
    this.onDown = () => this.#disconnected();
    socket.addEventListener('message', this.onMessage);
    socket.addEventListener('down', this.onDown);
  }

  stop() {
    this.socket.removeEventListener('message', this.onMessage);
    this.socket.removeEventListener('down', this.onDown);
    this.#disconnected();
    this.dialogs.clear();
  }

  /**
   * Sends a request and sees it through, challenges included.
   * @param {(headers: Headers) => void} number puts in what a new try changes: its CSeq
   * @returns {Promise<import('./message.js').SipResponse>} the 2xx; throws SipFailure for anything else
   */
  async request(method, uri, fields, number, body = '', onProvisional = undefined) {
    const { credentials } = this.settings;
    // One for the challenge, one more for a nonce that had grown old.
    for (let challenges = 0; ; challenges += 1) {
      const headers = new Headers(fields);
      number(headers);
      headers.set('User-Agent', this.settings.product);
      const proof = await credentials.authorization(method, uri);
      if (proof) headers.set('Authorization', proof);
      const response = await this.#transact({ method, uri, headers, body }, onProvisional);
      if (response.status < 300) return response;
      const isStale = response.headers.all('WWW-Authenticate').some((each) => /stale\s*=\s*"?true/i.test(each));
      const mayAnswer = response.status === 401 && challenges < 2 && (!proof || isStale || challenges === 0);
      if (mayAnswer && credentials.take(response)) continue;
      throw new SipFailure(response.status, response.reason, response);
    }
  }

  /** A request that nothing answers, or whose answer matters to nobody: ACK. */
  push(method, uri, fields, body = '') {
    const headers = new Headers([['Via', this.#via()], ['Max-Forwards', 70], ...fields]);
    return this.socket.send({ method, uri, headers, body });
  }

  #via(branch = `z9hG4bK${token(16)}`) { return `SIP/2.0/WSS ${this.host};branch=${branch}`; }

  #transact(request, onProvisional) {
    const branch = `z9hG4bK${token(16)}`;
    request.headers.fields.unshift({ name: 'Via', value: this.#via(branch) }, { name: 'Max-Forwards', value: '70' });
    return new Promise((resolve, reject) => {
      const end = (settle, value) => {
        clearTimeout(entry.timer);
        this.waiting.delete(branch);
        settle(value);
      };
      const entry = {
        request, onProvisional,
        answer: (response) => end(resolve, response),
        fail: (status, reason) => end(reject, new SipFailure(status, reason)),
      };
      const wait = () => {
        clearTimeout(entry.timer);
        entry.timer = setTimeout(() => entry.fail(408, 'Request Timeout'), transactionTime);
      };
      entry.wait = wait;
      this.waiting.set(branch, entry);
      wait();
      if (!this.socket.send(request)) entry.fail(0, 'No connection');
    });
  }

  #answered(response) {
    const branch = parameter(response.headers.get('Via'), 'branch');
    const { method } = cseqOf(response);
    const entry = this.waiting.get(branch);
    if (!entry) {
      // The 2xx of an INVITE comes again until its ACK arrives.
      if (method === 'INVITE' && response.status < 300 && response.status >= 200) {
        this.dialogs.get(response.headers.get('Call-ID'))?.acknowledgeAgain?.(response);
      }
      return;
    }
    if (response.status < 200) {
      entry.wait();
      return entry.onProvisional?.(response);
    }
    if (method === 'INVITE' && response.status >= 300) {
      const { headers } = entry.request;
      this.socket.send({
        method: 'ACK', uri: entry.request.uri, body: '',
        headers: new Headers([
          ['Via', headers.get('Via')], ['Max-Forwards', 70], ['From', headers.get('From')],
          ['To', response.headers.get('To')], ['Call-ID', headers.get('Call-ID')],
          ['CSeq', `${cseqOf(entry.request).number} ACK`]]),
      });
    }
    entry.answer(response);
  }

  #asked(request) {
    const respond = (status, reason, fields = [], body = '') => {
      const copied = ['From', 'To', 'Call-ID', 'CSeq'].map((name) => [name, request.headers.get(name)]);
      this.socket.send({
        status, reason, body,
        headers: new Headers([...request.headers.all('Via').map((via) => ['Via', via]), ...copied, ...fields]),
      });
    };
    const dialog = this.dialogs.get(request.headers.get('Call-ID'));
    if (dialog) return dialog.receive(request, respond);
    if (request.method === 'OPTIONS') return respond(200, 'OK', [['Allow', allow], ['Accept', 'application/sdp']]);
    if (request.method !== 'ACK') respond(481, 'Call/Transaction Does Not Exist');
  }

  #disconnected() { for (const entry of [...this.waiting.values()]) entry.fail(0, 'No connection'); }
}

export const allow = 'INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE, INFO, MESSAGE, NOTIFY';
