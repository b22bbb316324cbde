/**
 * Before the meeting: camera, microphone and loudspeakers are tried, and the point says who it is.
 */
import { Invitation, Password } from '../sip/digest.js';
import { list, open } from '../media/devices.js';
import { Meter, playTone } from '../media/sound.js';
import { locale, onLanguage, t, has } from '../language/index.js';
import { forgetInvitation, remember, remembered } from '../preferences.js';
import { $, make, play, show } from './dom.js';

const none = 'none';
const openWithin = 4_000;
const kinds = {
  video: { select: 'camera', problem: 'camera-problem', devices: 'videoinput', without: 'noCamera' },
  audio: { select: 'microphone', problem: 'microphone-problem', devices: 'audioinput', without: 'noMicrophone' },
};

export class Check {
  /**
   * @param {object} settings the room's
   * @param {string|undefined} invitation
   * @param {(entry: {credentials: object, username: string, audio: ?MediaStreamTrack, video: ?MediaStreamTrack,
   *   speaker: string|undefined}) => Promise<void>} enter throws a failure with a `status`
   */
  constructor(settings, invitation, enter) {
    this.settings = settings;
    this.invitation = invitation ? new Invitation(invitation) : null;
    this.enter = enter;
    this.tracks = { audio: null, video: null };
    this.problems = { audio: null, video: null };
    for (const kind of Object.keys(kinds)) {
      $(kinds[kind].select).addEventListener('change', ({ target }) => {
        remember(kind, target.value);
        this.#open(kind);
      });
    }
    $('speaker').addEventListener('change', ({ target }) => remember('speaker', target.value));
    $('devices-retry').addEventListener('click', () => this.start());
    $('tone').addEventListener('click', () => this.#tone());
    $('show').addEventListener('click', () => this.#showPassword());
    $('use-password').addEventListener('click', () => this.#forget());
    $('sign-in').addEventListener('submit', (event) => {
      event.preventDefault();
      this.#join();
    });
    for (const id of ['name', 'password']) $(id).addEventListener('input', () => $(id).removeAttribute('aria-invalid'));
    navigator.mediaDevices?.addEventListener('devicechange', () => this.#list());
    onLanguage(() => this.#draw());
    $('name').value = remembered('name') ?? '';
  }

  async start() {
    show($('check'), true);
    this.#draw();
    this.opening = Promise.all([this.#open('video'), this.#open('audio')]);
    await this.opening;
    await this.#list();
  }

  /** Takes everything off; the tracks go on into the meeting. */
  leave() {
    show($('check'), false);
    this.isLeft = true;
    this.meter?.stop();
    play($('preview'), null);
  }

  async #open(kind) {
    const chosen = $(kinds[kind].select).value || remembered(kind);
    this.tracks[kind]?.stop();
    this.tracks[kind] = null;
    this.problems[kind] = null;
    if (chosen !== none) {
      try {
        const track = await open(kind, chosen);
        // Whoever joined meanwhile turns it on there.
        if (this.isLeft) return track.stop();
        this.tracks[kind] = track;
      } catch (failure) {
        this.problems[kind] = failure.kind ?? 'unknown';
      }
    }
    if (kind === 'audio') this.#measure();
    this.#draw();
  }

  #measure() {
    this.meter?.stop();
    this.meter = this.tracks.audio ? new Meter(this.tracks.audio) : null;
    const { meter } = this;
    const draw = () => {
      if (meter !== this.meter || this.isLeft) return;
      $('level').style.transform = `scaleX(${meter ? meter.level.toFixed(3) : 0})`;
      if (meter) requestAnimationFrame(draw);
    };
    draw();
  }

  async #list() {
    const found = await list();
    for (const [kind, { select, devices, without }] of Object.entries(kinds)) {
      const current = this.tracks[kind]?.getSettings().deviceId ?? (remembered(kind) === none ? none : undefined);
      this.#fill($(select), found[devices], [[none, t(without)]], current ?? none);
    }
    const speakers = found.audiooutput.filter((each) => each.id !== '' && each.id !== 'default');
    this.#fill($('speaker'), speakers, [['', t('defaultSpeaker')]], remembered('speaker') ?? '');
  }

  #fill(select, devices, others, current) {
    const options = devices.map((device, index) => make('option', { value: device.id },
      device.label || t('unnamedDevice', { number: index + 1 })));
    const fixed = others.map(([value, words]) => make('option', { value }, words));
    select.replaceChildren(...(select.id === 'speaker' ? [...fixed, ...options] : [...options, ...fixed]));
    select.value = current;
    if (select.selectedIndex < 0) select.value = others[0][0];
  }

  #draw() {
    const insecure = Object.values(this.problems).includes('insecure');
    for (const [kind, { problem }] of Object.entries(kinds)) {
      const reason = this.problems[kind];
      const isSaid = reason && !(insecure && kind === 'audio');
      show($(problem), Boolean(isSaid));
      $(problem).textContent = isSaid ? t(reason === 'insecure' ? reason : `${reason}_${kind}`) : '';
    }
    show($('devices-retry'), Boolean(this.problems.audio || this.problems.video) && !insecure);
    play($('preview'), this.tracks.video);
    $('preview-note').textContent = this.tracks.video ? '' : t('cameraOffPreview');
    for (const each of document.querySelectorAll('#check option')) {
      if (each.value === none) each.textContent = t(each.parentElement.id === 'camera' ? 'noCamera' : 'noMicrophone');
      if (each.value === '') each.textContent = t('defaultSpeaker');
    }
    show($('invited'), Boolean(this.invitation));
    show($('by-password'), !this.invitation);
    if (this.invitation) {
      $('invited-name').textContent = this.invitation.username ?? '—';
      const { expires } = this.invitation;
      $('invited-until').textContent = expires
        ? t('invitedUntil', { time: expires.toLocaleString(locale(), { dateStyle: 'short', timeStyle: 'short' }) }) : '';
    }
    const obstacle = this.settings.webSocket ? this.settings.isOpen ? null : 'roomClosed' : 'noWebSocket';
    if (obstacle) this.#fail(t(obstacle));
    $('join').disabled = this.isJoining || obstacle === 'noWebSocket';
    $('join').textContent = t(this.isJoining ? 'joining' : 'join');
    const isShown = $('password').type === 'text';
    $('show').setAttribute('aria-label', t(isShown ? 'hidePassword' : 'showPassword'));
    if (this.failure) this.#fail(this.failure());
  }

  async #tone() {
    $('tone').disabled = true;
    $('tone').textContent = t('testingSpeaker');
    await playTone($('speaker').value).catch(() => {});
    $('tone').disabled = false;
    $('tone').textContent = t('testSpeaker');
  }

  #showPassword() {
    const isShown = $('password').type === 'password';
    $('password').type = isShown ? 'text' : 'password';
    $('show').setAttribute('aria-pressed', String(isShown));
    this.#draw();
  }

  #forget() {
    forgetInvitation(this.settings.room);
    this.invitation = null;
    this.failure = null;
    this.#fail('');
    this.#draw();
    $('name').focus();
  }

  #fail(words) {
    show($('failure'), Boolean(words));
    if ($('failure').textContent !== words) $('failure').textContent = words;
  }

  /** What a call from here takes along. */
  get media() { return { ...this.tracks, speaker: $('speaker').value || undefined }; }

  /** @returns {?{credentials: object, username: string}} null where something is missing, which is said */
  entry() {
    if (this.invitation) return { credentials: this.invitation, username: this.invitation.username ?? '' };
    const username = $('name').value.trim();
    const password = $('password').value;
    const missing = !username ? 'name' : !password ? 'password' : null;
    if (missing) {
      this.failure = () => t(`${missing}Missing`);
      this.#fail(this.failure());
      $(missing).setAttribute('aria-invalid', 'true');
      $(missing).focus();
      return null;
    }
    return { credentials: new Password(username, password), username };
  }

  async #join() {
    if (this.isJoining) return;
    const entry = this.entry();
    if (!entry) return;
    this.failure = null;
    this.#fail('');
    this.isJoining = true;
    this.#draw();
    try {
      // Whoever is quick shall not come in mute; whoever has not answered the browser yet is not waited for.
      await Promise.race([this.opening, new Promise((resolve) => setTimeout(resolve, openWithin))]);
      await this.enter({ ...entry, ...this.media });
      if (!this.invitation) remember('name', entry.username);
    } catch (failure) {
      this.failure = () => this.words(failure);
      if (failure.status === 401 && !this.invitation) $('password').setAttribute('aria-invalid', 'true');
    } finally {
      this.isJoining = false;
      this.#draw();
      if (this.failure) ($('by-password').hidden ? $('join') : $('password')).focus();
    }
  }

  /** Why a call came to nothing. */
  words(failure) {
    if (failure.status === undefined) console.warn(failure);
    const isMany = failure.status === 403 && /many/i.test(failure.reason ?? '');
    const isToken = failure.status === 403 && /invitation/i.test(failure.reason ?? '');
    const key = `failure_${failure.status}`;
    const candidates = [isMany && `${key}_many`, this.invitation && (failure.status === 401 || isToken) && `${key}_invitation`,
      key].filter(Boolean);
    const found = candidates.find(has);
    return found ? t(found) : t('failure_other', { status: failure.status ?? '—' });
  }
}
