// Delivers into a mailbox over HTTP: docs/protocol.md. Nothing but Node.
//
//     printf 'one\ntwo\n' | node deliver-http.mjs alice
import { randomUUID } from 'node:crypto';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';

/** The message was not stored; the problem says why. */
export class Refused extends Error {
  constructor(status, problem) {
    super(`${status} ${problem?.type ?? ''} ${problem?.detail ?? ''}`.trimEnd());
    Object.assign(this, { status, problem });
  }
}

/** Once and only once, also when an answer is lost. Headers: Content-Type, Mailbox-Type, TTL, Topic. The answer. */
export async function deliver(server, mailbox, body, { key = randomUUID(), patience = 30_000, ...headers } = {}) {
  const url = new URL(`/v1/mailboxes/${encodeURIComponent(mailbox)}/messages`, server);
  const until = Date.now() + patience;
  for (;;) {
    let response, text;
    try {
      response = await fetch(url, {
        method: 'POST',
        body,
        headers: { 'Idempotency-Key': key, ...headers },
        signal: AbortSignal.timeout(10_000),
      });
      text = await response.text();
    } catch (error) {
      if (Date.now() > until) throw error;
      await sleep(500);
      continue;
    }

    if (response.status === 201 || response.status === 202) return JSON.parse(text);
    if (![502, 503, 504].includes(response.status) || Date.now() > until) throw new Refused(response.status, problemOf(text));
    await sleep(pauseOf(response.headers.get('Retry-After')));
  }
}

/** Milliseconds. Retry-After may be a date as well, or junk of something before the server: NaN would be no pause at all. */
function pauseOf(told) {
  return /^\d+$/.test(told) ? 1000 * Math.min(Math.max(Number(told), 0.5), 30) : 1000;
}

function problemOf(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // something before the server answered
  }
}

if (process.argv[1] === import.meta.filename) {
  const { values, positionals: [mailbox] } = parseArgs({
    allowPositionals: true,
    options: { server: { type: 'string', default: process.env.MAILBOX_SERVER ?? 'http://127.0.0.1:8080' } },
  });
  if (!mailbox) {
    console.error('usage: node deliver-http.mjs [--server URL] MAILBOX < lines');
    process.exit(2);
  }

  for await (const line of createInterface({ input: process.stdin })) {
    const { id } = await deliver(values.server, mailbox, line, { 'Content-Type': 'text/plain; charset=utf-8' });
    console.log(id);
  }
}
