/**
 * Who is to be seen, and how: as the chair chose it for all or for this point, or else as the point chose it itself.
 */
const inStrip = 5;

/**
 * @param {import('../sip/conference.js').Conference|undefined} conference
 * @param {{self: ?object, users: object[], isGallery: boolean, panes: number, shown: ?object, isSelf: (entity: string) => boolean,
 *   spoken: Map<string, number>}} view `spoken`: when each spoke last; `panes`: how many cameras can be shown as they come
 * @returns {{layout: string, use: 'composed'|'beside'|'alone', tiles: object[]}} `tiles` are users in their order
 */
export function arrangement(conference, view) {
  const layout = view.self?.layout ?? conference?.layout ?? (view.isGallery ? 'gallery' : 'speaker');
  const composed = { layout, use: 'composed', tiles: [] };
  // A line stands on every picture; or this point sits apart, where others are not as the list has them.
  if (!conference || conference.isComposed || view.self?.status === 'on-hold') return composed;
  const present = view.users.filter((user) => user.status !== 'on-hold');
  const tiles = chosen(layout, conference, view, present);
  const cameras = tiles.filter((user) => !view.isSelf(user.entity)).length;
  if (tiles.length === 0 || cameras === 0 || cameras > view.panes) return composed;
  return { layout, use: layout === 'speaker-strip' ? 'beside' : 'alone', tiles };
}

function chosen(layout, conference, view, present) {
  const byProtocol = (left, right) => left.place - right.place || (left.entity < right.entity ? -1 : 1);
  const byActivity = (left, right) =>
    (view.spoken.get(right.entity) ?? 0) - (view.spoken.get(left.entity) ?? 0) || byProtocol(left, right);
  switch (layout) {
    case 'gallery': return present.sort(byProtocol);
    case 'gallery-activity': return present.sort(byActivity);
    case 'chair': {
      const own = view.self?.chosen ?? [];
      const order = view.self?.layout === 'chair' && own.length > 0 ? own : conference.chosen;
      return order.map((entity) => present.find((user) => user.entity === entity)).filter(Boolean);
    }
    case 'speaker-strip':
      return present.filter((user) => user.entity !== view.shown?.entity && !view.isSelf(user.entity))
        .sort(byActivity).slice(0, inStrip);
    default: return [];
  }
}
