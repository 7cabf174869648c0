// The cluster at a glance. Each node delivers what it has counted into the mailbox `~nodes`; two of its messages make a rate.

import { open } from '/mailbox.js';
import { get, token } from './api.js';
import { sparkline } from './chart.js';
import { bytes, h, row, say, table, time } from './dom.js';

const STEP = 2_000;
const SHOWN = 90; // steps: three minutes
const SILENT_AFTER = 8_000;
const FORGOTTEN_AFTER = 60_000;

const FIGURES = [
  { name: 'Open streams', of: (now) => now.connections, unit: '' },
  { name: 'Delivered', of: (now) => now.delivered, unit: '/s' },
  { name: 'Received', of: (now) => now.taken, unit: '/s' },
  { name: 'Wake latency, 99 %', of: (now) => now.latency, unit: ' ms' },
  { name: 'Gaps and resets', of: (now) => now.gaps, unit: '' },
  { name: 'Refused', of: (now) => now.refusals, unit: '/s' },
];

export async function overview(root) {
  const nodes = new Map(); // id → { last, before, heard }
  const state = h('p', { className: 'quiet', role: 'status' }, 'Waiting for the nodes …');
  const cards = FIGURES.map(card);
  const list = table('Nodes', ['Node', 'Host', 'Version', 'State', 'Streams', 'Memory', 'Started', 'Heard'], 'No node is heard.');
  const store = h('dl', { className: 'facts' });
  root.append(h('h1', {}, 'Overview'), state, h('div', { className: 'cards' }, cards.map((it) => it.element)),
    h('h2', {}, 'Nodes'), list.element, h('h2', {}, 'Store'), store);

  // Asks who looks, where that matters, before the stream is opened.
  await showStore(store);
  const receiver = open('~nodes', {
    shared: true,
    token: token(),
    onMessage: ({ data }) => {
      const known = nodes.get(data.node);
      if (known && known.last.time >= data.time) return; // told again after a reset
      nodes.set(data.node, { last: data, before: known?.last ?? null, heard: Date.now() });
    },
    onState: (name, detail) => {
      state.textContent = { open: 'Live, every two seconds.', connecting: 'Connecting …' }[name] ?? `${name}: ${detail.reason ?? 'no more is told'}`;
    },
    onError: (error) => say(error.message, true),
  });
  const timer = setInterval(show, STEP);
  show();
  return () => { clearInterval(timer); receiver.close(); };

  function show() {
    const now = Date.now();
    for (const [id, node] of nodes) if (now - node.heard > FORGOTTEN_AFTER) nodes.delete(id);
    const heard = [...nodes.values()].filter((node) => now - node.heard <= SILENT_AFTER);
    const sums = sumOf(heard);
    if (nodes.size > 0) cards.forEach((it, i) => it.add(FIGURES[i].of(sums)));
    list.show([...nodes.values()].sort((a, b) => a.last.started.localeCompare(b.last.started)).map(({ last, heard: at }) => {
      const isSilent = now - at > SILENT_AFTER;
      return row(h('code', {}, last.node), last.host, last.version,
        h('span', { className: `state ${isSilent ? 'silent' : last.state}` }, isSilent ? 'silent' : last.state),
        String(last.connections), bytes(last.memory), time(last.started), `${Math.round((now - at) / 1_000)} s ago`);
    }));
  }
}

function card({ name, unit }) {
  const value = h('span', { className: 'value' }, '–');
  const chart = sparkline(SHOWN, (now, top) => `${name}: now ${shown(now)}${unit}, at most ${shown(top)}${unit} in the last minutes`);
  return {
    element: h('section', { className: 'card', 'aria-label': name }, h('h2', {}, name), h('p', {}, value, h('span', { className: 'unit' }, unit)), chart.element),
    add(now) {
      value.textContent = shown(now);
      chart.add(now);
    },
  };
}

function shown(value) {
  return value >= 100 || Number.isInteger(value) ? Math.round(value).toLocaleString() : value.toFixed(1);
}

/** Rates of all nodes together, and what they told of gaps while this page was open. */
function sumOf(heard) {
  const sums = { connections: 0, delivered: 0, taken: 0, refusals: 0, gaps: 0, latency: 0 };
  const counts = [];
  let bounds = [];
  for (const { last, before } of heard) {
    sums.connections += last.connections;
    sums.gaps += last.gaps + last.resets;
    if (!before) continue;
    const seconds = Math.max(0.1, (new Date(last.time) - new Date(before.time)) / 1_000);
    for (const name of ['delivered', 'taken', 'refusals']) sums[name] += (last[name] - before[name]) / seconds;
    bounds = last.wakeLatency.bounds;
    last.wakeLatency.counts.forEach((count, i) => { counts[i] = (counts[i] ?? 0) + count - (before.wakeLatency.counts[i] ?? 0); });
  }

  sums.latency = percentile(0.99, bounds, counts) * 1_000;
  return sums;
}

/** The bound below which this part of the measurements stayed; 0 when there was none. */
function percentile(part, bounds, counts) {
  const all = counts.reduce((sum, count) => sum + count, 0);
  let below = 0;
  for (let i = 0; i < counts.length && all > 0; i++) {
    below += counts[i];
    if (below >= part * all) return bounds[Math.min(i, bounds.length - 1)];
  }

  return 0;
}

async function showStore(list) {
  const { store } = await get('/info');
  const facts = {
    State: store.state, Engine: store.engine && `${store.engine} ${store.version}`, Mode: store.mode, 'Append-only file': store.appendOnly && `${store.appendOnly}, ${store.appendFsync}`,
    'When full': store.evictionPolicy, Replicas: store.replicas?.toString(), 'After a crash of Redis': store.acceptedMessagesSurvive?.processCrash.meaning,
    'After a failover': store.acceptedMessagesSurvive?.failover.meaning,
  };
  list.replaceChildren(...Object.entries(facts).filter(([, value]) => value).flatMap(([name, value]) => [h('dt', {}, name), h('dd', {}, value)]));
}
