/**
 * The meeting as it is seen and steered.
 */
import { canShareScreen, open, screen } from '../media/devices.js';
import { onLanguage, t } from '../language/index.js';
import { remembered } from '../preferences.js';
import { userOf } from '../sip/message.js';
import { arrangement } from './arrangement.js';
import { Chat } from './chat.js';
import { $, face, play, say, show } from './dom.js';
import { keypad } from './keypad.js';
import { Line } from './line.js';
import { Papers } from './papers.js';
import { Roster } from './roster.js';
import { Stage } from './stage.js';

/** An order's answer is seen in the list of points within this many milliseconds. */
const answered = 1500;

export class Room {
  /** @param {() => void} onLeave the person chose to leave */
  constructor(onLeave) {
    this.onLeave = onLeave;
    this.stage = new Stage();
    this.roster = new Roster();
    this.line = new Line();
    this.chat = new Chat((text) => this.meeting.text(text));
    this.#listen();
    onLanguage(() => this.meeting && this.draw());
  }

  /** @param {import('../meeting.js').Meeting} meeting @param {string|undefined} speaker the loudspeaker's id */
  open(meeting, speaker) {
    this.meeting = meeting;
    this.isSeen = new AbortController();
    this.isMuted = !meeting.tracks.audio;
    this.wasHeld = undefined;
    /** When each spoke last, counted. */
    this.spoken = new Map();
    document.body.classList.add('in-meeting');
    show($('meeting'), true);
    const on = (name, act) => meeting.addEventListener(name, act, { signal: this.isSeen.signal });
    on('roster', () => this.#rosterChanged());
    on('tracks', () => this.draw());
    on('state', () => this.#stateChanged());
    if (speaker && $('sound').setSinkId) $('sound').setSinkId(speaker).catch(() => {});
    this.line.start(() => this.meeting.link.peer);
    this.papers = new Papers(meeting.options.settings, meeting.options.credentials);
    this.draw();
    $('tool-mic').focus();
  }

  /** Shows the texts of a meeting, from now on. */
  read(meeting) { meeting.addEventListener('text', ({ detail }) => this.chat.take(detail)); }

  close() {
    this.isSeen?.abort();
    this.line.stop();
    this.papers?.stop();
    for (const track of Object.values(this.meeting?.tracks ?? {})) track?.stop();
    play($('sound'), null);
    show($('meeting'), false);
    show($('recorded'), false);
    $('leave-dialog').close();
    document.body.classList.remove('in-meeting');
  }

  // What is to be seen.

  /** The point's own entry in the meeting. */
  get self() {
    return [...(this.meeting.conference?.users.values() ?? [])].find((user) => this.meeting.isSelf(user.entity));
  }

  /** Nobody hears this point, whatever its own button says. */
  get isHeld() { return this.self?.status === 'muted-via-focus'; }

  get view() {
    const { conference, link, tracks } = this.meeting;
    const users = [...(conference?.users.values() ?? [])];
    const byEntity = (entity) => users.find((user) => user.entity === entity) ?? null;
    const isSelf = (entity) => this.meeting.isSelf(entity);
    // One does not see oneself: while one speaks, the bridge goes on showing who spoke before.
    if (conference?.speaker && !isSelf(conference.speaker)) this.lastSpeaker = conference.speaker;
    const others = users.filter((user) => !isSelf(user.entity));
    const isPresented = Boolean(conference?.presenter) && !isSelf(conference.presenter);
    const inSpotlight = conference?.spotlight && !isSelf(conference.spotlight) ? byEntity(conference.spotlight) : null;
    const shown = inSpotlight ?? byEntity(this.lastSpeaker) ?? (others.length === 1 ? others[0] : null);
    if (conference?.speaker && conference.speaker !== this.spokeLast) {
      this.spokeLast = conference.speaker;
      this.spoken.set(conference.speaker, this.spoken.size + Math.max(0, ...this.spoken.values()) + 1);
    }
    const { layout, use, tiles } = arrangement(conference, {
      self: this.self, users, isGallery: this.stage.isGallery, panes: link?.panes.count ?? 0, shown, isSelf, spoken: this.spoken });
    const isMany = layout !== 'speaker';
    return {
      users, isSelf, shown, layout, use, tiles, paneOf: (entity) => link?.panes.trackOf(userOf(entity)) ?? null, speaker: conference?.speaker, presenter: byEntity(conference?.presenter),
      picture: link?.pictureTrack ?? null, slides: tracks.slides ?? (isPresented ? link?.slidesTrack : null) ?? null,
      isComposed: use === 'composed' && (Boolean(conference?.isComposed) || isMany),
      isAmongTiles: use === 'composed' && isMany, self: tracks.video, isSharing: Boolean(tracks.slides),
    };
  }

  draw() {
    const { view, meeting } = this;
    meeting.arrange(view.use, view.tiles.filter((user) => !view.isSelf(user.entity)).map((user) => userOf(user.entity)));
    this.stage.draw(view);
    this.roster.draw(view);
    if (meeting.conference?.title) $('title').textContent = meeting.conference.title;
    this.#sound();
    show($('recorded'), Boolean(meeting.conference?.isRecorded));
    const isSilent = this.isMuted || this.isHeld;
    face($('tool-mic'), isSilent ? 'mic-off' : 'mic', this.isHeld ? 'held' : this.isMuted ? 'unmute' : 'mute');
    face($('tool-camera'), meeting.tracks.video ? 'camera' : 'camera-off', meeting.tracks.video ? 'cameraOff' : 'cameraOn');
    face($('tool-hand'), 'hand', meeting.isHandRaised ? 'lowerHand' : 'raiseHand');
    face($('tool-share'), 'screen', meeting.tracks.slides ? 'unshare' : 'share');
    face($('tool-layout'), this.stage.isGallery ? 'single' : 'grid', this.stage.isGallery ? 'layoutSpeaker' : 'layoutGallery');
    for (const [id, key] of [['tool-points', 'points'], ['tool-chat', 'chat'], ['tool-leave', 'leave']]) $(id).title = t(key);
    $('tool-mic').classList.toggle('is-off', isSilent);
    $('tool-camera').classList.toggle('is-off', !meeting.tracks.video);
    $('tool-hand').classList.toggle('is-on', meeting.isHandRaised);
    $('tool-share').classList.toggle('is-on', Boolean(meeting.tracks.slides));
    show($('tool-share'), canShareScreen());
    this.chat.drawUnread();
    this.papers?.draw();
  }

  /** The chair may have taken the hand down, by giving the word, and opens and shuts microphones. */
  #rosterChanged() {
    const isRaised = Boolean(this.self?.handRaised);
    if (this.wasRaised && !isRaised) this.meeting.isHandRaised = false;
    this.wasRaised = isRaised;
    if (this.self && this.isHeld !== this.wasHeld) {
      if (this.isHeld) say(t('saysHeld'));
      else if (this.wasHeld) this.#opened();
      this.wasHeld = this.isHeld;
    }
    this.draw();
  }

  #sound() {
    const track = this.meeting.link?.soundTrack ?? null;
    const element = $('sound');
    if ((element.srcObject?.getTracks()[0] ?? null) === track) return;
    element.srcObject = track ? new MediaStream([track]) : null;
    element.play().catch((error) => error.name === 'NotAllowedError' && this.#banner('soundBlocked', () => {
      element.play().then(() => this.#banner(null)).catch(() => {});
    }));
  }

  #stateChanged() {
    const isAway = this.meeting.state === 'reconnecting';
    if (isAway) this.#banner('reconnecting');
    else if (this.wasAway) {
      this.#banner('reconnected');
      setTimeout(() => this.meeting.state === 'in' && this.#banner(null), 3000);
    }
    this.wasAway = isAway;
    this.draw();
  }

  #banner(key, act) {
    const banner = $('banner');
    banner.replaceChildren();
    if (key && act) {
      const button = document.createElement('button');
      button.type = 'button';
      button.textContent = t(key);
      button.addEventListener('click', act);
      banner.append(button);
    } else if (key) {
      banner.textContent = t(key);
    }
    show(banner, Boolean(key));
  }

  // What is steered.

  #listen() {
    const click = (id, act) => $(id).addEventListener('click', act);
    click('tool-mic', () => (this.isHeld ? this.#ask() : this.#mute()));
    click('tool-camera', () => this.#camera());
    click('tool-hand', () => this.#hand());
    click('tool-share', () => this.#share());
    click('tool-layout', () => {
      this.stage.isGallery = !this.stage.isGallery;
      // What this page shows by itself first, so that nothing is composed for it in between.
      this.draw();
      this.meeting.setLayout(this.stage.isGallery ? 'gallery' : 'speaker').catch(() => this.#complain('layoutFailed'));
    });
    click('tool-points', () => this.#panel('points'));
    click('tool-chat', () => this.#panel('chat'));
    click('tab-points', () => this.#tab('points'));
    click('tab-chat', () => this.#tab('chat'));
    click('close-panel', () => this.#closePanel());
    click('tool-leave', () => $('leave-dialog').showModal());
    $('leave-dialog').addEventListener('close', ({ target }) => {
      if (target.returnValue === 'yes') this.onLeave();
      target.returnValue = '';
    });
    $('panel').addEventListener('keydown', ({ key }) => key === 'Escape' && this.#closePanel());
    $('tabs').addEventListener('keydown', (event) => {
      if (!['ArrowLeft', 'ArrowRight', 'Home', 'End'].includes(event.key)) return;
      event.preventDefault();
      this.#tab($('points').hidden ? 'points' : 'chat', true);
    });
    keypad((key) => this.meeting.key(key));
    arrows(document.querySelector('.tools'));
  }

  #opened() {
    say(t(this.isMuted ? 'openedButMuted' : 'opened'));
    if (this.isMuted) this.#banner('openedButMuted', () => this.#mute().then(() => this.#banner(null)));
  }

  /** The bridge opens a microphone that it holds where the meeting lets points do so themselves (key *6). */
  async #ask() {
    if (this.isMuted) await this.#mute();
    for (const key of '*6') await this.meeting.key(key).catch(() => {});
    setTimeout(() => this.isHeld && this.meeting.state === 'in' && this.#complain('heldByChair'), answered);
  }

  async #mute() {
    const { meeting } = this;
    if (!meeting.tracks.audio) {
      try {
        await meeting.setSound(await open('audio', remembered('audio') === 'none' ? undefined : remembered('audio')));
      } catch (failure) {
        return this.#complain(`${failure.kind ?? 'unknown'}_audio`);
      }
      this.isMuted = false;
    } else {
      this.isMuted = !this.isMuted;
    }
    meeting.tracks.audio.enabled = !this.isMuted;
    say(t(this.isMuted ? 'saysMuted' : 'saysUnmuted'));
    this.draw();
  }

  /** The camera is let go, not only hidden: its light goes out. */
  async #camera() {
    const { meeting } = this;
    if (meeting.tracks.video) {
      meeting.tracks.video.stop();
      await meeting.setCamera(null);
    } else {
      try {
        await meeting.setCamera(await open('video', remembered('video') === 'none' ? undefined : remembered('video')));
      } catch (failure) {
        return this.#complain(`${failure.kind ?? 'unknown'}_video`);
      }
    }
    say(t(meeting.tracks.video ? 'saysCameraOn' : 'saysCameraOff'));
    this.draw();
  }

  async #hand() {
    try {
      await this.meeting.raiseHand(!this.meeting.isHandRaised);
      say(t(this.meeting.isHandRaised ? 'saysHandUp' : 'saysHandDown'));
    } catch {
      this.#complain('handFailed');
    }
    this.draw();
  }

  async #share() {
    const { meeting } = this;
    try {
      if (meeting.tracks.slides) {
        meeting.tracks.slides.stop();
        await meeting.setSlides(null);
      } else {
        const track = await screen();
        if (!track) return;
        // The browser has a button of its own to stop it.
        track.onended = () => meeting.tracks.slides === track && this.#share();
        await meeting.setSlides(track);
      }
    } catch {
      meeting.tracks.slides?.stop();
      meeting.tracks.slides = null;
      this.#complain('shareFailed');
    }
    this.draw();
  }

  #complain(key) {
    this.#banner(key);
    setTimeout(() => this.meeting.state === 'in' && this.#banner(null), 6000);
    this.draw();
  }

  #panel(name) {
    const isShown = !$('panel').hidden && !$(name).hidden;
    if (isShown) return this.#closePanel();
    this.opener = $(`tool-${name}`);
    show($('panel'), true);
    this.#tab(name);
    (name === 'chat' ? $('text') : $('tab-points')).focus();
  }

  #tab(name, isFocused = false) {
    for (const each of ['points', 'chat']) {
      const isChosen = each === name;
      show($(each), isChosen);
      $(`tab-${each}`).setAttribute('aria-selected', String(isChosen));
      $(`tab-${each}`).tabIndex = isChosen ? 0 : -1;
      $(`tool-${each}`).setAttribute('aria-expanded', String(isChosen));
    }
    if (name === 'chat') this.chat.seen();
    if (isFocused) $(`tab-${name}`).focus();
  }

  #closePanel() {
    show($('panel'), false);
    for (const each of ['points', 'chat']) $(`tool-${each}`).setAttribute('aria-expanded', 'false');
    this.opener?.focus();
  }
}

/** Left and right walk through a toolbar, which is one stop of the Tab key (WAI-ARIA, toolbar pattern). */
function arrows(toolbar) {
  const all = () => [...toolbar.querySelectorAll('button')].filter((button) => !button.hidden);
  const settle = (chosen) => all().forEach((button) => { button.tabIndex = button === chosen ? 0 : -1; });
  settle(all()[0]);
  toolbar.addEventListener('focusin', ({ target }) => settle(target));
  toolbar.addEventListener('keydown', (event) => {
    const buttons = all();
    const at = buttons.indexOf(document.activeElement);
    const next = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: buttons.length - 1 }[event.key];
    if (next === undefined || at < 0) return;
    event.preventDefault();
    buttons[(next + buttons.length) % buttons.length].focus();
  });
}
