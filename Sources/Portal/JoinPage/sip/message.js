/**
 * SIP messages (RFC 3261 §7), as text in WebSocket messages (RFC 7118 §5). Parsing never throws: what is not SIP is null.
 *
 * @typedef {{name: string, value: string}} Field
 * @typedef {{method: string, uri: string, headers: Headers, body: string}} SipRequest
 * @typedef {{status: number, reason: string, headers: Headers, body: string}} SipResponse
 */

const compact = {
  v: 'Via', f: 'From', t: 'To', i: 'Call-ID', m: 'Contact', l: 'Content-Length', c: 'Content-Type', s: 'Subject',
  k: 'Supported', o: 'Event', u: 'Allow-Events', x: 'Session-Expires', r: 'Refer-To', e: 'Content-Encoding',
};

/** Header fields in their order; names compare without case. */
export class Headers {
  /** @param {Array<[string, string|number|undefined|null]>} fields those without a value are left out */
  constructor(fields = []) {
    /** @type {Field[]} */
    this.fields = [];
    for (const [name, value] of fields) if (value !== undefined && value !== null) this.add(name, String(value));
  }

  add(name, value) {
    // Nothing that a person typed can end a line.
    this.fields.push({ name: compact[name.toLowerCase()] ?? name, value: value.replace(/[\r\n]+/g, ' ') });
  }

  all(name) {
    const wanted = name.toLowerCase();
    return this.fields.filter((field) => field.name.toLowerCase() === wanted).map((field) => field.value);
  }

  /** The first value, or undefined. */
  get(name) { return this.all(name)[0]; }

  set(name, value) {
    const wanted = name.toLowerCase();
    this.fields = this.fields.filter((field) => field.name.toLowerCase() !== wanted);
    this.add(name, String(value));
  }
}

const longest = 256 * 1024;

/** @returns {SipRequest|SipResponse|null} */
export function parse(text) {
  if (typeof text !== 'string' || text.length > longest) return null;
  const end = text.indexOf('\r\n\r\n');
  if (end < 0) return null;
  const lines = text.slice(0, end).replace(/\r\n[ \t]+/g, ' ').split('\r\n');
  const headers = new Headers();
  for (const line of lines.slice(1)) {
    const colon = line.indexOf(':');
    if (colon < 1) return null;
    headers.add(line.slice(0, colon).trim(), line.slice(colon + 1).trim());
  }
  const body = text.slice(end + 4);
  const response = /^SIP\/2\.0 ([1-6]\d\d) ?(.*)$/.exec(lines[0]);
  if (response) return { status: Number(response[1]), reason: response[2], headers, body };
  const request = /^([A-Z]+) (\S+) SIP\/2\.0$/.exec(lines[0]);
  return request ? { method: request[1], uri: request[2], headers, body } : null;
}

/** @param {SipRequest|SipResponse} message */
export function serialise(message) {
  const first = 'status' in message
    ? `SIP/2.0 ${message.status} ${message.reason}` : `${message.method} ${message.uri} SIP/2.0`;
  const fields = message.headers.fields.filter((field) => field.name.toLowerCase() !== 'content-length')
    .map((field) => `${field.name}: ${field.value}`);
  const size = new TextEncoder().encode(message.body).length;
  return [first, ...fields, `Content-Length: ${size}`, '', message.body].join('\r\n');
}

/** The method of the transaction that a message belongs to, and its number. */
export function cseqOf(message) {
  const match = /^(\d+)\s+([A-Z]+)$/.exec(message.headers.get('CSeq') ?? '');
  return match ? { number: Number(match[1]), method: match[2] } : { number: -1, method: '' };
}

/** A parameter behind an address or a header's value, such as a tag or a branch. */
export function parameter(value, name) {
  const outside = (value ?? '').replace(/"(?:\\.|[^"\\])*"/g, '').replace(/<[^>]*>/g, '');
  const match = new RegExp(`;\\s*${name}\\s*=\\s*([^;,\\s]+)`, 'i').exec(outside);
  return match?.[1];
}

/** Splits `"Sở Y tế" <sip:soyte@example.vn>;tag=1` (RFC 3261 §20.10). */
export function address(value) {
  const match = /^\s*(?:"((?:\\.|[^"\\])*)"|([^<"]*?))\s*<([^>]*)>/.exec(value ?? '');
  if (!match) return { name: '', uri: (value ?? '').split(';')[0].trim() };
  return { name: (match[1]?.replace(/\\(.)/g, '$1') ?? match[2] ?? '').trim(), uri: match[3] };
}

/** The part of a SIP URI before `@`. */
export function userOf(uri) { return /^sips?:([^@;?]+)@/i.exec(uri ?? '')?.[1] ?? ''; }

/** So many characters that nobody can guess. */
export function token(count = 16) {
  const octets = crypto.getRandomValues(new Uint8Array(count));
  return Array.from(octets, (octet) => (octet % 36).toString(36)).join('');
}
