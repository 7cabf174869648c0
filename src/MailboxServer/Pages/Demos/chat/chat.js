// A chat. A room is a group, and each person in it a mailbox: what is said to the group waits in everybody's mailbox until
// their page has it. docs/tutorial.md builds this page step by step.
import { open, deliverToGroup } from '/mailbox.js';

const $ = (id) => document.getElementById(id);
let room, person, lines, unsent;

$('enter').addEventListener('submit', (event) => {
  event.preventDefault();
  location.hash = `${$('room').value}/${$('person').value}`; // the address can be kept, and opened again
});
addEventListener('hashchange', () => location.reload());
const [, toRoom, toPerson] = /^#([\w-]{1,24})\/([\w-]{1,24})$/.exec(location.hash) ?? [];
if (toRoom) enter(toRoom, toPerson);

function enter(...who) {
  [room, person] = who;
  const mailbox = `${room}.${person}`; // one for each room, so that a person can be in several
  document.title = `${room}: ${person}`;
  $('enter').hidden = true;
  $('chat').hidden = false;

  // An acknowledged message is gone from the mailbox, so this page keeps what was said, and what it could not send yet.
  lines = kept('lines');
  unsent = kept('unsent');
  lines.forEach(showLine);
  showUnsent();

  open(mailbox, {
    remember: localStorage, // go on where this browser was, also after it was closed
    onMessage, // acknowledged when this has returned: by then the line is kept
    onState(state, { reason }) {
      $('state').textContent = { open: 'Connected.', replaced: 'Open in another window: this one has stopped.' }[state] ?? `Away: ${reason ?? state}.`;
      if (state === 'open') join(mailbox);
      if (state === 'replaced') for (const element of $('say').elements) element.disabled = true;
    },
    onGap: ({ from, to }) => tell(`${to - from + 1} messages were dropped: the mailbox was full, or away for too long.`),
    onError: (error) => tell(error.message),
  });
  send();
  setInterval(sayHere, 10_000);
  setInterval(showHere, 1_000);
}

// Idempotent, so it is simply done with each connection. Who does not come back for a week is no member any more.
async function join(mailbox) {
  const response = await fetch(`/v1/groups/${room}/members/${mailbox}`, { method: 'PUT', headers: { TTL: '604800' } }).catch(() => null);
  if (response?.ok) sayHere();
  else setTimeout(() => join(mailbox), 1_000);
}

function onMessage({ type, data }) {
  if (type === 'here') return heard(data.from);
  // A message may come twice: over a broken connection, or when this page was closed before it was acknowledged.
  if (lines.some((line) => line.id === data.id)) return;
  lines.push(data);
  lines.splice(0, lines.length - 500);
  keep('lines', lines);
  showLine(data);
}

// --- saying ---

$('say').addEventListener('submit', (event) => {
  event.preventDefault();
  const text = $('text').value.trim();
  if (!text) return;
  $('text').value = '';
  unsent.push({ id: crypto.randomUUID(), from: person, text });
  keep('unsent', unsent);
  showUnsent();
  if (unsent.length === 1) send();
});

// One after the other, so that they arrive in this order. deliverToGroup tries again until the server has answered, always
// with the same key, by which the server knows a line that it has: none is lost, and none is there twice.
async function send() {
  while (unsent.length > 0) {
    const line = unsent[0];
    await deliverToGroup(room, line, { idempotencyKey: line.id, patience: Infinity })
      .catch((error) => tell(`Not sent: “${line.text}”. ${error.message}`)); // refused for good
    unsent.shift();
    keep('unsent', unsent);
    showUnsent();
  }
}

// --- who is here ---

// Each page says so to the room every ten seconds. Such a message lives for 30 s, and of one person only the newest waits
// (Topic): a mailbox whose page is away holds one for each person, and soon none. Who was not heard for 25 s is not here.
const lastHeard = new Map();

function sayHere() {
  deliverToGroup(room, { from: person }, { type: 'here', topic: `here-${person}`, ttl: 30, patience: 5 }).catch(() => {}); // the next one follows
}

function heard(who) {
  lastHeard.set(who, Date.now());
  showHere();
}

function showHere() {
  const here = [...lastHeard].filter(([, at]) => Date.now() - at < 25_000).map(([who]) => who);
  $('here').textContent = here.sort().join(', ') || 'nobody yet';
}

// --- the page. What others wrote is shown as text, never as HTML ---

function showLine({ from, text }) {
  const name = document.createElement('b');
  name.textContent = from;
  const item = document.createElement('li');
  item.append(name, text);
  $('lines').append(item);
  $('lines').scrollTop = $('lines').scrollHeight;
}

function showUnsent() {
  $('unsent').replaceChildren(...unsent.map(({ text }) => Object.assign(document.createElement('li'), { textContent: text })));
}

function tell(text) { showLine({ from: '—', text }); }

function kept(what) { return JSON.parse(localStorage.getItem(`chat:${room}:${person}:${what}`) ?? '[]'); }

function keep(what, value) { localStorage.setItem(`chat:${room}:${person}:${what}`, JSON.stringify(value)); }
