/**
 * The state of one dialog (RFC 3261 §12): both ends, the numbers, the route.
 */
import { address, cseqOf, parameter, token } from './message.js';

export class Dialog {
  /** @param {import('./agent.js').Agent} agent @param {string} target the URI that is called */
  constructor(agent, target) {
    this.agent = agent;
    this.callID = `${token(24)}@${agent.host}`;
    this.localTag = token(10);
    this.remoteTag = undefined;
    this.target = target;
    this.remote = `<${target}>`;
    this.routes = [];
    this.number = Math.floor(Math.random() * 1000) + 1;
    this.remoteNumber = -1;
  }

  get isConfirmed() { return this.remoteTag !== undefined; }

  fields(method, number) {
    return [
      ...this.routes.map((route) => ['Route', route]),
      ['From', `${this.agent.identity};tag=${this.localTag}`],
      ['To', this.remoteTag === undefined ? this.remote : `${this.remote};tag=${this.remoteTag}`],
      ['Call-ID', this.callID], ['CSeq', `${number} ${method}`],
    ];
  }

  /** Sends a request within the dialog, or the one that makes it. */
  async request(method, extra = [], body = '', onProvisional = undefined) {
    let number = this.number;
    const fields = this.fields(method, 0).filter(([name]) => name !== 'CSeq');
    const response = await this.agent.request(method, this.target, [...fields, ...extra], (headers) => {
      this.number += 1;
      number = this.number;
      headers.set('CSeq', `${number} ${method}`);
    }, body, onProvisional);
    return { response, number };
  }

  /** A 2xx confirms the dialog, or may move its target. */
  confirm(response) {
    const contact = response.headers.get('Contact');
    if (!this.isConfirmed) {
      this.remoteTag = parameter(response.headers.get('To'), 'tag') ?? '';
      this.routes = response.headers.all('Record-Route').flatMap((each) => each.split(/,\s*(?=<)/)).reverse();
    }
    if (contact) this.target = address(contact).uri;
  }

  acknowledge(number, body = '') {
    const type = body ? [['Content-Type', 'application/sdp']] : [];
    this.agent.push('ACK', this.target, [...this.fields('ACK', number), ...type], body);
  }

  /** Whether a request of the other end belongs here and comes in order (§12.2.2). */
  accepts(request) {
    if (parameter(request.headers.get('To'), 'tag') !== this.localTag) return false;
    const { number, method } = cseqOf(request);
    if (method === 'ACK') return true;
    if (number <= this.remoteNumber) return false;
    this.remoteNumber = number;
    return true;
  }
}
