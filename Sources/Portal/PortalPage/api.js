/**
 * Asks the portal's API below `/api/v1`. What is refused is thrown as `Refused`, with words for the person.
 */
import { language, t } from './language.js';

export class Refused extends Error {
  constructor(status, body) {
    super((language() === 'vi' && body?.vietnamese) || [body?.error, body?.hint].filter(Boolean).join(' ') || t('offline'));
    this.status = status;
    this.code = body?.code;
    this.body = body;
  }
}

let csrf = '';
let onLocked = () => {};
let onGone = () => {};

/** The session's token, and what to do when the session is locked or over. */
export function attach(token, handlers = {}) {
  csrf = token;
  onLocked = handlers.locked ?? onLocked;
  onGone = handlers.gone ?? onGone;
}

async function ask(method, path, { body, raw, type, signal, background, isSigningIn, accept, keepalive, as = 'json' } = {}) {
  const headers = {};
  if (method !== 'GET') headers['X-CSRF-Token'] = csrf;
  if (accept) headers.Accept = accept;
  if (background) headers['X-Causeway-Background'] = '1';
  if (raw !== undefined) headers['Content-Type'] = type ?? 'application/octet-stream';
  else if (body !== undefined) headers['Content-Type'] = 'application/json';
  let response;
  try {
    response = await fetch(`/api/v1/${path}`, { method, headers, signal, keepalive, cache: 'no-store', body: raw ?? (body === undefined ? undefined : JSON.stringify(body)) });
  } catch (error) {
    if (error.name === 'AbortError') throw error;
    throw new Refused(0, null);
  }
  if (!response.ok) {
    const refused = new Refused(response.status, await response.json().catch(() => null));
    if (response.status === 401 && !isSigningIn) (refused.code === 'locked' ? onLocked : onGone)();
    throw refused;
  }
  if (response.status === 204) return null;
  if (as === 'text') return response.text();
  if (as === 'lines') return linesOf(response);
  return as === 'blob' ? response.blob() : response.json();
}

/** What comes line by line, each JSON. */
async function* linesOf(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    const { value, done } = await reader.read();
    const lines = (rest + (value ?? '')).split('\n');
    rest = done ? '' : lines.pop();
    for (const line of lines) if (line) yield JSON.parse(line);
    if (done) return;
  }
}

export const api = {
  get: (path, options) => ask('GET', path, options),
  put: (path, body, options) => ask('PUT', path, { body, ...options }),
  post: (path, body, options) => ask('POST', path, { body, ...options }),
  /** Sends a file as it is. */
  send: (path, raw, type, options) => ask('POST', path, { raw, type, ...options }),
  remove: (path, options) => ask('DELETE', path, options),
};

/** One part of a path, or one value of a query. */
export const part = (text) => encodeURIComponent(text);
