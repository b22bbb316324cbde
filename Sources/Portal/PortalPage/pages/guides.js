/** Join guides: how a point joins by each kind of device. */
import { api, part } from '../api.js';
import { language, languages, nameOf, t } from '../language.js';
import { button, field, heading, make, problem, say, select } from '../dom.js';

export const words = {
  vi: {
    guidesLead: 'Một trang in được cho mỗi điểm cầu và loại thiết bị, lập từ cấu hình đang dùng. Không có mật khẩu trong đó.',
    guidesPoint: 'Điểm cầu', guidesDevice: 'Thiết bị', guidesLanguage: 'Ngôn ngữ của trang',
    'guide_room-system': 'Thiết bị phòng họp', guide_computer: 'Máy tính, Linphone',
    guide_linphone: 'Điện thoại, máy tính bảng, Linphone', guide_browser: 'Trình duyệt', guide_telephone: 'Điện thoại thường',
    guidesView: 'Xem', guidesPrint: 'Tải bản in (PDF)', guidesCode: 'Bản in có mã cài đặt dùng một lần',
    guidesCodeHint: 'Ai có trang này thì cài được tài khoản của điểm cầu, một lần, trong 3 ngày: chỉ giao cho điểm cầu ấy.',
    guidesDone: 'Đã tải trang hướng dẫn.',
  },
  en: {
    guidesLead: 'One printable page for each point and kind of device, made from the configuration in force. It has no password in it.',
    guidesPoint: 'Point', guidesDevice: 'Device', guidesLanguage: 'Language of the page',
    'guide_room-system': 'Room system', guide_computer: 'Computer, Linphone',
    guide_linphone: 'Phone or tablet, Linphone', guide_browser: 'Browser', guide_telephone: 'Plain telephone',
    guidesView: 'View', guidesPrint: 'Fetch for printing (PDF)', guidesCode: 'With a set-up code that works once',
    guidesCodeHint: 'Whoever has this page can set up the point’s account, once, within 3 days: give it to that point alone.',
    guidesDone: 'The guide was fetched.',
  },
};

const devices = ['room-system', 'computer', 'linphone', 'browser', 'telephone'];
const takesCode = (device) => device === 'computer' || device === 'linphone';

export async function open(place, view) {
  const points = (await api.get('points', { signal: view.signal })).map((item) => item.entry);
  const point = select(points.map((each) => [each.id, each.name]), view.parts[0] ?? points[0]?.id);
  const device = select(devices.map((each) => [each, t(`guide_${each}`)]), 'linphone');
  const words = select(languages.map((code) => [code, nameOf(code)]), language());
  const fault = make('div');
  const path = (format) => `guides/${part(point.value)}/${device.value}?lang=${words.value}&format=${format}`;
  const show = make('a', { class: 'button quiet', target: '_blank', rel: 'noopener' }, t('guidesView'));
  const print = make('a', { class: 'button quiet', download: '' }, t('guidesPrint'));
  const code = button(t('guidesCode'), fetchWithCode, 'main', { 'aria-describedby': 'guides-code-hint' });
  const hint = make('p', { class: 'hint', id: 'guides-code-hint' }, t('guidesCodeHint'));

  function follow() {
    show.href = `/api/v1/${path('html')}`;
    print.href = `/api/v1/${path('pdf')}`;
    code.hidden = hint.hidden = !takesCode(device.value) || !view.session.may('provisionPoint');
  }

  async function fetchWithCode() {
    code.disabled = true;
    try {
      const address = URL.createObjectURL(await api.post(path('pdf'), undefined, { as: 'blob', signal: view.signal }));
      make('a', { href: address, download: `${point.value}-${device.value}.pdf` }).click();
      setTimeout(() => URL.revokeObjectURL(address), 60_000);
      problem(fault, '');
      say(t('guidesDone'));
    } catch (error) {
      if (error.name !== 'AbortError') problem(fault, error.message);
    } finally {
      code.disabled = false;
    }
  }

  for (const control of [point, device, words]) control.addEventListener('change', follow);
  follow();
  place.replaceChildren(heading(t('navGuides')), make('p', { class: 'lead' }, t('guidesLead')),
    points.length === 0 ? make('p', { class: 'card' }, t('none')) : make('div', { class: 'card' },
      make('div', { class: 'fields' }, field(t('guidesPoint'), point), field(t('guidesDevice'), device), field(t('guidesLanguage'), words)),
      fault, make('div', { class: 'tools-row guide-tools' }, show, print, code), hint));
}
