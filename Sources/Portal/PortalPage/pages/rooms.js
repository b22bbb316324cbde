/** Rooms. */
import { api, part } from '../api.js';
import { t } from '../language.js';
import { choices, field, input, make, select } from '../dom.js';
import { registerView } from './register.js';
import { classChoice } from './retention/choice.js';

export const words = {
  vi: {
    roomTitle: 'Tiêu đề', roomClass: 'Thời hạn lưu trữ', roomClassStandard: 'Mặc định', roomDoor: 'Cửa', roomOpen: 'Mở', roomClosed: 'Đóng', roomOrder: 'Lệnh ghi thường xuyên',
    roomOrderedBy: 'Người quyết định ghi', roomDocument: 'Số và ngày quyết định', roomOrderHint: 'Để trống thì chỉ ghi khi chủ tọa ra lệnh.',
    roomCipher: 'Văn bản về đường truyền cơ yếu', roomCipherHint: 'Không có thì không được họp nội dung bí mật nhà nước ở phòng này.',
    roomMaximum: 'Số điểm cầu tối đa', roomLinger: 'Chờ khi trống (giây)',
    roomMicrophones: 'Micrô khi vào phòng', roomMicrophones_muted: 'Tắt, chủ tọa mở', roomMicrophones_open: 'Mở',
    roomChair: 'Điểm cầu chủ tọa', roomChairHint: 'Khi cuộc họp không được triệu tập trước.', roomCallBack: 'Điểm cầu rớt mạng', roomCallBack_yes: 'Gọi lại ngay', roomCallBack_no: 'Không gọi lại',
    roomPIN: 'Mã PIN cho điện thoại', roomPINHint: '4 đến 16 chữ số. Mã đã đặt không xem lại được.', roomPINKept: 'Đã có mã. Để trống thì giữ nguyên.', roomPINRemove: 'Bỏ mã PIN', roomHasPIN: 'có PIN',
    roomAdmits: 'Điểm cầu được vào khi không có cuộc họp được triệu tập', roomAdmitsHint: 'Không chọn điểm nào thì mọi điểm cầu được vào.',
    roomColumns: 'Mã, Tiêu đề, Cửa, Các điểm cầu, Người quyết định ghi, Quyết định ghi, Đường truyền cơ yếu, Micrô, Chủ tọa, Gọi lại, Số điểm cầu tối đa, Chờ khi trống, Thời hạn lưu trữ',
  },
  en: {
    roomTitle: 'Title', roomClass: 'Retention class', roomClassStandard: 'The standard one', roomDoor: 'Door', roomOpen: 'Open', roomClosed: 'Closed', roomOrder: 'Standing order to record',
    roomOrderedBy: 'Who decided to record', roomDocument: 'Number and date of the decision', roomOrderHint: 'If empty, only the chair’s order records.',
    roomCipher: 'Document on the cipher line', roomCipherHint: 'Without one no state secret is spoken of in this room.',
    roomMaximum: 'Points at most', roomLinger: 'Waits when empty (seconds)',
    roomMicrophones: 'Microphones on joining', roomMicrophones_muted: 'Muted, the chair opens them', roomMicrophones_open: 'Open',
    roomChair: 'Point of the chair', roomChairHint: 'Of meetings that nobody convened.', roomCallBack: 'A point that drops', roomCallBack_yes: 'Is called at once', roomCallBack_no: 'Is not called',
    roomPIN: 'PIN for telephones', roomPINHint: '4 to 16 digits. Once set, it cannot be read again.', roomPINKept: 'There is one. Left empty, it stays.', roomPINRemove: 'Take the PIN away', roomHasPIN: 'PIN',
    roomAdmits: 'Points that come in while no meeting is convened', roomAdmitsHint: 'If none is chosen, every point comes in.',
    roomColumns: 'id, title, door, points, ordered by, document, cipher line, microphones, chair, call back, max points, linger, retention class',
  },
};

export async function open(place, view) {
  const points = (await api.get('points', { signal: view.signal })).map((item) => item.entry);
  const keeping = await classChoice('', t('roomClassStandard'), view.signal);
  const named = points.map((each) => [each.id, each.name]);
  await registerView(place, view, {
    path: 'rooms', change: 'changeRegister', title: () => t('navRooms'), columns: () => t('roomColumns'),
    heads: () => [t('roomTitle'), t('regID'), t('roomDoor'), t('roomOrder')],
    cells: (room, item) => [room.title, room.id,
      make('span', {}, make('span', { class: room.isOpen ? 'tag good' : 'tag' }, t(room.isOpen ? 'roomOpen' : 'roomClosed')),
        item.hasPIN ? make('span', { class: 'tag' }, t('roomHasPIN')) : null),
      room.standingOrder ? make('span', {}, room.standingOrder.orderedBy, make('span', { class: 'sub' }, room.standingOrder.document)) : ''],
    text: (room) => `${room.title} ${room.id}`, nameOf: (room) => room.title,
    blank: () => ({ title: '', isOpen: true, lingerSeconds: 60, maximumPoints: 200 }),
    form(room, item) {
      const title = input(room.title, { name: 'title' });
      const door = select([['open', t('roomOpen')], ['closed', t('roomClosed')]], room.isOpen ? 'open' : 'closed');
      const microphones = select(['muted', 'open'].map((code) => [code, t(`roomMicrophones_${code}`)]), room.opensMicrophones ? 'open' : 'muted', { name: 'microphones' });
      const chair = select([['', ''], ...named], room.chair, { name: 'chair' });
      const callBack = select(['yes', 'no'].map((code) => [code, t(`roomCallBack_${code}`)]), room.callsBack === false ? 'no' : 'yes');
      const orderedBy = input(room.standingOrder?.orderedBy);
      const document = input(room.standingOrder?.document);
      const cipher = input(room.cipherLine);
      const maximum = input(room.maximumPoints, { type: 'number', min: 1, max: 5000 });
      const linger = input(room.lingerSeconds, { type: 'number', min: 0, max: 3600 });
      const pin = input('', { type: 'password', inputmode: 'numeric', autocomplete: 'new-password', maxlength: 16, name: 'pin' });
      const dropPIN = make('input', { type: 'checkbox', name: 'drop-pin' });
      const kept = keeping.cloneNode(true);
      if (room.retentionClass && ![...kept.options].some((each) => each.value === room.retentionClass)) kept.append(new Option(room.retentionClass));
      kept.value = room.retentionClass ?? '';
      const admits = choices(t('roomAdmits'), named, room.points ?? []);
      return {
        fields: [field(t('roomTitle'), title, { isRequired: true }), field(t('roomDoor'), door), field(t('roomMicrophones'), microphones),
          field(t('roomChair'), chair, { hint: t('roomChairHint') }), field(t('roomCallBack'), callBack),
          make('div', { class: 'field-group' }, field(t('roomPIN'), pin, { hint: item?.hasPIN ? t('roomPINKept') : t('roomPINHint') }),
            item?.hasPIN ? make('label', { class: 'tick' }, dropPIN, make('span', {}, t('roomPINRemove'))) : null),
          field(t('roomOrderedBy'), orderedBy, { hint: t('roomOrderHint') }), field(t('roomDocument'), document),
          field(t('roomCipher'), cipher, { hint: t('roomCipherHint') }), field(t('roomMaximum'), maximum), field(t('roomLinger'), linger), field(t('roomClass'), kept),
          make('div', { class: 'wide-field' }, make('p', { class: 'hint' }, t('roomAdmitsHint')), admits)],
        read: () => ({
          title: title.value, isOpen: door.value === 'open', maximumPoints: Number(maximum.value) || 200, lingerSeconds: Number(linger.value) || 0,
          cipherLine: cipher.value || undefined, opensMicrophones: microphones.value === 'open', chair: chair.value || undefined,
          callsBack: callBack.value === 'yes', retentionClass: kept.value || undefined, points: admits.values.length ? admits.values : undefined,
          standingOrder: orderedBy.value || document.value ? { orderedBy: orderedBy.value, document: document.value } : undefined,
        }),
        // The PIN is no part of the entry, which is shown in lists.
        async after(id) {
          if (dropPIN.checked) await api.put(`rooms/${part(id)}/pin`, {});
          else if (pin.value) await api.put(`rooms/${part(id)}/pin`, { pin: pin.value });
        },
      };
    },
  });
}
