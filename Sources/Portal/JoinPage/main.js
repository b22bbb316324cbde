/**
 * The join page: read the room's settings, check the devices, meet, and say how it ended.
 */
import { choose, language, languages, onLanguage, t, translate } from './language/index.js';
import { Meeting } from './meeting.js';
import { takeInvitation } from './preferences.js';
import { Check } from './ui/check.js';
import { $, make, show } from './ui/dom.js';
import { LineCheck } from './ui/linecheck.js';
import { Room } from './ui/room.js';

const product = 'Causeway-Join/1';

const room = decodeURIComponent(location.pathname.split('/')[2] ?? '');
// Before anything else is asked for, so that no address with it is ever kept.
const invitation = takeInvitation(room);

function drawLanguages() {
  $('language').replaceChildren(...Object.entries(languages).map(([code, words]) =>
    make('option', { value: code, lang: code }, words.name)));
  $('language').value = language();
  $('language').addEventListener('change', ({ target }) => choose(target.value));
  translate(document);
}

let settings = null;
let problem = null;

function drawTitle() {
  $('title').textContent = settings?.title ?? '';
  document.title = settings ? `${settings.title} · ${t('product')}` : t('product');
  show($('trouble'), Boolean(problem));
  $('trouble-text').textContent = problem ? t(problem) : '';
}

async function readSettings() {
  const response = await fetch(`/join/${encodeURIComponent(room)}/settings`);
  if (!response.ok) throw new Error(String(response.status));
  return response.json();
}

/** @param {string} reason as BYE gave it */
function end(view, reason) {
  view.close();
  const key = { left: 'left', 'meeting-ended': 'meeting', replaced: 'replaced', silent: 'silent', shutdown: 'shutdown' }[reason] ?? 'other';
  const draw = () => { $('ended-reason').textContent = t(`ended_${key}`, { room: settings.title }); };
  draw();
  onLanguage(draw);
  show($('ended'), true);
  $('again').focus();
}

async function begin() {
  drawLanguages();
  onLanguage(drawTitle);
  try {
    settings = await readSettings();
  } catch {
    problem = 'settingsFailed';
  }
  drawTitle();
  if (!settings) return;
  let meeting;
  const view = new Room(() => {
    meeting.leave();
    end(view, 'left');
  });
  const check = new Check(settings, invitation, async ({ speaker, ...entry }) => {
    meeting = new Meeting({ settings, product, ...entry });
    meeting.addEventListener('ended', ({ detail }) => end(view, detail.reason));
    // What it is told while it comes in is not lost.
    view.read(meeting);
    await meeting.join();
    check.leave();
    view.open(meeting, speaker);
  });
  new LineCheck(settings, product, () => check.entry(), () => check.media(), (failure) => check.words(failure));
  $('again').addEventListener('click', () => location.reload());
  addEventListener('pagehide', () => meeting?.state === 'in' && meeting.call?.end());
  await check.start();
}

begin();
