/**
 * Sound and pictures to and from the bridge: one bundle of a microphone, a camera, slides and panes for others' cameras
 * (RFC 8843). The call carries the descriptions; this makes and takes them.
 */
import { Panes } from './panes.js';

const gatherWithin = 500;
const lookEvery = 1_000;
/** A picture that has stood still for so long is none. */
const stillFor = 4_000;
const roles = ['main', 'slides'];
/** What the bridge passes on in panes: each says all that it takes, and an offer is to stay short. */
const inPanes = ({ mimeType, sdpFmtpLine = '' }) => ['video/VP8', 'video/rtx'].includes(mimeType)
  || (mimeType === 'video/H264' && /profile-level-id=(42e0|640c|6400)/i.test(sdpFmtpLine));
/** The camera in three sizes at once: the bridge passes on to each point what its line carries. */
const sizes = [
  { rid: 'q', scaleResolutionDownBy: 4, maxBitrate: 150_000 },
  { rid: 'h', scaleResolutionDownBy: 2, maxBitrate: 500_000 },
  { rid: 'f', maxBitrate: 1_700_000 },
];

export class Link extends EventTarget {
  /**
   * Events: `tracks` when what comes in is another, `state` when the way through the network is.
   * @param {{audio: MediaStreamTrack|null, video: MediaStreamTrack|null}} tracks
   * @param {number} panes how many cameras of others are shown as they come, at most
   */
  constructor({ audio, video }, panes = 0) {
    super();
    this.peer = new RTCPeerConnection({ bundlePolicy: 'max-bundle', rtcpMuxPolicy: 'require' });
    this.sound = this.peer.addTransceiver(audio ?? 'audio', { direction: 'sendrecv' });
    this.camera = this.peer.addTransceiver(video ?? 'video', { direction: 'sendrecv', sendEncodings: sizes });
    this.slides = this.peer.addTransceiver('video', { direction: 'recvonly' });
    const known = RTCRtpReceiver.getCapabilities('video')?.codecs.filter(inPanes) ?? [];
    this.panes = new Panes(Array.from({ length: panes }, () => {
      const pane = this.peer.addTransceiver('video', { direction: 'recvonly' });
      pane.setCodecPreferences?.(known);
      return pane;
    }));
    this.panes.addEventListener('change', () => this.#changed());
    this.peer.ontrack = ({ track }) => {
      for (const name of ['onmute', 'onunmute', 'onended']) track[name] = () => this.#changed();
      this.#changed();
    };
    this.frames = { count: -1, at: 0 };
    this.isStill = true;
    this.looking = setInterval(() => this.#lookForFrames(), lookEvery);
    this.peer.onconnectionstatechange = () => this.dispatchEvent(new Event('state'));
  }

  get state() { return this.peer.connectionState; }
  /** @returns {Promise<boolean>} whether the way through the network opens within so many milliseconds */
  async connects(within) {
    const end = performance.now() + within;
    while (this.state !== 'connected' && this.state !== 'closed' && performance.now() < end) {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    return this.state === 'connected';
  }

  get soundTrack() { return this.sound.receiver.track; }
  get pictureTrack() { return this.isStill ? null : live(this.camera); }
  get slidesTrack() { return live(this.slides); }

  setSound(track) { return this.sound.sender.replaceTrack(track); }
  setCamera(track) { return this.camera.sender.replaceTrack(track); }

  /** Slides begin or end; what that changes must be offered. */
  async setSlides(track) {
    await this.slides.sender.replaceTrack(track);
    this.slides.direction = track ? 'sendrecv' : 'recvonly';
  }

  close() {
    clearInterval(this.looking);
    this.panes.stop();
    this.peer.close();
  }

  /** Browsers do not say when pictures cease to come. */
  async #lookForFrames() {
    const report = await this.camera.receiver.getStats();
    const count = [...report.values()].find((each) => each.type === 'inbound-rtp')?.framesDecoded ?? 0;
    const now = performance.now();
    if (count > Math.max(0, this.frames.count)) this.frames = { count, at: now };
    const isStill = this.frames.count < 0 || now - this.frames.at > stillFor;
    if (isStill === this.isStill) return;
    this.isStill = isStill;
    this.#changed();
  }

  #changed() { this.dispatchEvent(new Event('tracks')); }

  // Descriptions.

  async offer({ restart = false } = {}) {
    await this.peer.setLocalDescription(await this.peer.createOffer({ iceRestart: restart }));
    await this.#gathered();
    return withRoles(this.peer.localDescription.sdp);
  }

  accept(sdp) { return this.peer.setRemoteDescription({ type: 'answer', sdp }); }

  async answer(sdp) {
    await this.peer.setRemoteDescription({ type: 'offer', sdp });
    await this.peer.setLocalDescription();
    await this.#gathered();
    return withRoles(this.peer.localDescription.sdp);
  }

  async rollBack() {
    if (this.peer.signalingState === 'have-local-offer') await this.peer.setLocalDescription({ type: 'rollback' });
  }

  /** The bridge needs none of a browser's addresses, it learns them (RFC 8445 §2.5): there is no long wait for them. */
  #gathered() {
    if (this.peer.iceGatheringState === 'complete') return undefined;
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, gatherWithin);
      this.peer.addEventListener('icegatheringstatechange', () => {
        if (this.peer.iceGatheringState !== 'complete') return;
        clearTimeout(timer);
        resolve();
      });
    });
  }
}

const live = ({ receiver: { track } }) => (track.readyState === 'live' && !track.muted ? track : null);

/** Says which of the pictures is which (RFC 4796): browsers have no word for it. */
export function withRoles(sdp) {
  let index = 0;
  return sdp.replace(/^m=video .*\r\n(?:c=.*\r\n)?/gm, (line) => {
    const role = roles[index] ?? 'alt';
    index += 1;
    return `${line}a=content:${role}\r\n`;
  });
}
