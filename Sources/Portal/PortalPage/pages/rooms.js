/** Rooms. */
import { t } from '../language.js';
import { field, input, make, select } from '../dom.js';
import { registerView } from './register.js';

export const words = {
  vi: {
    roomTitle: 'Tiêu đề', roomDoor: 'Cửa', roomOpen: 'Mở', roomClosed: 'Đóng', roomOrder: 'Lệnh ghi thường xuyên',
    roomOrderedBy: 'Người quyết định ghi', roomDocument: 'Số và ngày quyết định', roomOrderHint: 'Để trống thì chỉ ghi khi chủ tọa ra lệnh.',
    roomCipher: 'Văn bản về đường truyền cơ yếu', roomCipherHint: 'Không có thì không được họp nội dung bí mật nhà nước ở phòng này.',
    roomMaximum: 'Số điểm cầu tối đa', roomLinger: 'Chờ khi trống (giây)', roomAddress: 'Địa chỉ',
  },
  en: {
    roomTitle: 'Title', roomDoor: 'Door', roomOpen: 'Open', roomClosed: 'Closed', roomOrder: 'Standing order to record',
    roomOrderedBy: 'Who decided to record', roomDocument: 'Number and date of the decision', roomOrderHint: 'If empty, only the chair’s order records.',
    roomCipher: 'Document on the cipher line', roomCipherHint: 'Without one no state secret is spoken of in this room.',
    roomMaximum: 'Points at most', roomLinger: 'Waits when empty (seconds)', roomAddress: 'Address',
  },
};

export const open = (place, view) => registerView(place, view, {
  path: 'rooms', change: 'changeRegister', title: () => t('navRooms'), columns: null,
  heads: () => [t('roomTitle'), t('regID'), t('roomDoor'), t('roomOrder')],
  cells: (room) => [room.title, room.id,
    make('span', { class: room.isOpen ? 'tag good' : 'tag' }, t(room.isOpen ? 'roomOpen' : 'roomClosed')),
    room.standingOrder ? make('span', {}, room.standingOrder.orderedBy, make('span', { class: 'sub' }, room.standingOrder.document)) : ''],
  text: (room) => `${room.title} ${room.id}`, nameOf: (room) => room.title,
  blank: () => ({ title: '', isOpen: true, lingerSeconds: 60, maximumPoints: 200 }),
  form(room) {
    const title = input(room.title, { name: 'title' });
    const door = select([['open', t('roomOpen')], ['closed', t('roomClosed')]], room.isOpen ? 'open' : 'closed');
    const orderedBy = input(room.standingOrder?.orderedBy);
    const document = input(room.standingOrder?.document);
    const cipher = input(room.cipherLine);
    const maximum = input(room.maximumPoints, { type: 'number', min: 1, max: 5000 });
    const linger = input(room.lingerSeconds, { type: 'number', min: 0, max: 3600 });
    return {
      fields: [field(t('roomTitle'), title, { isRequired: true }), field(t('roomDoor'), door),
        field(t('roomOrderedBy'), orderedBy, { hint: t('roomOrderHint') }), field(t('roomDocument'), document),
        field(t('roomCipher'), cipher, { hint: t('roomCipherHint') }), field(t('roomMaximum'), maximum), field(t('roomLinger'), linger)],
      read: () => ({
        title: title.value, isOpen: door.value === 'open', maximumPoints: Number(maximum.value) || 200, lingerSeconds: Number(linger.value) || 0,
        cipherLine: cipher.value || undefined,
        standingOrder: orderedBy.value || document.value ? { orderedBy: orderedBy.value, document: document.value } : undefined,
      }),
    };
  },
});
