/**
 * What is known of a conference, put together from full and partial documents (RFC 4575 §4.6).
 *
 * @typedef {{entity: string, name: string, handRaised: Date|null, endpoints: Map<string, string|undefined>,
 *   status: string|undefined, place: number, layout: string|undefined, chosen: string[]}} User `endpoints`: the status of each;
 *   `place`: in the order of protocol; `layout`: the chair's choice for this one alone, and whom it chose for that
 */
const own = 'urn:causeway:params:xml:ns:conference';

// Documents are data: nothing in them is ever put into the page as markup.
const policy = globalThis.trustedTypes?.createPolicy('conference-info', { createHTML: (text) => text });

const child = (element, name) => [...(element?.children ?? [])].find((each) => each.localName === name);
const text = (element, name) => child(element, name)?.textContent ?? undefined;
const ownText = (element, name) =>
  [...(element?.children ?? [])].find((each) => each.localName === name && each.namespaceURI === own)?.textContent;

const ownTexts = (element, name) =>
  [...(element?.children ?? [])].filter((each) => each.localName === name && each.namespaceURI === own).map((each) => each.textContent);

export class Conference {
  constructor() { this.#clear(); }

  #clear() {
    this.version = -1;
    this.title = undefined;
    this.isActive = false;
    this.isRecorded = false;
    /** @type {string|undefined} the entity of who speaks */
    this.speaker = undefined;
    /** @type {string|undefined} the entity of whom all see */
    this.spotlight = undefined;
    /** @type {string|undefined} what all see, where the chair chose it */
    this.layout = undefined;
    /** @type {string[]} entities of whom the chair chose to be seen, in this order */
    this.chosen = [];
    this.isComposed = false;
    this.presenter = undefined;
    /** @type {Map<string, User>} by entity, in the order of joining */
    this.users = new Map();
  }

  /** @returns {boolean} false where something before this document is missing, or it cannot be read */
  take(body) {
    const document = new DOMParser().parseFromString(policy ? policy.createHTML(body) : body, 'application/xml');
    const root = document.documentElement;
    if (root.localName !== 'conference-info') return false;
    const version = Number(root.getAttribute('version'));
    const state = root.getAttribute('state') ?? 'full';
    if (version <= this.version) return true;
    if (state === 'partial' && version !== this.version + 1) return false;
    if (state === 'full' || state === 'deleted') this.#clear();
    this.version = version;
    const description = child(root, 'conference-description');
    if (description) this.title = text(description, 'display-text');
    const standing = child(root, 'conference-state');
    if (standing) {
      this.isActive = text(standing, 'active') === 'true';
      this.speaker = ownText(standing, 'speaker');
      this.spotlight = ownText(standing, 'spotlight');
      this.layout = ownText(standing, 'layout');
      this.chosen = ownTexts(standing, 'chosen');
      this.isComposed = ownText(standing, 'composed') === 'true';
      this.presenter = ownText(standing, 'presenter');
      this.isRecorded = ownText(standing, 'recorded') === 'true';
    }
    const users = child(root, 'users');
    if (users) this.#takeUsers(users);
    return true;
  }

  #takeUsers(users) {
    if ((users.getAttribute('state') ?? 'full') === 'full') this.users.clear();
    for (const user of users.children) {
      if (user.localName !== 'user') continue;
      const entity = user.getAttribute('entity') ?? '';
      const state = user.getAttribute('state') ?? 'full';
      if (state === 'deleted') {
        this.users.delete(entity);
      } else if (state === 'full') {
        const raised = ownText(user, 'hand-raised');
        this.users.set(entity, withEndpoints(user, {
          entity, name: text(user, 'display-text') ?? entity, handRaised: raised ? new Date(raised) : null, endpoints: new Map(),
          place: Number(ownText(user, 'place') ?? Infinity), layout: ownText(user, 'layout'), chosen: ownTexts(user, 'chosen'),
        }));
      } else if (this.users.has(entity)) {
        // All that the bridge tells of in part are endpoints.
        withEndpoints(user, this.users.get(entity));
      }
    }
  }
}

/** Who is heard by one of its endpoints is heard. */
function withEndpoints(element, user) {
  for (const endpoint of element.children) {
    if (endpoint.localName !== 'endpoint') continue;
    const entity = endpoint.getAttribute('entity') ?? '';
    if (endpoint.getAttribute('state') === 'deleted') user.endpoints.delete(entity);
    else user.endpoints.set(entity, text(endpoint, 'status') ?? user.endpoints.get(entity));
  }
  const all = [...user.endpoints.values()];
  user.status = all.includes('connected') ? 'connected' : all[0];
  return user;
}
