/**
 * Papers of the meeting, for points that are invited to it. They are fetched as the point signs in, and handed to the browser
 * as files.
 */
import { locale, t } from '../language/index.js';
import { $, make, say, show } from './dom.js';

const lookEvery = 30_000;

export class Papers {
  /** @param {{room: string, domain: string}} settings @param {object} credentials of the point */
  constructor(settings, credentials) {
    this.path = `/join/${encodeURIComponent(settings.room)}/papers`;
    // RFC 7616 has the address of what is asked for; the bridge knows points by the room's.
    this.uri = `sip:${settings.room}@${settings.domain}`;
    this.credentials = credentials.anew();
    this.papers = [];
    this.onOpen = () => $('papers-dialog').showModal();
    $('open-papers').addEventListener('click', this.onOpen);
    this.#look();
    this.timer = setInterval(() => this.#look(), lookEvery);
  }

  stop() {
    clearInterval(this.timer);
    $('open-papers').removeEventListener('click', this.onOpen);
    if ($('papers-dialog').open) $('papers-dialog').close();
    show($('open-papers'), false);
  }

  async #ask(path) {
    const proof = await this.credentials.authorization('GET', this.uri);
    return fetch(path, { headers: proof ? { Authorization: proof } : {}, credentials: 'omit', cache: 'no-store' });
  }

  #take(challenge) { return Boolean(challenge) && this.credentials.take({ headers: { all: () => [challenge] } }); }

  /** Asks again where a challenge is to be answered first, or a nonce had grown old. */
  async #fetch(path) {
    const response = await this.#ask(path);
    return response.status === 401 && this.#take(response.headers.get('WWW-Authenticate')) ? this.#ask(path) : response;
  }

  async #list() {
    const first = await (await this.#fetch(this.path)).json();
    return this.#take(first.challenge) ? (await this.#fetch(this.path)).json() : first;
  }

  async #look() {
    let papers = [];
    // While the network is away, what is known stays.
    try { papers = (await this.#list()).papers ?? []; } catch { return; }
    if (JSON.stringify(papers) === JSON.stringify(this.papers)) return;
    if (papers.length > this.papers.length) say(t('papersNew', { count: papers.length }));
    this.papers = papers;
    this.draw();
  }

  draw() {
    show($('open-papers'), this.papers.length > 0);
    $('open-papers').textContent = t('papersCount', { count: this.papers.length });
    $('papers-list').replaceChildren(...this.papers.map((paper) => {
      const button = make('button', { type: 'button', class: 'button quiet' }, paper.name);
      button.addEventListener('click', () => this.#open(paper, button));
      const size = new Intl.NumberFormat(locale(), { style: 'unit', unit: 'kilobyte', maximumFractionDigits: 0 }).format(Math.max(1, paper.bytes / 1000));
      return make('li', {}, button, make('span', { class: 'hint' }, paper.hasCode ? `${size} · ${t('papersCode')}` : size));
    }));
  }

  async #open(paper, button) {
    button.disabled = true;
    show($('papers-problem'), false);
    try {
      const response = await this.#fetch(`${this.path}/${paper.id}`);
      if (!response.ok) throw new Error(String(response.status));
      const address = URL.createObjectURL(await response.blob());
      make('a', { href: address, download: paper.name }).click();
      setTimeout(() => URL.revokeObjectURL(address), 60_000);
      say(t('papersFetched', { name: paper.name }));
    } catch {
      $('papers-problem').textContent = t('papersFailed');
      show($('papers-problem'), true);
    } finally {
      button.disabled = false;
    }
  }
}
