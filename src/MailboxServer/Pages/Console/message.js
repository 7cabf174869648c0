// A message's body, as far as one wants to read it in a list; and the form that delivers one.

import { button, bytes, field, h } from './dom.js';

const SHOWN = 240;

/** Of an envelope, or of a message of mailbox.js: text, JSON or bytes, never markup. */
export function bodyOf({ data, dataBase64 }) {
  if (dataBase64 !== undefined) return h('code', {}, `${bytes(atob(dataBase64).length)}, not text: ${dataBase64.slice(0, 80)}`);
  if (data instanceof Uint8Array) return h('code', {}, `${bytes(data.length)}, not text`);
  const text = typeof data === 'string' ? data : JSON.stringify(data);
  return text.length <= SHOWN
    ? h('bdi', { className: 'body' }, text)
    : h('details', {}, h('summary', {}, h('bdi', { className: 'body' }, `${text.slice(0, SHOWN)}…`), ` (${text.length.toLocaleString()} characters)`),
      h('pre', { tabIndex: 0 }, h('bdi', {}, text)));
}

/** Calls `send` with the body and the options of mailbox.js; what it says is up to it. */
export function deliverForm(send) {
  const body = h('textarea', { rows: 3, required: true, spellcheck: false });
  const contentType = h('input', { value: 'text/plain; charset=utf-8' });
  const type = h('input', { pattern: '[A-Za-z0-9._~\\-]{1,128}' });
  const ttl = h('input', { type: 'number', min: 0, max: 9_999_999_999 });
  const topic = h('input', { pattern: '[A-Za-z0-9_\\-]{1,32}' });
  const key = h('input', { maxLength: 128 });
  return h('form', {
    className: 'panel',
    onsubmit: async (event) => {
      event.preventDefault();
      await send(body.value, {
        contentType: contentType.value || undefined, type: type.value || undefined, ttl: ttl.value === '' ? undefined : Number(ttl.value),
        topic: topic.value || undefined, idempotencyKey: key.value || undefined, patience: 5,
      });
    },
  },
  field('Body', body),
  h('div', { className: 'fields' }, field('Content type', contentType), field('Type', type), field('Seconds to live', ttl), field('Topic', topic), field('Idempotency key', key)),
  h('div', { className: 'row' }, button('Deliver', undefined, { type: 'submit', className: 'primary' })));
}
