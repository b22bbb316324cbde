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

export function signInView(place, done) {
  const name = input('', { name: 'username', autocomplete: 'username', autocapitalize: 'none', spellcheck: 'false', maxlength: 64 });
  const password = input('', { name: 'password', type: 'password', autocomplete: 'current-password' });
  entry(place, 'sign-in', t('signIn'), t('signInLead'), [field(t('loginName'), name), field(t('password'), password)], t('signInDo'), async () => {
    if (!name.value.trim()) return fault(name, t('nameMissing'));
    if (!password.value) return fault(password, t('passwordMissing'));
    done(withRights(await api.post('session', { name: name.value.trim(), password: password.value }, { isSigningIn: true })));
  });
  name.focus();
}

export function startView(place, token, done) {
  const password = input('', { name: 'password', type: 'password', autocomplete: 'new-password' });
  const again = input('', { name: 'again', type: 'password', autocomplete: 'new-password' });
  entry(place, 'start', t('startTitle'), t('startLead'), [field(t('password'), password), field(t('passwordAgain'), again)], t('startDo'), async () => {
    if (!password.value) return fault(password, t('passwordMissing'));
    if (password.value !== again.value) return fault(again, t('passwordsDiffer'));
    done(withRights(await api.post('session/link', { token, password: password.value }, { isSigningIn: true })));
  });
  password.focus();
}

function fault(control, words) {
  control.setAttribute('aria-invalid', 'true');
  control.focus();
  throw new Error(words);
}

function entry(place, id, title, lead, fields, words, act) {
  const trouble = make('div');
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
  dialog.addEventListener('cancel', (event) => event.preventDefault());
  dialog.showModal();
  password.focus();
}
