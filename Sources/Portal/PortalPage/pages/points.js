/** Connection points and their accounts. */
import { api, part } from '../api.js';
import { t } from '../language.js';
import { button, choices, confirm, field, input, make, select } from '../dom.js';
import { registerView, showIssued } from './register.js';

export const words = {
  vi: {
    pointUnit: 'Đơn vị', pointOfficer: 'Cán bộ phụ trách', pointTelephone: 'Điện thoại', pointAccount: 'Tài khoản',
    pointAccountHint: 'Để trống thì như mã. Đổi tài khoản thì mật khẩu đổi theo.', pointDevices: 'Thiết bị',
    'device_room-system': 'Thiết bị phòng họp', device_computer: 'Máy tính', device_tablet: 'Máy tính bảng',
    device_phone: 'Điện thoại thông minh', device_browser: 'Trình duyệt', device_telephone: 'Điện thoại bàn',
    pointAddress: 'Địa chỉ SIP', pointAddressHint: 'Nơi gọi tới khi thiết bị không đăng ký, ví dụ sip:phonghop@203.0.113.7',
    pointSIM: 'SIM 4G', sim_none: 'Không dùng', sim_issued: 'Do Văn phòng cấp', sim_exception: 'SIM khác (ngoại lệ)',
    pointReason: 'Lý do ngoại lệ', pointForeign: 'SIM không do Văn phòng cấp', pointPlace: 'Địa điểm', pointLatitude: 'Vĩ độ',
    pointLongitude: 'Kinh độ', pointNewPassword: 'Mật khẩu mới', pointNewPasswordAsk: 'Cấp mật khẩu mới cho {name}? Mật khẩu cũ không dùng được nữa.',
    pointColumns: 'Mã, Tên, Đơn vị, Cán bộ phụ trách, Điện thoại, Tài khoản, Thiết bị, Thứ tự, Địa chỉ SIP, SIM, Địa điểm, Vĩ độ, Kinh độ',
  },
  en: {
    pointUnit: 'Unit', pointOfficer: 'Officer', pointTelephone: 'Telephone', pointAccount: 'Account',
    pointAccountHint: 'The code if left empty. With another account comes another password.', pointDevices: 'Devices',
    'device_room-system': 'Room system', device_computer: 'Computer', device_tablet: 'Tablet', device_phone: 'Phone',
    device_browser: 'Browser', device_telephone: 'Telephone',
    pointAddress: 'SIP address', pointAddressHint: 'Where to call a device that does not register, such as sip:phonghop@203.0.113.7',
    pointSIM: '4G SIM', sim_none: 'None', sim_issued: 'Issued by the Office', sim_exception: 'Another SIM (exception)',
    pointReason: 'Reason for the exception', pointForeign: 'SIM not issued by the Office', pointPlace: 'Place', pointLatitude: 'Latitude',
    pointLongitude: 'Longitude', pointNewPassword: 'New password', pointNewPasswordAsk: 'Issue a new password to {name}? The old one is void then.',
    pointColumns: 'id, name, unit, officer, telephone, username, devices, order, sip address, sim, place, latitude, longitude',
  },
};

const devices = ['room-system', 'computer', 'tablet', 'phone', 'browser', 'telephone'];
const simOf = (point) => (point.mobileLine?.issuedSIM ? 'issued' : point.mobileLine?.exception ? 'exception' : 'none');
const isForeign = (point) => (point.devices ?? []).some((each) => each === 'tablet' || each === 'phone') && simOf(point) !== 'issued';

export async function open(place, view) {
  const units = (await api.get('units', { signal: view.signal })).map((item) => item.entry);
  const unitName = (id) => units.find((unit) => unit.id === id)?.name ?? id ?? '';
  await registerView(place, view, {
    path: 'points', change: 'changeRegister', title: () => t('navPoints'), columns: () => t('pointColumns'),
    heads: () => [t('regName'), t('pointAccount'), t('pointUnit'), t('pointOfficer'), t('pointDevices')],
    cells: (point) => [
      make('span', {}, point.name, make('span', { class: 'sub' }, point.id)), point.username, unitName(point.unit),
      point.officer ? make('span', {}, point.officer, make('span', { class: 'sub' }, point.telephone)) : '',
      point.devices?.length ? make('span', {}, point.devices.map((each) => make('span', { class: 'tag' }, t(`device_${each}`))),
        isForeign(point) ? make('span', { class: 'tag warn' }, t('pointForeign')) : null) : '',
    ],
    text: (point) => `${point.name} ${point.id} ${point.username} ${point.officer} ${unitName(point.unit)}`,
    nameOf: (point) => point.name,
    blank: () => ({ name: '', officer: '', telephone: '', username: '', devices: [], order: 0 }),
    tools: (item) => (view.session.may('issuePointPassword') ? [button(t('pointNewPassword'), async () => {
      let issued = null;
      const isDone = await confirm(t('pointNewPasswordAsk', { name: item.entry.name }), async () => {
        issued = await api.post(`points/${part(item.entry.id)}/password`);
      }, t('pointNewPassword'));
      if (isDone) await showIssued({ passwords: [issued] });
    }, 'quiet', { 'aria-label': `${t('pointNewPassword')}: ${item.entry.name}` })] : []),
    form(point) {
      const name = input(point.name, { name: 'name' });
      const unit = select([['', ''], ...units.map((each) => [each.id, each.name])], point.unit);
      const officer = input(point.officer);
      const telephone = input(point.telephone, { type: 'tel', maxlength: 40 });
      const username = input(point.username, { maxlength: 64, autocapitalize: 'none', spellcheck: 'false' });
      const order = input(point.order, { type: 'number', min: 0, max: 1000000 });
      const address = input(point.address, { inputmode: 'url' });
      const kinds = choices(t('pointDevices'), devices.map((code) => [code, t(`device_${code}`)]), point.devices);
      const sim = select(['none', 'issued', 'exception'].map((code) => [code, t(`sim_${code}`)]), simOf(point));
      const reason = input(point.mobileLine?.exception?.reason ?? '');
      const reasonField = field(t('pointReason'), reason);
      const showReason = () => { reasonField.hidden = sim.value !== 'exception'; };
      sim.addEventListener('change', showReason);
      showReason();
      const where = input(point.place);
      const latitude = input(point.coordinates?.latitude, { type: 'number', step: 'any', min: -90, max: 90 });
      const longitude = input(point.coordinates?.longitude, { type: 'number', step: 'any', min: -180, max: 180 });
      return {
        fields: [
          field(t('regName'), name, { isRequired: true }), field(t('pointUnit'), unit), field(t('regOrder'), order),
          field(t('pointOfficer'), officer), field(t('pointTelephone'), telephone),
          field(t('pointAccount'), username, { hint: t('pointAccountHint') }),
          field(t('pointAddress'), address, { hint: t('pointAddressHint') }), kinds,
          field(t('pointSIM'), sim), reasonField, field(t('pointPlace'), where), field(t('pointLatitude'), latitude),
          field(t('pointLongitude'), longitude),
        ],
        read: (id) => ({
          name: name.value, unit: unit.value || undefined, officer: officer.value, telephone: telephone.value,
          username: username.value.trim() || id, order: Number(order.value) || 0, address: address.value.trim() || undefined,
          devices: kinds.values, place: where.value || undefined,
          mobileLine: sim.value === 'issued' ? { issuedSIM: {} } : sim.value === 'exception' ? { exception: { reason: reason.value } } : undefined,
          coordinates: latitude.value && longitude.value ? { latitude: Number(latitude.value), longitude: Number(longitude.value) } : undefined,
        }),
      };
    },
  });
}
