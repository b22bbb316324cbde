/**
 * What the views of units, points, rooms and people share: a list to search, forms, import, and passwords shown once.
 */
import { api, part } from '../api.js';
import { addWords, folded, t } from '../language.js';
import { button, confirm, field, formDialog, freshID, heading, input, make, say, showOnce, table } from '../dom.js';

addWords({
  vi: {
    regID: 'Mã', regIDHint: 'a-z, 0-9, “.”, “_”, “-”; không đổi được về sau.', regName: 'Tên', regOrder: 'Thứ tự lễ tân',
    regImport: 'Nhập từ tệp CSV', regImportLead: 'UTF-8, dấu phẩy hoặc chấm phẩy, tiêu đề cột tiếng Việt hoặc tiếng Anh: {columns}. Có lỗi ở một dòng thì không dòng nào được nhận.',
    regFile: 'Tệp', regChoose: 'Hãy chọn tệp.', regTake: 'Nhập', regTried: 'Chưa nhập gì: {new} mới, {changed} thay đổi, {same} giữ nguyên.',
    regFaults: 'Không nhập được: {count} lỗi.', regLine: 'Dòng {line}', regWhole: 'Cả tệp',
    regSecretsTitle: 'Chép lại ngay', regSecretsLead: 'Những mật khẩu và liên kết này chỉ hiện một lần. Hãy trao riêng cho từng người, từng điểm cầu.',
  },
  en: {
    regID: 'Code', regIDHint: 'a-z, 0-9, “.”, “_”, “-”; it cannot be changed later.', regName: 'Name', regOrder: 'Order of protocol',
    regImport: 'Import from a CSV file', regImportLead: 'UTF-8, commas or semicolons, headings in Vietnamese or English: {columns}. If one line is wrong, none is taken.',
    regFile: 'File', regChoose: 'Choose a file.', regTake: 'Import', regTried: 'Nothing imported yet: {new} new, {changed} changed, {same} as they are.',
    regFaults: 'Cannot be imported: {count} faults.', regLine: 'Line {line}', regWhole: 'Whole file',
    regSecretsTitle: 'Copy these now', regSecretsLead: 'These passwords and links are shown only once. Give each to its person or point alone.',
  },
});

/** Shows passwords and links that came with an answer. */
export async function showIssued(answer) {
  const lines = [
    ...(answer?.passwords ?? []).map((each) => [`${each.point} (${each.username})`, each.password]),
    ...(answer?.links ?? []).map((each) => [each.person, each.url ?? each.token]),
  ];
  if (lines.length) await showOnce(t('regSecretsTitle'), t('regSecretsLead'), lines);
}

/**
 * A view of one kind of entry. `kind` says: `path` of the API, `title`, `change` the right to change, `heads`, `cells(entry, item)`,
 * `text(entry)` for the search, `form(entry, item)` giving `{ fields, read(), after(id) }`, of which `after` sends what is no part of the entry, `blank`, `columns` for the import or null,
 * `tools(item, refresh)` more buttons of a row.
 */
export async function registerView(place, view, kind) {
  const { session, signal } = view;
  const mayChange = session.may(kind.change);
  const list = make('div', { id: 'list' });
  const search = input('', { type: 'search', autocomplete: 'off' });
  search.addEventListener('input', draw);
  const tools = mayChange
    ? [button(t('add'), () => edit(null), 'main', { id: 'add' }), kind.columns ? button(t('regImport'), importFile, 'quiet', { id: 'import' }) : null]
    : [];
  let items = [];

  async function refresh() {
    items = await api.get(kind.path, { signal });
    draw();
  }

  function draw() {
    const wanted = folded(search.value.trim());
    const shown = items.filter((item) => !wanted || folded(kind.text(item.entry)).includes(wanted));
    if (!shown.length) return list.replaceChildren(make('p', { class: 'card' }, t(items.length ? 'noMatch' : 'none')));
    const heads = [...kind.heads(), ...(mayChange || kind.tools ? [t('actions')] : [])];
    list.replaceChildren(table(kind.title(), heads, shown.map((item) => [
      ...kind.cells(item.entry, item),
      ...(mayChange || kind.tools ? [rowTools(item)] : []),
    ])));
  }

  function rowTools(item) {
    const tools = make('div', { class: 'cell-tools' });
    if (item.isFixed) return make('span', { class: 'tag' }, t('fixedNote'));
    if (mayChange) {
      const name = kind.nameOf(item.entry);
      tools.append(
        button(t('edit'), () => edit(item.entry, item), 'quiet', { 'aria-label': `${t('edit')}: ${name}` }),
        button(t('remove'), () => remove(item.entry), 'quiet', { 'aria-label': `${t('remove')}: ${name}` }));
    }
    tools.append(...(kind.tools?.(item, refresh) ?? []));
    return tools;
  }

  async function edit(entry, item) {
    // What is new comes after all others, unless it is given another place.
    const blank = { ...kind.blank(), ...('order' in kind.blank() ? { order: Math.max(0, ...items.map((item) => item.entry.order)) + 10 } : {}) };
    const form = kind.form(entry ?? blank, item);
    const id = input(entry?.id ?? '', { maxlength: 64, autocapitalize: 'none', spellcheck: 'false', readonly: entry !== null, name: 'id' });
    let answer = null;
    let isNew = entry === null;
    const isSaved = await formDialog(entry ? kind.nameOf(entry) : `${t('add')}: ${kind.title()}`, [
      make('div', { class: 'fields two' }, field(t('regID'), id, { hint: t('regIDHint'), isRequired: true }), form.fields),
    ], async () => {
      const written = { ...(entry ?? blank), ...form.read(id.value.trim()), id: id.value.trim() };
      answer = await api.put(`${kind.path}/${part(written.id)}?mode=${isNew ? 'add' : 'set'}`, written);
      isNew = false;
      await form.after?.(written.id);
    }, { wide: true });
    if (!isSaved) return;
    say(t('saved'));
    await refresh();
    await showIssued(answer);
  }

  async function remove(entry) {
    const isDone = await confirm(t('confirmRemove', { name: kind.nameOf(entry) }), () => api.remove(`${kind.path}/${part(entry.id)}`));
    if (isDone) { say(t('removed')); await refresh(); }
  }

  async function importFile() {
    const file = make('input', { type: 'file', accept: '.csv,text/csv,text/plain' });
    const report = make('div', { class: 'report', 'aria-live': 'polite' });
    let answer = null;
    const send = async (isTrial) => {
      if (!file.files.length) throw new Error(t('regChoose'));
      answer = await api.send(`${kind.path}/import?dryRun=${isTrial}`, file.files[0], 'text/csv');
      drawReport(report, answer);
      if (answer.faults.length) throw new Error(t('regFaults', { count: answer.faults.length }));
    };
    file.addEventListener('change', () => { if (file.files.length) send(true).catch((error) => { if (!answer) report.textContent = error.message; }); });
    const isDone = await formDialog(t('regImport'), [
      make('p', { class: 'hint' }, t('regImportLead', { columns: kind.columns() })), field(t('regFile'), file), report,
    ], () => send(false), { saveWords: t('regTake'), wide: true });
    if (!isDone) return;
    say(t('saved'));
    await refresh();
    await showIssued(answer.issued);
  }

  place.replaceChildren(heading(kind.title(), tools),
    make('div', { class: 'searchbar' }, field(t('search'), search)), list);
  await refresh();
}

function drawReport(place, report) {
  const count = (outcome) => report.lines.filter((line) => line.outcome === outcome).length;
  if (report.faults.length) {
    place.replaceChildren(make('ul', { class: 'faults', id: freshID('faults') }, report.faults.map((fault) =>
      make('li', {}, make('strong', {}, fault.line ? t('regLine', { line: fault.line }) : t('regWhole')), ': ',
        document.documentElement.lang === 'vi' ? fault.words.vietnamese : fault.words.english))));
  } else {
    place.replaceChildren(make('p', { class: 'tag good' }, t('regTried', { new: count('new'), changed: count('changed'), same: count('same') })));
  }
}
