/** What somebody does about the own account: the second factor. */
import { api } from '../api.js';
import { t } from '../language.js';
import { button, field, formDialog, heading, input, make, say } from '../dom.js';
import { codeInput, currentSession, enrol } from '../session.js';

export const words = {
  vi: {
    accountFactor: 'Xác thực hai lớp', accountOn: 'Đang bật', accountOff: 'Chưa bật',
    accountWhy: 'Khi đăng nhập, ngoài mật khẩu còn cần mã do ứng dụng trên điện thoại của bạn hiện. Mật khẩu bị lộ thì người khác vẫn không vào được.',
    accountTurnOn: 'Bật', accountTurnOff: 'Tắt', accountTurnedOff: 'Đã tắt xác thực hai lớp.',
    accountDue: 'Vai trò của bạn bắt buộc dùng. Nếu mất điện thoại, hãy đăng nhập bằng mã dự phòng, hoặc nhờ quản trị viên tắt giúp.',
  },
  en: {
    accountFactor: 'Second factor', accountOn: 'On', accountOff: 'Off',
    accountWhy: 'Signing in takes a code that an app on your telephone shows, besides the password: who learns the password still does not come in.',
    accountTurnOn: 'Turn on', accountTurnOff: 'Turn off', accountTurnedOff: 'The second factor is off.',
    accountDue: 'Your role needs it. If you lost the telephone, sign in by a recovery code, or ask an administrator to take it away.',
  },
};

export async function open(place, view) {
  const session = await currentSession();
  if (view.signal.aborted) return;
  const isOn = session.hasSecondFactor;
  const isDue = session.roles.some((role) => ['administrator', 'archivist'].includes(role));
  const again = () => open(place, view);
  async function turnOff() {
    const password = input('', { name: 'password', type: 'password', autocomplete: 'current-password' });
    const code = codeInput();
    const isDone = await formDialog(t('accountTurnOff'), [field(t('password'), password), field(t('code'), code)], async () => {
      await api.remove('session/second-factor', { body: { password: password.value, code: code.value }, isSigningIn: true });
    }, { saveWords: t('accountTurnOff'), kind: 'danger' });
    if (isDone) { say(t('accountTurnedOff')); again(); }
  }
  async function turnOn() {
    await enrol(place);
    again();
  }
  place.replaceChildren(heading(t('navAccount')),
    make('section', { class: 'card about' },
      make('p', { class: 'lead' }, session.name, make('span', { class: 'sub' }, [session.person, session.position].filter(Boolean).join(' · '))),
      make('p', {}, session.roles.map((role) => make('span', { class: 'tag' }, t(`role_${role}`)))),
      make('h2', {}, t('accountFactor')),
      make('p', {}, make('span', { class: isOn ? 'tag good' : 'tag warn' }, t(isOn ? 'accountOn' : 'accountOff'))),
      make('p', { class: 'hint' }, t('accountWhy')),
      isOn && isDue ? make('p', { class: 'hint' }, t('accountDue')) : null,
      isOn ? (isDue ? null : button(t('accountTurnOff'), turnOff)) : button(t('accountTurnOn'), turnOn, 'main')));
}
