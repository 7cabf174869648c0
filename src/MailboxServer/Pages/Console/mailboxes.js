// Mailboxes: find them, and look after one.

import { deliver } from '/mailbox.js';
import { call, get, putJson, Refusal, token } from './api.js';
import { button, bytes, confirm, field, h, row, say, table, time } from './dom.js';
import { bodyOf, deliverForm } from './message.js';
import { tail } from './tail.js';

const REFRESH = 2_000;
const PAGE = 50;

const path = (name, rest = '') => `/v1/mailboxes/${encodeURIComponent(name)}${rest}`;

export const hrefOf = (name) => `#/mailboxes/${encodeURIComponent(name)}`;

/** What is asked of the names, and a page of them. */
export function mailboxes(root, prefix) {
  return finder(root, {
    title: 'Mailboxes', prefix, route: '#/mailboxes', page: '/v1/mailboxes', names: (list) => list.mailboxes, hrefOf,
    empty: 'No mailbox begins so.',
  });
}

/** The same for mailboxes and for groups: one by its name, or all that begin so, page by page. */
export async function finder(root, { title, prefix, route, page, names, hrefOf: href, empty }) {
  const input = h('input', { value: prefix, autocapitalize: 'off', autocomplete: 'off', spellcheck: false, pattern: '[A-Za-z0-9._~\\-]{0,128}' });
  const list = h('ul', { className: 'names', 'aria-label': title });
  const more = button('More', () => load(more.cursor), { hidden: true });
  const none = h('p', { className: 'quiet', role: 'status' });
  root.append(h('h1', {}, title),
    h('form', {
      className: 'row',
      role: 'search',
      onsubmit: (event) => {
        event.preventDefault();
        const go = event.submitter?.value === 'list' ? `${route}?prefix=${encodeURIComponent(input.value)}` : href(input.value);
        if (input.value || event.submitter?.value === 'list') location.hash = go;
      },
    }, field('Name, or how names begin', input), button('Open', undefined, { type: 'submit', value: 'open', className: 'primary' }), button('List', undefined, { type: 'submit', value: 'list' })),
    list, none, h('div', { className: 'row' }, more));
  await load();

  async function load(cursor) {
    more.hidden = true;
    none.textContent = 'Looking …';
    const query = new URLSearchParams({ ...(prefix ? { prefix } : {}), ...(cursor ? { cursor } : {}) });
    const answer = await get(`${page}?${query}`);
    const known = new Set([...list.children].map((item) => item.textContent));
    list.append(...names(answer).filter((name) => !known.has(name)).map((name) => h('li', {}, h('a', { href: href(name) }, name))));
    more.cursor = answer.cursor;
    more.hidden = !answer.cursor;
    none.textContent = list.children.length ? '' : answer.cursor ? 'None on this page.' : empty;
  }
}

/** One mailbox. */
export async function mailbox(root, name) {
  const facts = h('dl', { className: 'facts' });
  const messages = table('Messages that wait', ['Id', 'Delivered', 'Type', 'Content type', 'Body', ''], 'Nothing waits.');
  const more = button('More', () => peek(more.after), { hidden: true });
  const live = tail(name);
  const rows = [];
  let turn = 0;
  root.append(
    h('h1', {}, 'Mailbox ', h('code', {}, name)),
    h('div', { className: 'row' },
      button('Refresh', refreshAll),
      button('Close the receiver', () => act('Close its receiver?', 'The client that has it open is told that it was replaced, and does not come back by itself.', 'Close it', 'DELETE', '/receiver', 'The receiver is closed.')),
      button('Remove the mailbox', () => act('Remove the mailbox?', `All that waits in ${name} is gone for good.`, 'Remove it', 'DELETE', '', 'The mailbox is removed.'), { className: 'danger' })),
    h('h2', {}, 'State'), facts,
    h('h2', {}, 'Waiting'), messages.element, h('div', { className: 'row' }, more),
    h('h2', {}, 'Deliver'), deliverForm(send),
    h('h2', {}, 'Limits'), limitsForm(),
    live.element);

  await refreshAll();
  const timer = setInterval(() => refresh().catch(() => {}), REFRESH);
  return () => { clearInterval(timer); live.stop(); };

  async function refreshAll() {
    await refresh();
    await peek();
  }

  async function refresh() {
    let info = null;
    try {
      info = await get(path(name, '/info'));
    } catch (error) {
      if (!(error instanceof Refusal && error.status === 404)) throw error;
    }

    const list = info ? factsOf(info) : { State: 'It does not exist now: the first delivery or open makes it.' };
    facts.replaceChildren(...Object.entries(list).flatMap(([term, value]) => [h('dt', {}, term), h('dd', {}, value)]));
  }

  async function peek(after) {
    const mine = ++turn;
    let page = { messages: [] };
    try {
      page = await get(path(name, `/messages?${new URLSearchParams({ limit: PAGE, ...(after ? { after } : {}) })}`));
    } catch (error) {
      if (!(error instanceof Refusal && error.status === 404)) throw error;
    }

    if (mine !== turn) return; // asked again meanwhile
    if (!after) rows.length = 0;
    rows.push(...page.messages.map((message) => row(h('code', {}, message.id), time(message.time), message.type, message.contentType, bodyOf(message),
      button('Take back', () => act(`Take ${message.id} back?`, 'A receiver that was not sent it will not be.', 'Take it back', 'DELETE', `/messages/${message.id}`, 'The message is taken back.'), { 'aria-label': `Take back ${message.id}` }))));
    messages.show(rows);
    more.after = page.next;
    more.hidden = !page.next;
  }

  async function send(body, options) {
    const answer = await deliver(name, body, { ...options, token: token() });
    say(answer.queued ? `Delivered as ${answer.id}${answer.connected ? ', to a receiver that is there' : ''}.` : 'Nobody is there, and it was only for who is: not stored.');
    await refreshAll();
  }

  async function act(title, text, action, method, rest, done) {
    if (!await confirm(title, text, action)) return;
    await call(method, path(name, rest));
    say(done);
    await refreshAll();
  }

  function limitsForm() {
    const inputs = {
      timeToLive: h('input', { type: 'number', min: 1, max: 31_536_000 }), maxMessages: h('input', { type: 'number', min: 1, max: 100_000 }),
      maxBytes: h('input', { type: 'number', min: 1, max: 67_108_864 }),
    };
    const overflow = h('select', {}, h('option', { value: '' }, 'as the node'), h('option', { value: 'reject' }, 'refuse'), h('option', { value: 'dropOldest' }, 'drop the oldest'));
    return h('form', {
      className: 'panel',
      onsubmit: async (event) => {
        event.preventDefault();
        const settings = Object.fromEntries(Object.entries(inputs).filter(([, input]) => input.value).map(([key, input]) => [key, Number(input.value)]));
        if (overflow.value) settings.overflow = overflow.value;
        await putJson(path(name), settings);
        say('The limits are set; what is empty is as the node has it.');
        await refreshAll();
      },
    },
    h('div', { className: 'fields' }, field('Seconds to live', inputs.timeToLive), field('Most messages', inputs.maxMessages), field('Most bytes', inputs.maxBytes), field('When it is full', overflow)),
    h('div', { className: 'row' }, button('Set the limits', undefined, { type: 'submit' })));
  }
}

function factsOf(info) {
  const { limits } = info;
  return {
    Waiting: `${info.messages.toLocaleString()} of ${limits.maxMessages.toLocaleString()}, ${bytes(info.bytes)} of ${bytes(limits.maxBytes)}`,
    Numbers: `${info.first} to ${info.last}; sent to ${info.sent}, flushed to ${info.flushed}`,
    Receiver: info.connected ? `present: ${info.receiver}` : info.receiver ? `away: ${info.receiver}` : 'none yet',
    ...(info.node ? { Connection: h('span', {}, `${info.transport} on node `, h('code', {}, info.node), ', since ', time(info.since)) } : {}),
    Opens: String(info.epoch),
    Generation: h('code', {}, info.generation),
    'Removed if nobody comes': time(info.expires),
    'When it is full': limits.overflow === 'reject' ? 'deliveries are refused' : 'the oldest leave',
  };
}
