/**
 * The room's chat.
 */
import { locale, t } from '../language/index.js';
import { $, make, say, show } from './dom.js';

const mostShown = 500;

export class Chat {
  /** @param {(text: string) => Promise<void>} send */
  constructor(send) {
    this.send = send;
    this.unread = 0;
    $('write').addEventListener('submit', (event) => {
      event.preventDefault();
      this.#write();
    });
    $('text').addEventListener('keydown', (event) => {
      if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.#write();
    });
  }

  get isSeen() { return !$('panel').hidden && !$('chat').hidden; }

  /** A message of another's. */
  take({ name, text }) {
    this.#add(name, text, false);
    if (this.isSeen) return;
    this.unread += 1;
    this.drawUnread();
    say(t('messageFrom', { name, text }));
  }

  seen() {
    this.unread = 0;
    this.drawUnread();
    $('messages').scrollTop = $('messages').scrollHeight;
  }

  drawUnread() {
    show($('unread'), this.unread > 0);
    $('unread').textContent = this.unread > 99 ? '99+' : this.unread;
    $('unread').setAttribute('aria-label', t('unread', { count: this.unread }));
  }

  async #write() {
    const text = $('text').value.trim();
    if (!text || this.isSending) return;
    this.isSending = true;
    show($('chat-problem'), false);
    try {
      await this.send(text);
      $('text').value = '';
      this.#add(t('youShort'), text, true);
    } catch (failure) {
      $('chat-problem').textContent = t(failure.status === 480 ? 'chatTooFast' : 'chatFailed');
      show($('chat-problem'), true);
    } finally {
      this.isSending = false;
    }
  }

  #add(name, text, isOwn) {
    $('no-messages')?.remove();
    const list = $('messages');
    const isAtEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 60;
    const time = new Date().toLocaleTimeString(locale(), { hour: '2-digit', minute: '2-digit' });
    list.append(make('article', { class: isOwn ? 'message own' : 'message' },
      make('header', {}, make('b', {}, name), make('time', {}, time)), make('p', {}, text)));
    while (list.children.length > mostShown) list.firstElementChild.remove();
    if (isAtEnd || isOwn) list.scrollTop = list.scrollHeight;
  }
}
