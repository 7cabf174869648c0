// The calls of the server, with the rights of who looks. The key stays in this tab, and is never part of an address.

const STORE = 'mailbox:console:key';

export class Refusal extends Error {
  constructor(status, problem) {
    super(problem.detail ? `${problem.title ?? status} ${problem.detail}` : problem.title ?? `The server answered ${status}.`);
    this.status = status;
  }
}

let key = sessionStorage.getItem(STORE) ?? '';
let asking = null;

/** For `open` and `deliver` of mailbox.js; undefined where there is no key. */
export const token = () => (key ? () => key : undefined);

export const hasKey = () => key !== '';

export function forget() {
  key = '';
  sessionStorage.removeItem(STORE);
  dispatchEvent(new Event('key'));
}

/**
 * A call, and the JSON that it answers; null when it answers none. A 401 asks for a key, and tries again with it.
 * @throws Refusal for every status from 400 on; TypeError when there was no answer.
 */
export async function call(method, path, { body, headers } = {}) {
  for (;;) {
    const used = key;
    const response = await fetch(path, {
      method, body, cache: 'no-store', headers: { ...headers, ...(used ? { Authorization: `Bearer ${used}` } : {}) },
    });
    if (response.status === 401 && await ask(used)) continue;
    const text = await response.text();
    const json = /json/.test(response.headers.get('Content-Type') ?? '') && text ? JSON.parse(text) : null;
    if (!response.ok) throw new Refusal(response.status, json ?? {});
    return json;
  }
}

export const get = (path) => call('GET', path);

export const putJson = (path, value) =>
  call('PUT', path, { body: JSON.stringify(value), headers: { 'Content-Type': 'application/json' } });

/** Once for all calls that were refused at the same time; true when there is another key now. */
function ask(refused) {
  if (key !== refused) return true;
  asking ??= new Promise((resolve) => {
    const dialog = document.querySelector('#key-dialog');
    const input = document.querySelector('#key');
    document.querySelector('#key-title').textContent = refused ? 'That key does not hold' : 'Who are you?';
    input.value = '';
    dialog.returnValue = '';
    dialog.showModal();
    dialog.addEventListener('close', () => {
      asking = null;
      const given = dialog.returnValue === 'ok' ? input.value.trim() : '';
      input.value = '';
      if (given) {
        key = given;
        sessionStorage.setItem(STORE, key);
        dispatchEvent(new Event('key'));
      }

      resolve(given !== '');
    }, { once: true });
  });
  return asking;
}
