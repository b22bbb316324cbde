/** People who sign in, and their roles. */
import { api, part } from '../api.js';
import { showDate, t } from '../language.js';
import { button, choices, confirm, field, input, make, say, select } from '../dom.js';
import { registerView, showIssued } from './register.js';

export const words = {
  vi: {
    personPosition: 'Chức vụ', personUnit: 'Đơn vị', personTelephone: 'Điện thoại', personRoles: 'Vai trò', personAccount: 'Tài khoản',
    personLink: 'Liên kết mới', personNoPassword: 'Chưa đặt mật khẩu', personLocked: 'Đang khóa', personLast: 'Vào lần cuối {date}',
    personApp: 'Hai lớp', personForget: 'Bỏ ứng dụng xác thực', personForgetAsk: 'Bỏ ứng dụng xác thực của {name}? Hãy chắc chắn chính người này yêu cầu.', personForgotten: 'Đã bỏ ứng dụng xác thực.',
    personIdentity: 'Danh tính ở hệ thống đăng nhập chung', personIdentityHint: 'Chỉ cần khi người này đăng nhập bằng hệ thống đó.',
    personColumns: 'Mã, Họ tên, Chức vụ, Đơn vị, Điện thoại, Vai trò, Danh tính',
  },
  en: {
    personPosition: 'Position', personUnit: 'Unit', personTelephone: 'Telephone', personRoles: 'Roles', personAccount: 'Account',
    personLink: 'New link', personNoPassword: 'No password yet', personLocked: 'Locked', personLast: 'Last here {date}',
    personApp: 'Second factor', personForget: 'Forget the app', personForgetAsk: 'Take away the authenticator app of {name}? Make sure that it is this person who asks.', personForgotten: 'The app is forgotten.',
    personIdentity: 'Identity at the identity provider', personIdentityHint: 'Only for whoever signs in by it.',
    personColumns: 'id, name, position, unit, telephone, roles, identity',
  },
};

const roles = ['administrator', 'convener', 'chair', 'technician', 'archivist', 'agency-reader', 'auditor'];

export async function open(place, view) {
  const units = view.session.may('readRegister') ? (await api.get('units', { signal: view.signal })).map((item) => item.entry) : [];
  await registerView(place, view, {
    path: 'people', change: 'changePeople', title: () => t('navPeople'), columns: () => t('personColumns'),
    heads: () => [t('regName'), t('personRoles'), t('personUnit'), t('personAccount')],
    cells: (person, item) => [
      make('span', {}, person.name, make('span', { class: 'sub' }, [person.id, person.position].filter(Boolean).join(' · '))),
      make('span', {}, person.roles.map((role) => make('span', { class: 'tag' }, t(`role_${role}`)))),
      units.find((unit) => unit.id === person.unit)?.name ?? person.unit ?? '', account(item.account),
    ],
    text: (person) => `${person.name} ${person.id} ${person.position}`, nameOf: (person) => person.name,
    blank: () => ({ name: '', position: '', telephone: '', roles: [] }),
    tools: (item) => (view.session.may('changePeople') ? [button(t('personLink'), async () => {
      await showIssued({ links: [await api.post(`people/${part(item.entry.id)}/link`)] });
    }, 'quiet', { 'aria-label': `${t('personLink')}: ${item.entry.name}` }),
    item.account?.hasSecondFactor ? button(t('personForget'), async () => {
      const isDone = await confirm(t('personForgetAsk', { name: item.entry.name }), () => api.remove(`people/${part(item.entry.id)}/second-factor`), t('personForget'));
      if (isDone) { say(t('personForgotten')); open(place, view); }
    }, 'quiet', { 'aria-label': `${t('personForget')}: ${item.entry.name}` }) : null] : []),
    form(person) {
      const name = input(person.name, { name: 'name' });
      const position = input(person.position);
      const unit = select([['', ''], ...units.map((each) => [each.id, each.name])], person.unit);
      const telephone = input(person.telephone, { type: 'tel', maxlength: 40 });
      const identity = input(person.identity, { autocapitalize: 'none', spellcheck: 'false', maxlength: 200 });
      const kinds = choices(t('personRoles'), roles.map((code) => [code, t(`role_${code}`)]), person.roles);
      return {
        fields: [field(t('regName'), name, { isRequired: true }), field(t('personPosition'), position), field(t('personUnit'), unit),
          field(t('personTelephone'), telephone), field(t('personIdentity'), identity, { hint: t('personIdentityHint') }), kinds],
        read: () => ({ name: name.value, position: position.value, unit: unit.value || undefined, telephone: telephone.value, identity: identity.value || undefined, roles: kinds.values }),
      };
    },
  });
}

function account(state) {
  if (state?.isLocked) return make('span', { class: 'tag bad' }, t('personLocked'));
  if (!state?.hasPassword) return make('span', { class: 'tag warn' }, t('personNoPassword'));
  return make('span', {}, state.hasSecondFactor ? make('span', { class: 'tag good' }, t('personApp')) : null,
    state.signedInAt ? ` ${t('personLast', { date: showDate(state.signedInAt) })}` : '');
}
