// What the demos beside the chat have in common.

export const $ = (id) => document.getElementById(id);

/** A mailbox of this tab's own, the same after a reload. */
export function mailboxOfTab(demo) {
  const key = `mailbox-of:${demo}`;
  const name = sessionStorage.getItem(key) ?? `${demo}.${crypto.randomUUID()}`;
  sessionStorage.setItem(key, name);
  return name;
}

/** Makes it a member of a group for two minutes, again and again: a tab that was closed is none soon. `onJoin`: it was none before. */
export async function stayIn(group, mailbox, onJoin) {
  const response = await fetch(`/v1/groups/${group}/members/${mailbox}`, { method: 'PUT', headers: { TTL: '120' } }).catch(() => null);
  if (response?.status === 201) onJoin?.();
  setTimeout(() => stayIn(group, mailbox, onJoin), response?.ok ? 30_000 : 1_000);
}

/** For `onState`: says in the page how the connection is. */
export function showState(state, { reason } = {}) {
  $('state').textContent = state === 'open' ? 'Connected.' : `Not connected: ${reason ?? state}.`;
}

/** Without ./dev demos there is no backend behind the node: the page says how to start it. */
export async function lookForBackend() {
  const response = await fetch('/backend').catch(() => null);
  $('hint').hidden = response?.ok === true;
}
