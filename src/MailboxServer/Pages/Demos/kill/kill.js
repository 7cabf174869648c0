// Kill the node that this page is connected to. The page comes back through the same address, is led to the other node, and says
// how far it was; what it has not acknowledged is in Redis, and not in the node that died. The backend: samples/demos/Counter.cs.
import { open } from '/mailbox.js';
import { $, lookForBackend, mailboxOfTab, showState, stayIn } from '../demos.js';

const mailbox = mailboxOfTab('counter');
let run, newest, received, lost, twice, connections = 0;

open(mailbox, {
  onState(state, detail) {
    showState(state, detail);
    if (state === 'open') $('connections').textContent = ++connections;
  },
  onMessage({ type, data }) {
    if (type === 'count') count(data);
    if (type === 'nodes') showNodes(data);
  },
});

function count({ since, n }) {
  if (since !== run) [run, newest, received, lost, twice] = [since, n - 1, 0, 0, 0]; // the first one, or of a new backend
  if (n <= newest) twice++;
  else lost += n - newest - 1;
  newest = Math.max(n, newest);
  received++;
  for (const [id, value] of Object.entries({ newest, received, lost, twice })) $(id).textContent = value;
}

// Which nodes there are comes through the mailbox as well: the backend knows their processes.
function showNodes({ nodes, serving, command }) {
  $('command').textContent = command ?? 'only one node is left; start ./dev demos anew';
  $('nodes').replaceChildren(...nodes.map(({ address, pid, isAlive }) => {
    const text = `${address}, process ${pid}: ${address === serving ? 'new connections come here' : isAlive ? 'stands by' : 'gone'}`;
    return Object.assign(document.createElement('li'), { textContent: text, className: isAlive ? '' : 'bad' });
  }));
}

stayIn('counter', mailbox, () => { run = undefined; }); // asleep for longer, it was no member: what was counted meanwhile is not lost
lookForBackend();
