/**
 * Signing in, setting a password by a link, and the lock.
 */
import { api } from './api.js';
import { t } from './language.js';
import { $, field, input, make, problem } from './dom.js';

/** Who is signed in; null for nobody. */
export async function currentSession() {
  const session = await api.get('session', { isSigningIn: true });
  return session && withRights(session);
}

const withRights = (session) => Object.assign(session, { may: (action) => session.actions.includes(action) });

/** Why the identity provider's word let nobody in; the server sends the browser to `#/openid/CODE`. */
const refusedByProvider = ['unavailable', 'stale', 'refused', 'unbelieved', 'unknown', 'locked', 'dormant', 'failed'];

export async function signInView(place, done, refused) {
  const name = input('', { name: 'username', autocomplete: 'username', autocapitalize: 'none', spellcheck: 'false', maxlength: 64 });
  const password = input('', { name: 'password', type: 'password', autocomplete: 'current-password' });
  entry(place, 'sign-in', t('signIn'), t('signInLead'), [field(t('loginName'), name), field(t('password'), password)], t('signInDo'), async () => {
    if (!name.value.trim()) return fault(name, t('nameMissing'));
    if (!password.value) return fault(password, t('passwordMissing'));
    const given = { name: name.value.trim(), password: password.value };
    await withCode(place, (code) => api.post('session', { ...given, code }, { isSigningIn: true }), done);
  });
  name.focus();
  const form = place.querySelector('#sign-in');
  if (refusedByProvider.includes(refused)) problem(form.querySelector('.trouble'), t(`openid_${refused}`));
  const ways = await api.get('session/ways', { isSigningIn: true }).catch(() => null);
  if (ways?.provider && form.isConnected) form.append(make('p', { class: 'or' }, t('or')), providerLink(ways.provider, 'signInBy'));
}

const providerLink = (provider, words) => make('a', { class: 'button quiet provider', href: provider.address }, t(words, { name: provider.name }));

/** The identity provider let the person in; the code of their app is still to come. */
export function codeView(place, done) {
  const code = codeInput();
  entry(place, 'second-factor', t('codeTitle'), t('codeLead'), [field(t('code'), code, { hint: t('codeHint') })], t('signInDo'), async () => {
    if (!code.value.trim()) return fault(code, t('codeMissing'));
    try {
      done(withRights(await api.post('session/code', { code: code.value }, { isSigningIn: true })));
    } catch (refused) {
      code.value = '';
      return fault(code, refused.message);
    }
  });
  code.focus();
}

/** Signs in; where the account has a second factor, its code is asked for and sent with the rest. */
async function withCode(place, attempt, done) {
  try {
    done(withRights(await attempt()));
  } catch (error) {
    if (error.code !== 'second-factor') throw error;
    const code = codeInput();
    entry(place, 'second-factor', t('codeTitle'), t('codeLead'), [field(t('code'), code, { hint: t('codeHint') })], t('signInDo'), async () => {
      if (!code.value.trim()) return fault(code, t('codeMissing'));
      try {
        done(withRights(await attempt(code.value)));
      } catch (refused) {
        code.value = '';
        return fault(code, refused.message);
      }
    });
    code.focus();
  }
}

export const codeInput = () => input('', { name: 'code', inputmode: 'numeric', autocomplete: 'one-time-code', autocapitalize: 'none', spellcheck: 'false', maxlength: 20, class: 'code' });

/** What an app shows must come back before anything else may be done. `done` gets the session as it is then. */
export async function enrolView(place, done) {
  try {
    await enrol(place);
    done(await currentSession());
  } catch (error) {
    if (error.status === 401) return location.reload();
    problem(place, error.message);
  }
}

/** Takes the person through setting up an app; resolves when the recovery codes were seen. */
export async function enrol(place) {
  const offer = await api.post('session/second-factor');
  const codes = await new Promise((resolve) => {
    const code = codeInput();
    const secret = offer.secret.match(/.{1,4}/g).join(' ');
    entry(place, 'enrol', t('enrolTitle'), t('enrolLead'), [
      make('ol', { class: 'steps' }, make('li', {}, t('enrolStepApp')), make('li', {}, t('enrolStepScan')), make('li', {}, t('enrolStepCode'))),
      drawn(offer.code, t('enrolPicture')),
      make('details', {}, make('summary', {}, t('enrolByHand')), make('p', {}, make('code', { class: 'secret-key' }, secret))),
      field(t('code'), code),
    ], t('enrolDo'), async () => {
      if (!code.value.trim()) return fault(code, t('codeMissing'));
      try {
        resolve((await api.put('session/second-factor', { code: code.value }, { isSigningIn: true })).codes);
      } catch (refused) {
        code.value = '';
        return fault(code, refused.message);
      }
    });
    code.focus();
  });
  await new Promise((resolve) => {
    entry(place, 'recovery', t('recoveryTitle'), t('recoveryLead'), [
      make('ul', { class: 'recovery' }, codes.map((code) => make('li', {}, make('code', {}, code)))),
      make('button', { type: 'button', class: 'button quiet', click: () => print() }, t('print')),
    ], t('recoveryDone'), async () => resolve());
  });
}

const svg = 'http://www.w3.org/2000/svg';

/** A QR code with its quiet zone (ISO/IEC 18004 §9.1), of rows of `1` and `0`. */
function drawn(rows, words) {
  const side = rows.length + 8;
  const picture = document.createElementNS(svg, 'svg');
  picture.setAttribute('viewBox', `0 0 ${side} ${side}`);
  picture.setAttribute('class', 'qr');
  picture.setAttribute('role', 'img');
  picture.setAttribute('aria-label', words);
  const path = document.createElementNS(svg, 'path');
  path.setAttribute('d', rows.flatMap((row, y) => [...row].map((cell, x) => (cell === '1' ? `M${x + 4} ${y + 4}h1v1h-1z` : ''))).join(''));
  picture.append(path);
  return picture;
}

export function startView(place, token, done) {
  const password = input('', { name: 'password', type: 'password', autocomplete: 'new-password' });
  const again = input('', { name: 'again', type: 'password', autocomplete: 'new-password' });
  entry(place, 'start', t('startTitle'), t('startLead'), [field(t('password'), password), field(t('passwordAgain'), again)], t('startDo'), async () => {
    if (!password.value) return fault(password, t('passwordMissing'));
    if (password.value !== again.value) return fault(again, t('passwordsDiffer'));
    const given = { token, password: password.value };
    await withCode(place, (code) => api.post('session/link', { ...given, code }, { isSigningIn: true }), done);
  });
  password.focus();
}

function fault(control, words) {
  control.setAttribute('aria-invalid', 'true');
  control.focus();
  throw new Error(words);
}

function entry(place, id, title, lead, fields, words, act) {
  const trouble = make('div', { class: 'trouble' });
  const submit = make('button', { class: 'button main', type: 'submit' }, words);
  const form = make('form', { id, class: 'card entry', novalidate: true, submit: async (event) => {
    event.preventDefault();
    submit.disabled = true;
    for (const control of form.querySelectorAll('[aria-invalid]')) control.removeAttribute('aria-invalid');
    problem(trouble, '');
    try { await act(); } catch (error) { problem(trouble, error.message); } finally { submit.disabled = false; }
  } }, make('h1', {}, title), make('p', { class: 'hint' }, lead), trouble, fields, submit);
  place.replaceChildren(form);
}

/** Covers the page until the password comes; what is below it stays as it is. */
export function showLock(session, opened, signOut) {
  const dialog = $('lock');
  if (dialog.open) return;
  const password = input('', { name: 'password', type: 'password', autocomplete: 'current-password' });
  const trouble = make('div');
  dialog.replaceChildren(make('form', { novalidate: true, submit: async (event) => {
    event.preventDefault();
    try {
      const status = withRights(await api.post('session/unlock', { password: password.value }, { isSigningIn: true }));
      dialog.close();
      opened(status);
    } catch (error) {
      password.value = '';
      problem(trouble, error.message);
    }
  } }, make('h2', { id: 'lock-title' }, t('lockTitle')), make('p', {}, `${session.name}. ${t('lockLead')}`), trouble,
  field(t('password'), password),
  make('div', { class: 'row' }, make('button', { type: 'button', class: 'button quiet', click: () => { dialog.close(); signOut(); } }, t('signOut')),
    make('button', { type: 'submit', class: 'button main' }, t('unlock')))));
  if (session.isByProvider) {
    api.get('session/ways', { isSigningIn: true }).then(({ provider }) => provider && dialog.querySelector('form').append(make('p', { class: 'or' }, t('or')), providerLink(provider, 'againBy'))).catch(() => {});
  }
  dialog.addEventListener('cancel', (event) => event.preventDefault());
  dialog.showModal();
  password.focus();
}
