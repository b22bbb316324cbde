/**
 * The portal: who is signed in, which view the address names, and the lock when nobody is there any more.
 */
import { api, attach } from './api.js';
import { addWords, choose, language, languages, nameOf, onLanguage, t, translate } from './language.js';
import { $, make, problem } from './dom.js';
import { pages } from './pages.js';
import { codeView, currentSession, enrolView, showLock, signInView, startView } from './session.js';

const main = $('main');
let session = null;
let leaving = new AbortController();
let activeAt = Date.now();

/** `#/archive/ID?t=5`: the view's name, what follows it, and what it is asked. */
function route() {
  const [path, ...rest] = location.hash.replace(/^#\/?/, '').split('?');
  const [name = '', ...parts] = path.split('/').map(decodeURIComponent);
  return { name, parts, query: new URLSearchParams(rest.join('?')) };
}

function enter(status) {
  session = status;
  activeAt = Date.now();
  attach(session.csrfToken, { locked: lock, gone: leave });
  $('who').tabIndex = session.mustEnrol || session.mustProve ? -1 : 0;
  if (['start', 'openid'].includes(route().name)) history.replaceState(null, '', '#/home');
  draw();
  if (session.isLocked) lock();
}

function leave() {
  session = null;
  if ($('lock').open) $('lock').close();
  for (const dialog of document.querySelectorAll('dialog[open]')) dialog.close();
  draw();
}

async function signOut() {
  const next = session?.providerSignOut;
  await api.remove('session').catch(() => {});
  leave();
  if (next) location.assign(next);
}

function lock() {
  if (session) showLock(session, unlocked, signOut);
}

/** The view goes on as it was; only one that was never drawn is drawn now. */
function unlocked(status) {
  const wasBare = session.isLocked;
  Object.assign(session, status);
  attach(session.csrfToken);
  activeAt = Date.now();
  if (wasBare) draw();
}

/** Writes the frame anew, then the view. */
function draw() {
  const visible = session && !session.mustEnrol && !session.mustProve ? pages.filter((page) => !page.action || session.may(page.action)) : [];
  $('who').hidden = $('sign-out').hidden = !session;
  $('navigation').hidden = $('menu').hidden = visible.length < 2;
  if (session) $('who').textContent = session.name;
  $('navigation').querySelector('ul').replaceChildren(...visible.map((page) =>
    make('li', {}, make('a', { href: `#/${page.name}`, 'data-name': page.name }, t(page.title)))));
  translate(document);
  lookForDrain();
  show();
}

async function show() {
  leaving.abort();
  leaving = new AbortController();
  const { signal } = leaving;
  const { name, parts, query } = route();
  $('menu').setAttribute('aria-expanded', 'false');
  document.body.classList.remove('menu-open');
  if (name === 'start' && parts[0]) return startView(main, parts[0], enter);
  if (!session) {
    document.title = `${t('signIn')} · ${t('product')}`;
    return signInView(main, enter, name === 'openid' ? parts[0] : '');
  }
  if (session.mustEnrol) {
    document.title = `${t('enrolTitle')} · ${t('product')}`;
    return enrolView(main, enter);
  }
  if (session.mustProve) {
    document.title = `${t('codeTitle')} · ${t('product')}`;
    return codeView(main, enter);
  }
  const page = pages.find((each) => each.name === (name || 'home') && (!each.action || session.may(each.action)));
  for (const link of $('navigation').querySelectorAll('a')) {
    if (link.dataset.name === page?.name) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
  if (!page) return main.replaceChildren(make('h1', {}, t('notFound')), make('p', {}, t('notFoundLead')));
  document.title = `${t(page.title)} · ${t('product')}`;
  const place = make('div', { class: 'view', id: `view-${page.name}` }, make('p', { class: 'hint' }, t('loading')));
  main.replaceChildren(place);
  try {
    const module = await page.load();
    if (module.words) addWords(module.words);
    if (signal.aborted) return;
    await module.open(place, { parts, query, session, signal });
  } catch (error) {
    if (error.name === 'AbortError' || signal.aborted) return;
    problem(place, error.message);
    if (!error.status) console.error(error);
  }
}

/** While no meeting is begun, every view says so. */
async function lookForDrain() {
  if (!session?.may('readStatus') || session.mustEnrol || session.mustProve || $('lock').open) return $('drain').hidden = true;
  const status = await api.get('status', { background: true }).catch(() => null);
  if (!status || !session) return;
  const { drain, liveMeetings, participants } = status.bridge;
  $('drain').hidden = !drain;
  if (drain) $('drain').textContent = t('drain', { meetings: liveMeetings, points: participants });
}
setInterval(lookForDrain, 15000);

// The server locks the session by its own clock; the page only covers what it shows at about the same time.
for (const kind of ['pointerdown', 'keydown']) addEventListener(kind, () => { activeAt = Date.now(); }, { passive: true });
setInterval(() => {
  if (session && !$('lock').open && Date.now() - activeAt > session.idleSeconds * 1000) {
    api.post('session/lock').catch(() => {});
    lock();
  }
}, 5000);

for (const code of languages) $('language').append(make('option', { value: code }, nameOf(code)));
$('language').value = language();
$('language').addEventListener('change', () => choose($('language').value));
$('sign-out').addEventListener('click', signOut);
$('menu').addEventListener('click', () => {
  const isOpen = document.body.classList.toggle('menu-open');
  $('menu').setAttribute('aria-expanded', String(isOpen));
});
onLanguage(draw);
addEventListener('hashchange', () => { show(); main.focus({ preventScroll: true }); scrollTo(0, 0); });

try {
  const found = await currentSession();
  if (found && route().name !== 'start') enter(found);
  else {
    // A link is for whoever opens it, also where somebody else is signed in.
    if (found) attach(found.csrfToken);
    draw();
  }
} catch (error) {
  translate(document);
  problem(main, error.message);
}
