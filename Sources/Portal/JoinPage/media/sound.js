/**
 * How loud something is, and a tone to try loudspeakers with.
 */
let context;
const shared = () => (context ??= new AudioContext());

/** Measures a track; `level` is 0 to 1, in steps of decibels from −60. */
export class Meter {
  constructor(track) {
    this.source = shared().createMediaStreamSource(new MediaStream([track]));
    this.analyser = new AnalyserNode(shared(), { fftSize: 1024 });
    this.samples = new Float32Array(this.analyser.fftSize);
    this.source.connect(this.analyser);
  }

  get level() {
    // Browsers let sound begin only after somebody did something.
    if (shared().state === 'suspended') shared().resume().catch(() => {});
    this.analyser.getFloatTimeDomainData(this.samples);
    const power = this.samples.reduce((sum, sample) => sum + sample * sample, 0) / this.samples.length;
    return Math.min(1, Math.max(0, 1 + (10 * Math.log10(power + 1e-12)) / 60));
  }

  stop() { this.source.disconnect(); }
}

/** Two notes, by an <audio> element so that they come out of the chosen loudspeaker. */
export async function playTone(sinkId) {
  const audio = shared();
  await audio.resume();
  const out = new MediaStreamAudioDestinationNode(audio);
  const gain = new GainNode(audio, { gain: 0 });
  gain.connect(out);
  const start = audio.currentTime + 0.05;
  for (const [from, frequency] of [[0, 523.25], [0.45, 659.25]]) {
    const tone = new OscillatorNode(audio, { frequency });
    tone.connect(gain);
    tone.start(start + from);
    tone.stop(start + from + 0.4);
    gain.gain.setValueAtTime(0, start + from);
    gain.gain.linearRampToValueAtTime(0.25, start + from + 0.03);
    gain.gain.linearRampToValueAtTime(0, start + from + 0.4);
  }
  const element = new Audio();
  element.srcObject = out.stream;
  if (sinkId && element.setSinkId) await element.setSinkId(sinkId).catch(() => {});
  await element.play();
  await new Promise((resolve) => setTimeout(resolve, 1000));
  element.srcObject = null;
}
