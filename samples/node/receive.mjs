// Receives a mailbox as server-sent events and acknowledges: docs/protocol.md. Needs eventsource (npm install eventsource);
// in a browser EventSource is there, see ../browser.
//
//     node receive.mjs alice
//
// Prints each message as one line of JSON; what happens beside messages goes to the standard error. Ends with 0 when it was
// interrupted, or when another receiver took over: whoever then starts it again takes the mailbox back.
import { parseArgs } from 'node:util';
import { EventSource } from 'eventsource';

/**
 * Calls onMessage with each message's envelope, one after the other, and acknowledges what it returned from; one whose
 * handling fails, or dies with this process, is received again. Resolves when another receiver took over.
 *
 * An EventSource comes back by itself, but with the place of what it was last given, and that acknowledges it, handled or
 * not. So we come back with our own place once everything was handled; as the same receiver all the same.
 */
export function receive(server, mailbox, { onMessage, onControl = () => {}, window = 100 }) {
  const path = `/v1/mailboxes/${encodeURIComponent(mailbox)}`;
  let cursor; // our place: everything up to it was handled

  return new Promise((resolve, reject) => {
    open();

    function open() {
      const url = new URL(`${path}?ack=client&window=${window}&format=envelope`, server);
      if (cursor) url.searchParams.set('after', cursor);
      const source = new EventSource(url);
      let handling = Promise.resolve();
      const listen = (name, handle) => source.addEventListener(name, (event) => {
        handling = handling.then(() => handle(JSON.parse(event.data), event.lastEventId));
        handling.catch(fail);
      });

      listen('message', async (message, place) => {
        await onMessage(message);
        cursor = place;
        await acknowledge();
      });
      for (const name of ['open', 'gap', 'reset', 'draining', 'unavailable', 'unauthorized']) {
        listen(`mailbox.${name}`, async (told) => {
          await onControl(told);
          cursor = told.cursor ?? cursor;
        });
      }
      listen('mailbox.replaced', replaced);

      source.addEventListener('error', ({ code }) => {
        source.close();
        if (code === 204) replaced({ control: 'replaced' });
        else if (code >= 400 && code < 500 && code !== 429) fail(new Error(`refused: ${code}`));
        else handling.then(() => setTimeout(open, 1000 + 2000 * Math.random()), () => {});
      });

      async function replaced(told) {
        source.close(); // for good: coming back would fight with the other
        await onControl(told);
        resolve();
      }

      function fail(error) {
        source.close();
        reject(error);
      }
    }

    // An ack covers all before it, and so does coming back with the cursor: one that fails needs no care of its own.
    async function acknowledge() {
      await fetch(new URL(`${path}/ack`, server), {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ cursor }),
        signal: AbortSignal.timeout(10_000),
      }).catch(() => {});
    }
  });
}

/** What happens beside messages. A receiver that must know everything acts on gap and reset, for example reads anew. */
function tell({ control, from, to, reason }) {
  const text = {
    gap: `gap: ${from} to ${to} will not come (${reason})`,
    reset: `reset: ${reason}`, // lost: what is kept comes again; failover: the newest may be lost
    replaced: 'replaced: another receiver has the mailbox',
    unavailable: `unavailable: ${reason}; coming back`,
    draining: 'draining: the node goes away; coming back',
  };
  console.error(text[control] ?? control);
}

if (process.argv[1] === import.meta.filename) {
  const { values, positionals: [mailbox] } = parseArgs({
    allowPositionals: true,
    options: { server: { type: 'string', default: process.env.MAILBOX_SERVER ?? 'http://127.0.0.1:8080' } },
  });
  if (!mailbox) {
    console.error('usage: node receive.mjs [--server URL] MAILBOX');
    process.exit(2);
  }

  process.once('SIGINT', () => process.exit(0));
  await receive(values.server, mailbox, { onMessage: (message) => console.log(JSON.stringify(message)), onControl: tell });
  process.exit(0);
}
