/** The recording's time line: a slider over its loudness, with small pictures of where the pointer or the keyboard is. */
import { t } from '../../language.js';
import { make } from '../../dom.js';
import { clock, spoken } from './time.js';

export function seekBar(player, timeline, chapterAt) {
  const { first, last } = player;
  const length = last - first;
  const slider = make('input', { type: 'range', class: 'seek', min: first, max: last, step: 1, 'aria-label': t('playSeek') });
  const curve = make('canvas', { class: 'curve', width: 1000, height: 48, 'aria-hidden': 'true' });
  const picture = make('div', { class: 'preview-picture' });
  const words = make('div', { class: 'preview-words' });
  const preview = make('div', { class: 'preview', hidden: true, 'aria-hidden': 'true' }, picture, words);
  const track = make('div', { class: 'seek-track' }, curve, timeline.pauses.map((pause) => {
    const mark = make('div', { class: 'pause-mark' });
    mark.style.left = `${(pause.from / 1000 - first) / length * 100}%`;
    mark.style.width = `${(pause.to - pause.from) / 1000 / length * 100}%`;
    return mark;
  }), slider, preview);
  let isDragged = false;

  const say = () => slider.setAttribute('aria-valuetext', [t('playOf', { time: spoken(player.time), length: spoken(last) }), chapterAt(player.time)?.name].filter(Boolean).join(', '));

  function show(time) {
    preview.hidden = false;
    const share = (time - first) / length;
    preview.style.left = `clamp(84px, ${share * 100}%, calc(100% - 84px))`;
    const place = timeline.thumbnails.findLast((each) => each.from <= time * 1000);
    picture.hidden = !place;
    if (place) {
      picture.style.backgroundImage = `url("${player.file(place.file)}")`;
      picture.style.backgroundPosition = `-${place.x}px -${place.y}px`;
      picture.style.width = `${place.width}px`;
      picture.style.height = `${place.height}px`;
    }
    words.textContent = [clock(time, last), chapterAt(time)?.name].filter(Boolean).join(' · ');
  }
  const hide = () => { preview.hidden = true; };

  track.addEventListener('pointermove', (event) => {
    const box = slider.getBoundingClientRect();
    show(first + Math.max(0, Math.min(1, (event.clientX - box.left) / box.width)) * length);
  });
  track.addEventListener('pointerleave', () => { if (!isDragged) hide(); });
  slider.addEventListener('input', () => {
    isDragged = true;
    player.seek(Number(slider.value));
    show(Number(slider.value));
    say();
  });
  slider.addEventListener('change', () => { isDragged = false; });
  slider.addEventListener('blur', hide);
  slider.addEventListener('focus', say);
  slider.addEventListener('keydown', (event) => {
    // Arrows go five seconds here as in the whole player.
    const step = { ArrowLeft: -5, ArrowDown: -5, ArrowRight: 5, ArrowUp: 5, PageDown: -60, PageUp: 60 }[event.key];
    if (step === undefined || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    player.seek(player.time + step);
    show(player.time);
    say();
  });
  player.addEventListener('time', () => {
    if (!isDragged) slider.value = player.time;
    track.style.setProperty('--at', `${(player.time - first) / length * 100}%`);
  });
  draw(curve, timeline.loudness);
  say();
  return track;
}

function draw(canvas, loudness) {
  const context = canvas.getContext('2d');
  if (!loudness.length) return;
  const width = canvas.width / loudness.length;
  context.fillStyle = '#7d93a1';
  loudness.forEach((value, index) => {
    const height = Math.max(1, Math.sqrt(value / 127) * canvas.height);
    context.fillRect(index * width, canvas.height - height, Math.max(1, width * 0.8), height);
  });
}
