/**
 * Cameras, microphones and loudspeakers: what there is, what was chosen, and why there may be none.
 */

/** Why something cannot be had: `insecure`, `refused`, `none`, `busy` or `unknown`. */
export class DeviceFailure extends Error {
  constructor(kind, cause) {
    super(`${kind}: ${cause?.message ?? ''}`);
    this.kind = kind;
  }
}

const reasons = {
  NotAllowedError: 'refused', SecurityError: 'refused', NotFoundError: 'none', OverconstrainedError: 'none',
  NotReadableError: 'busy', AbortError: 'busy',
};

const wanted = {
  audio: (id) => ({ audio: { ...exact(id), echoCancellation: true, noiseSuppression: true, autoGainControl: true } }),
  video: (id) => ({
    video: { ...exact(id), width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30, max: 30 } },
  }),
};

const exact = (id) => (id ? { deviceId: { exact: id } } : {});

/**
 * Opens a camera (`video`) or a microphone (`audio`); another than the chosen one where that is gone.
 * @returns {Promise<MediaStreamTrack>}
 */
export async function open(kind, id) {
  if (!navigator.mediaDevices?.getUserMedia) throw new DeviceFailure('insecure');
  try {
    const stream = await navigator.mediaDevices.getUserMedia(wanted[kind](id));
    return stream.getTracks()[0];
  } catch (error) {
    if (id && error.name === 'OverconstrainedError') return open(kind, undefined);
    throw new DeviceFailure(reasons[error.name] ?? 'unknown', error);
  }
}

/** The devices of each kind; without names until one was opened. */
export async function list() {
  const found = { audioinput: [], videoinput: [], audiooutput: [] };
  const all = await navigator.mediaDevices?.enumerateDevices().catch(() => []) ?? [];
  for (const device of all) found[device.kind]?.push({ id: device.deviceId, label: device.label });
  return found;
}

/** What a screen shows, as a track; null where the person thought better of it. */
export async function screen() {
  if (!navigator.mediaDevices?.getDisplayMedia) throw new DeviceFailure('none');
  try {
    const stream = await navigator.mediaDevices.getDisplayMedia({ video: { frameRate: { ideal: 15, max: 30 } } });
    const [track] = stream.getVideoTracks();
    track.contentHint = 'detail';
    return track;
  } catch (error) {
    if (error.name === 'NotAllowedError') return null;
    throw new DeviceFailure(reasons[error.name] ?? 'unknown', error);
  }
}

export const canShareScreen = () => Boolean(navigator.mediaDevices?.getDisplayMedia);
