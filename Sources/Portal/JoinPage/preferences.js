/**
 * What is remembered in this browser: no secret is.
 */
const prefix = 'causeway.';

export function remembered(name) {
  try { return localStorage.getItem(prefix + name) ?? undefined; } catch { return undefined; }
}

export function remember(name, value) {
  try { localStorage.setItem(prefix + name, value); } catch { /* Private windows may have no place for it. */ }
}

/**
 * The invitation in the address (`#k=…`), which browsers send to nobody. It is taken out of the address bar, so that it is
 * not copied with it, and kept for reloads of this tab.
 */
export function takeInvitation(room) {
  const key = `${prefix}invitation.${room}`;
  const found = /^#k=([\w.-]+)$/.exec(location.hash)?.[1];
  try {
    if (!found) return sessionStorage.getItem(key) ?? undefined;
    sessionStorage.setItem(key, found);
  } catch { /* As above. */ }
  if (found) history.replaceState(null, '', location.pathname + location.search);
  return found;
}

export function forgetInvitation(room) {
  try { sessionStorage.removeItem(`${prefix}invitation.${room}`); } catch { /* As above. */ }
}
