/**
 * Plays a recording: the composed film by ranges of its file, or one point's streams, which the server cuts out of the master
 * from a moment on, so that seeking there asks for another stream. Whoever shows where it is listens to `time`; times are seconds
 * of the recording.
 */
import { api, part } from '../../api.js';
import { $, make } from '../../dom.js';

/** A picture that does not come is asked for again so often before it is given up. */
const mostTries = 3;
const seekPause = 200;
/** What was watched is told at least this often, in seconds. */
const longestNote = 300;

export class Player extends EventTarget {
  /** The film, or `{ point, content }`. */
  source = null;
  #id;
  #timeline;
  #start = 0;
  #tries = 0;
  #triedAt = -1;
  #wanted = null;
  #noted = null;
  #pending;

  constructor(id, timeline, signal) {
    super();
    this.#id = id;
    this.#timeline = timeline;
    this.first = timeline.viewable.from / 1000;
    this.last = timeline.viewable.to / 1000;
    const file = (name) => `/api/v1/recordings/${part(id)}/files/${name.split('/').map(part).join('/')}`;
    this.video = make('video', { playsinline: true, preload: 'auto', ...(timeline.poster ? { poster: file(timeline.poster) } : {}) });
    this.file = file;
    const on = (name, act) => this.video.addEventListener(name, act, { signal });
    on('timeupdate', () => this.#moved());
    on('seeked', () => this.#moved());
    on('play', () => this.#tell('state'));
    on('playing', () => { this.#noted ??= this.time; this.#tell('state'); });
    on('pause', () => { this.#note(); this.#tell('state'); });
    on('waiting', () => this.#tell('state'));
    on('canplay', () => this.#tell('state'));
    on('volumechange', () => this.#tell('state'));
    on('error', () => this.#broke(this.video.error?.code === MediaError.MEDIA_ERR_SRC_NOT_SUPPORTED && this.#isFresh));
    on('ended', () => { if (this.source && this.time < this.last - 1) this.#broke(false); else this.#note(); });
    // What is locked shows nothing and plays nothing.
    const lock = new MutationObserver(() => { if ($('lock').open) this.pause(); });
    lock.observe($('lock'), { attributeFilter: ['open'] });
    addEventListener('pagehide', () => this.#note(true), { signal });
    signal.addEventListener('abort', () => {
      this.#note(true);
      lock.disconnect();
      clearTimeout(this.#pending);
      this.video.pause();
      this.video.removeAttribute('src');
      this.video.load();
    });
  }

  get time() { return Math.min(this.last, this.#wanted ?? (this.source ? this.#start + this.video.currentTime : this.video.currentTime)); }
  get isPlaying() { return !this.video.paused; }
  get isWaiting() { return this.#wanted !== null || (!this.video.paused && this.video.readyState < HTMLMediaElement.HAVE_FUTURE_DATA); }
  get #isFresh() { return this.video.currentTime === 0; }

  /** Shows the film, or one point (`content` is `slides` for what it presented), from where it is now. */
  show(source, at = this.time) {
    this.#note();
    this.source = source;
    this.#tries = 0;
    this.#load(at);
    this.#tell('source');
  }

  #load(at) {
    const play = this.isPlaying;
    const rate = this.video.playbackRate;
    const time = Math.max(this.first, Math.min(at, this.last));
    this.#wanted = time;
    if (this.source) {
      this.#start = time;
      const content = this.source.content ? `&content=${this.source.content}` : '';
      this.video.removeAttribute('poster');
      this.video.src = `/api/v1/recordings/${part(this.#id)}/points/${part(this.source.point)}/stream?from=${time.toFixed(3)}${content}`;
      this.video.addEventListener('loadeddata', () => { this.#wanted = null; this.#moved(); }, { once: true });
    } else {
      this.video.src = this.file(this.#timeline.film);
      this.video.addEventListener('loadedmetadata', () => { this.#wanted = null; this.video.currentTime = time; }, { once: true });
    }
    this.video.playbackRate = this.video.defaultPlaybackRate = rate;
    if (play) this.play();
  }

  seek(time) {
    const to = Math.max(this.first, Math.min(time, this.last));
    this.#note();
    if (!this.source) {
      if (this.#wanted !== null) return this.#load(to);
      this.video.currentTime = to;
    } else {
      // While somebody drags only the last place counts.
      this.#wanted = to;
      clearTimeout(this.#pending);
      this.#pending = setTimeout(() => { this.#tries = 0; this.#load(to); }, seekPause);
    }
    this.#tell('time');
  }

  play() { return this.video.play().catch(() => this.#tell('state')); }
  pause() { this.video.pause(); }
  toggle() { if (this.isPlaying) this.pause(); else this.play(); }

  /** A stream that ended early, was cut off while it was paused, or cannot be played. */
  #broke(isUnplayable) {
    const at = this.time;
    this.#note();
    if (Math.abs(at - this.#triedAt) > 1) this.#tries = 0;
    this.#triedAt = at;
    this.#tries += 1;
    if (isUnplayable || this.#tries > mostTries) {
      this.dispatchEvent(new CustomEvent('trouble', { detail: isUnplayable && this.source ? 'playCannot' : 'playFailed' }));
      return;
    }
    // Where one format of a stream ends another begins.
    this.#load(at + (this.source ? 0.05 : 0));
  }

  retry() {
    this.#tries = 0;
    this.#load(this.time);
    this.play();
  }

  #moved() {
    if (this.isPlaying && this.#wanted === null) {
      this.#noted ??= this.time;
      if (this.time - this.#noted > longestNote) this.#note();
    }
    this.#tell('time');
  }

  /** Tells the journal what was played since it last was told. */
  #note(keepalive = false) {
    const [from, to] = [this.#noted, this.source ? this.#start + this.video.currentTime : this.video.currentTime];
    this.#noted = null;
    if (from === null || to - from < 1) return;
    api.post(`recordings/${part(this.#id)}/viewings`,
      { source: this.source?.point ?? 'film', from: Math.round(from * 1000), to: Math.round(to * 1000) }, { background: true, keepalive }).catch(() => {});
  }

  #tell(name) { this.dispatchEvent(new Event(name)); }
}
