// Which view the address asks for: everything behind the # of it, so that back, forward and reload do what one expects.

import { forget, hasKey } from './api.js';
import { h, say } from './dom.js';
import { group, groups } from './groups.js';
import { mailbox, mailboxes } from './mailboxes.js';
import { overview } from './overview.js';

const main = document.querySelector('#main');
const forgetButton = document.querySelector('#forget');
let leave = null;
let turn = 0;

async function show() {
  const mine = ++turn;
  leave?.();
  leave = null;
  main.replaceChildren();
  const [path, query] = location.hash.replace(/^#\/?/, '').split('?');
  const [kind, ...rest] = path.split('/');
  const name = decodeURIComponent(rest.join('/'));
  const prefix = new URLSearchParams(query).get('prefix') ?? '';
  document.title = ['Mailbox console', kind, name].filter(Boolean).join(' · ');
  for (const link of document.querySelectorAll('nav a')) {
    const isHere = link.getAttribute('href') === `#/${kind}`;
    if (isHere) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }

  try {
    const root = h('div', {});
    main.append(root);
    const end = await (kind === 'mailboxes' ? (name ? mailbox(root, name) : mailboxes(root, prefix))
      : kind === 'groups' ? (name ? group(root, name) : groups(root, prefix))
        : overview(root));
    if (mine === turn) leave = end ?? null;
    else end?.();
  } catch (error) {
    if (mine === turn) tell(error);
  }
}

/** What goes wrong in any handler of a view ends here. */
function tell(error) {
  const hint = error.status === 403 ? ' The key lacks the scope mailbox.admin:*.' : error.status === 401 ? ' Without a key there is nothing to see.' : '';
  say(`${error.message}${hint}`, true);
}

addEventListener('hashchange', () => { main.focus(); show(); });
addEventListener('unhandledrejection', (event) => { event.preventDefault(); tell(event.reason); });
addEventListener('key', () => { forgetButton.hidden = !hasKey(); });
forgetButton.addEventListener('click', () => { forget(); say('The key is forgotten.'); show(); });
forgetButton.hidden = !hasKey();
show();
