// Groups: find them, and look after one.

import { deliverToGroup } from '/mailbox.js';
import { call, get, Refusal, token } from './api.js';
import { button, confirm, field, h, row, say, table, time } from './dom.js';
import { finder, hrefOf as mailboxHref } from './mailboxes.js';
import { deliverForm } from './message.js';

const path = (name, rest = '') => `/v1/groups/${encodeURIComponent(name)}${rest}`;
const hrefOf = (name) => `#/groups/${encodeURIComponent(name)}`;

export function groups(root, prefix) {
  return finder(root, {
    title: 'Groups', prefix, route: '#/groups', page: '/v1/groups', names: (list) => list.groups, hrefOf, empty: 'No group begins so.',
  });
}

/** One group. */
export async function group(root, name) {
  const state = h('p', { role: 'status' });
  const members = table('Members', ['Mailbox', 'Until', ''], 'Nobody is a member.');
  const more = button('More', () => load(more.cursor), { hidden: true });
  const rows = [];
  let turn = 0;
  const mailbox = h('input', { required: true, pattern: '[A-Za-z0-9_\\-][A-Za-z0-9._~\\-]{0,127}', autocapitalize: 'off', spellcheck: false });
  const seconds = h('input', { type: 'number', min: 1, max: 31_536_000 });
  root.append(
    h('h1', {}, 'Group ', h('code', {}, name)), state,
    h('div', { className: 'row' }, button('Refresh', () => load()), button('Remove the group', remove, { className: 'danger' })),
    h('h2', {}, 'Members'), members.element, h('div', { className: 'row' }, more),
    h('form', { className: 'panel', onsubmit: join },
      h('div', { className: 'fields' }, field('Mailbox', mailbox), field('Seconds that it is a member', seconds)),
      h('div', { className: 'row' }, button('Add', undefined, { type: 'submit' }))),
    h('h2', {}, 'Deliver to all'), deliverForm(send));
  await load();

  async function load(cursor) {
    const mine = ++turn;
    let info = { members: 0, outbox: 0, page: [] };
    try {
      info = await get(path(name, cursor ? `?cursor=${encodeURIComponent(cursor)}` : ''));
    } catch (error) {
      if (!(error instanceof Refusal && error.status === 404)) throw error;
    }

    if (mine !== turn) return; // asked again meanwhile
    if (!cursor) rows.length = 0;
    state.textContent = `${info.members.toLocaleString()} members; ${info.outbox.toLocaleString()} deliveries have not reached all of them yet.`;
    rows.push(...info.page.map((member) => row(h('a', { href: mailboxHref(member.mailbox) }, member.mailbox), member.ends ? time(member.ends) : 'it leaves',
      button('Take out', () => leave(member.mailbox), { 'aria-label': `Take ${member.mailbox} out` }))));
    members.show(rows);
    more.cursor = info.cursor;
    more.hidden = !info.cursor;
  }

  async function join(event) {
    event.preventDefault();
    await call('PUT', path(name, `/members/${encodeURIComponent(mailbox.value)}`), { headers: seconds.value ? { TTL: seconds.value } : {} });
    say(`${mailbox.value} is a member.`);
    mailbox.value = '';
    await load();
  }

  async function leave(member) {
    if (!await confirm(`Take ${member} out?`, 'It gets no more of what is delivered to the group.', 'Take it out')) return;
    await call('DELETE', path(name, `/members/${encodeURIComponent(member)}`));
    say(`${member} is no member any more.`);
    await load();
  }

  async function remove() {
    if (!await confirm('Remove the group?', `All members of ${name} leave it, and what has not reached them is gone. Their mailboxes stay.`, 'Remove it')) return;
    await call('DELETE', path(name));
    say('The group is removed.');
    await load();
  }

  async function send(body, options) {
    const told = await deliverToGroup(name, body, { ...options, token: token() });
    say(`${told.state}: of ${told.members} members ${told.delivered} were there, for ${told.waiting} it waits, ${told.full} were full, ${told.failed} failed.`);
    await load();
  }
}
