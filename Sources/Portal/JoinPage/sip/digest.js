/**
 * Digest access authentication with SHA-256 (RFC 7616, RFC 8760), and invitations as bearer tokens (RFC 8898).
 */
import { token } from './message.js';

async function sha256(text) {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
  return Array.from(new Uint8Array(digest), (octet) => octet.toString(16).padStart(2, '0')).join('');
}

/** Reads `Digest realm="…", nonce="…"`. Null for any other scheme. */
export function challenge(value) {
  if (!/^\s*Digest\s/i.test(value)) return null;
  const found = {};
  for (const match of value.replace(/^\s*Digest\s+/i, '').matchAll(/([a-z]+)\s*=\s*(?:"((?:\\.|[^"\\])*)"|([^\s,"]+))/gi)) {
    found[match[1].toLowerCase()] = match[2]?.replace(/\\(.)/g, '$1') ?? match[3];
  }
  return found.realm !== undefined && found.nonce !== undefined ? found : null;
}

const quote = (text) => `"${text.replace(/(["\\])/g, '\\$1')}"`;

/** A name and its password: answers challenges, and goes on with the last one's nonce while it holds. */
export class Password {
  /** The same for another server, whose challenges are its own. */
  anew() { return new Password(this.username, this.password); }

  constructor(username, password) {
    this.username = username;
    this.password = password;
    this.current = null;
    this.count = 0;
  }

  /**
   * Takes the challenge of a 401.
   * @returns {boolean} whether it can be answered
   */
  take(response) {
    const found = response.headers.all('WWW-Authenticate').map(challenge)
      .find((each) => each?.algorithm?.toUpperCase() === 'SHA-256' && /(^|,)\s*auth\s*(,|$)/i.test(each.qop ?? ''));
    if (!found) return false;
    this.current = found;
    this.count = 0;
    return true;
  }

  /** What `Authorization` is to say of a request; undefined before a challenge. */
  async authorization(method, uri) {
    if (!this.current) return undefined;
    const { realm, nonce, opaque } = this.current;
    this.count += 1;
    const count = this.count.toString(16).padStart(8, '0');
    const clientNonce = token(20);
    const [mine, asked] = await Promise.all([
      sha256(`${this.username}:${realm}:${this.password}`), sha256(`${method}:${uri}`)]);
    const response = await sha256(`${mine}:${nonce}:${count}:${clientNonce}:auth:${asked}`);
    return `Digest username=${quote(this.username)}, realm=${quote(realm)}, nonce=${quote(nonce)}, uri=${quote(uri)}, `
      + `response="${response}", algorithm=SHA-256, cnonce="${clientNonce}", qop=auth, nc=${count}`
      + (opaque === undefined ? '' : `, opaque=${quote(opaque)}`);
  }
}

/** An invitation; there is nothing to answer a challenge with but the same again. */
export class Invitation {
  constructor(text) {
    this.text = text;
    Object.assign(this, Invitation.read(text));
  }

  /** Who is invited, whereto and until when, as the token says it; only the bridge can tell whether that is true. */
  static read(text) {
    try {
      const packed = atob(text.split('.')[0].replace(/-/g, '+').replace(/_/g, '/'));
      const octets = Uint8Array.from(packed, (character) => character.charCodeAt(0));
      const expires = new Date(Number(new DataView(octets.buffer).getBigUint64(1)) * 1000);
      const names = [];
      for (let at = 9; at < octets.length; at += 1 + octets[at]) {
        names.push(new TextDecoder().decode(octets.slice(at + 1, at + 1 + octets[at])));
      }
      return names.length === 2 ? { username: names[0], room: names[1], expires } : {};
    } catch {
      return {};
    }
  }

  anew() { return this; }
  take() { return false; }
  async authorization() { return `Bearer ${this.text}`; }
}
