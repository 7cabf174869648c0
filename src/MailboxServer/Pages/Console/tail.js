// A live look at one mailbox: a watcher moves nothing, so it takes nothing away from the receiver.

import { open } from '/mailbox.js';
import { token } from './api.js';
import { button, h, say } from './dom.js';
import { bodyOf } from './message.js';

const MOST = 500;

export function tail(mailbox) {
  let receiver = null;
  let isPaused = false;
  let missed = 0;
  const list = h('ol', { className: 'tail', tabIndex: 0, 'aria-label': `Messages that came into ${mailbox} while this page watched` });
  const state = h('span', { className: 'quiet', role: 'status' }, 'not watching');
  const watch = button('Watch', () => (receiver ? stop() : start()));
  const pause = button('Pause', () => {
    isPaused = !isPaused;
    pause.textContent = isPaused ? 'Go on' : 'Pause';
    if (!isPaused && missed) add(h('li', { className: 'quiet' }, `${missed} came while it was paused`));
    missed = 0;
  }, { disabled: true });
  const clear = button('Clear', () => list.replaceChildren());

  function start() {
    watch.textContent = 'Stop watching';
    pause.disabled = false;
    receiver = open(mailbox, {
      shared: true,
      after: 'now',
      token: token(),
      onMessage: (message) => {
        if (isPaused) missed++;
        else add(h('li', {}, h('span', { className: 'quiet' }, `${message.id}${message.type ? ` · ${message.type}` : ''} `), bodyOf(message)));
      },
      onGap: ({ from, to, reason }) => add(h('li', { className: 'bad' }, `gap: ${from} to ${to} will not come (${reason})`)),
      onReset: ({ reason }) => add(h('li', { className: 'bad' }, `reset: ${reason}`)),
      onState: (name, detail) => { state.textContent = detail.reason ? `${name}: ${detail.reason}` : name; },
      onError: (error) => say(error.message, true),
    });
  }

  function stop() {
    receiver?.close();
    receiver = null;
    isPaused = false;
    watch.textContent = 'Watch';
    pause.textContent = 'Pause';
    pause.disabled = true;
    state.textContent = 'not watching';
  }

  function add(item) {
    list.prepend(item);
    while (list.children.length > MOST) list.lastChild.remove();
  }

  return {
    element: h('section', { 'aria-label': 'Live' }, h('h2', {}, 'Live'), h('div', { className: 'row' }, watch, pause, clear, state), list),
    stop,
  };
}
