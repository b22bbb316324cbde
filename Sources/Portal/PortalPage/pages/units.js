/** Agencies. */
import { t } from '../language.js';
import { field, input, select } from '../dom.js';
import { registerView } from './register.js';

export const words = {
  vi: { unitLevel: 'Cấp', level_province: 'Tỉnh', level_district: 'Huyện', level_commune: 'Xã', unitColumns: 'Mã, Tên, Thứ tự, Cấp' },
  en: { unitLevel: 'Level', level_province: 'Province', level_district: 'District', level_commune: 'Commune', unitColumns: 'id, name, order, level' },
};

const levels = ['province', 'district', 'commune'];

export const open = (place, view) => registerView(place, view, {
  path: 'units', change: 'changeRegister', title: () => t('navUnits'), columns: () => t('unitColumns'),
  heads: () => [t('regName'), t('regID'), t('unitLevel'), t('regOrder')],
  cells: (unit) => [unit.name, unit.id, unit.level ? t(`level_${unit.level}`) : '', String(unit.order)],
  text: (unit) => `${unit.name} ${unit.id}`, nameOf: (unit) => unit.name, blank: () => ({ name: '', order: 0 }),
  form(unit) {
    const name = input(unit.name, { name: 'name' });
    const order = input(unit.order, { type: 'number', min: 0, max: 1000000 });
    const level = select([['', ''], ...levels.map((code) => [code, t(`level_${code}`)])], unit.level);
    return {
      fields: [field(t('regName'), name, { isRequired: true }), field(t('regOrder'), order), field(t('unitLevel'), level)],
      read: () => ({ name: name.value, order: Number(order.value) || 0, level: level.value || undefined }),
    };
  },
});
