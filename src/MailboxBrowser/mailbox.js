// Mailbox in a browser: one file, no dependency. https://html.spec.whatwg.org names what is used of a browser.
//
// The stream is NDJSON, read with fetch, and not an EventSource: that can send no Authorization header, never comes back after a
// status other than 200, and does not tell which one it was. A message is acknowledged after it was handled, so that what a
// closed page did not handle is received again when it comes back.

const HEARTBEATS_BEFORE_DEAD = 3;
const LONGEST_PAUSE = 30_000;
const LONGEST_TOLD = 300; // seconds: a server that tells days, by mistake, would keep its pages away when it is back
const ANSWER_WITHIN = 10_000; // milliseconds, for an acknowledgement or a delivery
const ACK_AFTER = 200; // milliseconds: one acknowledgement covers all that were handled meanwhile
const ACK_EACH = 20; // messages, or half a window: a full one would stand still until the time above is over
const ENDS = ['replaced', 'unauthorized', 'closed'];
const SETTLED_AFTER = 10_000; // a stream that lived so long was a good one: the next pause is short again

/** A refusal, as the server told it (RFC 9457), or a final failure of the connection. */
export class MailboxError extends Error {
  constructor(problem) {
    super([problem.title, problem.detail].filter(Boolean).join(' ') || `status ${problem.status}`);
    this.name = 'MailboxError';
    this.status = problem.status;
    this.type = problem.type;
    this.retryAfter = problem.retryAfter;
  }
}

/**
 * Opens a mailbox, and keeps it open until `close()`: comes back after every break, as the same receiver and behind what was
 * handled last. Messages are handled one after the other, in their order. See mailbox.d.ts for each option.
 */
export function open(name, options = {}) {
  // A page that is not secure (http, and not of this machine) has no locks.
  return options.tabs && navigator.locks ? new SharedReceiver(name, options) : new Receiver(name, options);
}

/**
 * Delivers a message, once: tries again with the same idempotency key until the server has answered, for as long as
 * `patience` says. A string goes as text, bytes and blobs as they are, everything else as JSON.
 */
export function deliver(mailbox, body, options = {}) {
  return post(`/v1/mailboxes/${encodeURIComponent(mailbox)}/messages`, body, options);
}

/** Delivers a message to every member of a group, once. */
export function deliverToGroup(group, body, options = {}) {
  return post(`/v1/groups/${encodeURIComponent(group)}/messages`, body, options);
}

/** What `onMessage` gets. A class, since what one tab tells another loses its functions on the way. */
class Message {
  constructor(members) {
    Object.assign(this, members);
  }

  text() {
    if (typeof this.data === 'string') return this.data;
    return this.data instanceof Uint8Array ? new TextDecoder().decode(this.data) : JSON.stringify(this.data);
  }
}

/** Numbers of two messages, `generation-sequence`; a generation's begin anew, so that only within one they can be compared. */
function placeOf(id) {
  const dash = id.lastIndexOf('-');
  return { generation: id.slice(0, dash), sequence: Number(id.slice(dash + 1)) };
}

class Receiver {
  #options;
  #name;
  #path;
  #state;
  #stop = new AbortController(); // for good
  #pause = null; // ends the wait between two connections
  #connection = null; // ends the connection
  #isSuspended = false;
  #notBefore; // of this page's clock: until then the server has asked to be left alone
  #ticket;
  #handled = null; // place of the last handled message
  #cursor;
  #unacknowledged = null;
  #handledSinceAck = 0;
  #ackTimer = null;
  #hiddenTimer = null;
  #storage;

  constructor(name, options, notBefore = 0) {
    this.#name = name;
    this.#options = options;
    this.#notBefore = notBefore;
    this.#path = `${addressOf(options)}/v1/mailboxes/${encodeURIComponent(name)}`;
    this.#storage = storageOf(options);
    this.#cursor = this.#storage?.getItem(this.#key) ?? options.after;
    this.#listenToPage();
    // Whoever opened may still set up what the callbacks use.
    queueMicrotask(() => this.#run());
  }

  /** The name of the mailbox. */
  get mailbox() { return this.#name; }

  /** `connecting`, `open`, `waiting`, or one of the ends: `replaced`, `unauthorized`, `closed`. */
  get state() { return this.#state; }

  /** Behind what was handled last: what `after` takes. */
  get cursor() { return this.#cursor; }

  /** What a receiver that goes on in its place has to keep to as well. */
  get notBefore() { return this.#notBefore; }

  /** Ends it; what was handled is still acknowledged. */
  close() {
    this.#end('closed');
  }

  get #key() { return `mailbox:${this.#path}`; }

  async #run() {
    let failures = 0;
    let reason = 'the server asked for it';
    while (!this.#stop.signal.aborted) {
      if (this.#isSuspended) {
        this.#tell('waiting', { reason: 'hidden' });
        await this.#wait(Infinity);
        continue;
      }

      // Whatever cuts a wait short, the rest of this one is waited all the same.
      const askedFor = Math.ceil(this.#notBefore - performance.now());
      if (askedFor > 0) {
        this.#tell('waiting', { inMs: askedFor, reason });
        await this.#wait(askedFor);
        continue;
      }

      this.#tell('connecting');
      const began = Date.now();
      let next;
      try {
        next = await this.#connect();
      } catch (error) {
        next = this.#stop.signal.aborted ? {} : this.#judge(error);
      }

      if (this.#stop.signal.aborted || next.isOver) return;
      failures = next.isExpected || this.#isSuspended || Date.now() - began > SETTLED_AFTER ? 0 : failures + 1;
      reason = next.reason ?? 'the connection ended';
      if (next.askedFor) {
        this.#notBefore = performance.now() + next.askedFor;
      } else if (!this.#isSuspended) {
        const inMs = next.inMs ?? pauseAfter(failures);
        this.#tell('waiting', { inMs, reason });
        await this.#wait(inMs);
      }
    }
  }

  /** One connection, to its end. What it returns says when to come back. */
  async #connect() {
    this.#connection = new AbortController();
    const signal = AbortSignal.any([this.#stop.signal, this.#connection.signal]);
    const watch = new Watch(() => this.#connection.abort(new Error('the server fell silent')), this.#options.heartbeat ?? 15_000);
    try {
      const response = await this.#request(this.#openUrl(), { Accept: 'application/x-ndjson', ...this.#placeHeader() }, { signal }, watch);
      watch.sign();
      if (!response.ok) throw new MailboxError(await problemOf(response));

      for await (const line of linesOf(response.body, () => watch.sign())) {
        if (signal.aborted) return {}; // the rest of what was read came too late
        const event = JSON.parse(line);
        if (event.control) {
          const end = this.#follow(event);
          if (end) return end;
          continue;
        }

        watch.stop(); // nothing is read meanwhile
        const end = await this.#handle(event);
        if (end) return end;
        watch.sign();
      }
    } finally {
      watch.stop();
      this.#connection.abort();
    }

    return {};
  }

  /** What the stream tells of itself. Returns when to come back, once it ends. */
  #follow(event) {
    switch (event.control) {
      case 'open':
        this.#moveTo(event.cursor);
        this.#tell('open');
        return null;
      case 'gap':
        call(this.#options.onGap, { from: event.from, to: event.to, reason: event.reason });
        this.#moveTo(event.cursor);
        return null;
      case 'reset':
        call(this.#options.onReset, { reason: event.reason });
        this.#moveTo(event.cursor);
        return null;
      case 'replaced':
        this.#storage?.removeItem(this.#key);
        return this.#end('replaced');
      case 'draining':
        return { isExpected: true, askedFor: 100 + 1_900 * Math.random(), reason: 'the node goes away' };
      case 'unauthorized':
        this.#ticket = undefined;
        return { reason: 'the right to be here has ended' }; // a pause, as the next one may end as soon
      default:
        return null; // a heartbeat, or what only a newer server knows
    }
  }

  async #handle(envelope) {
    const place = placeOf(envelope.id);
    if (this.#handled?.generation !== place.generation || place.sequence > this.#handled.sequence) {
      try {
        await this.#options.onMessage?.(messageOf(this.#name, envelope));
      } catch (error) {
        // It was not handled: it comes again, and again after a longer while.
        call(this.#options.onError, error);
        return { reason: 'the message was not handled' };
      }

      this.#handled = place;
    }

    this.#moveTo(envelope.cursor);
    if (this.#acknowledges) this.#acknowledgeSoon(envelope.cursor);
    return null;
  }

  #moveTo(cursor) {
    this.#cursor = cursor;
    this.#storage?.setItem(this.#key, cursor);
    call(this.#options.onCursor, cursor);
  }

  /** After a failure: when to come back, if at all. */
  #judge(error) {
    const isLasting = error instanceof MailboxError && ![408, 429, 500, 502, 503, 504, 507].includes(error.status);
    if (!isLasting) {
      return { askedFor: error.retryAfter && error.retryAfter * (1_000 + 500 * Math.random()), reason: error.message };
    }

    if (error.status === 409 && error.type?.endsWith(':not-receiver')) {
      this.#storage?.removeItem(this.#key);
      return this.#end('replaced');
    }

    if (error.type?.endsWith(':invalid-cursor') && this.#cursor) {
      // Remembered from a server that is not this one any more.
      this.#cursor = undefined;
      this.#storage?.removeItem(this.#key);
      call(this.#options.onReset, { reason: 'lost' });
      return { inMs: 0, reason: error.message };
    }

    call(this.#options.onError, error);
    return this.#end(error.status === 401 || error.status === 403 ? 'unauthorized' : 'closed');
  }

  get #acknowledges() { return (this.#options.ack ?? 'client') === 'client' && !this.#options.shared; }

  #openUrl() {
    const query = new URLSearchParams();
    if (this.#options.shared) query.set('mode', 'shared');
    else query.set('ack', this.#options.ack ?? 'client');
    if (this.#acknowledges && this.#options.window) query.set('window', this.#options.window);
    if (this.#cursor === 'now') query.set('after', 'now');
    return `${this.#path}?${query}`;
  }

  #placeHeader() {
    return this.#cursor && this.#cursor !== 'now' ? { 'Last-Event-ID': this.#cursor } : {};
  }

  /** With the token or ticket there is; a 401 is tried once more with a new one. */
  async #request(url, headers, init, watch) {
    for (let isSecond = false; ; isSecond = true) {
      let proof = url;
      if (this.#options.ticket) {
        this.#ticket ??= await this.#options.ticket();
        proof += `${url.includes('?') ? '&' : '?'}ticket=${encodeURIComponent(this.#ticket)}`;
      }

      const request = { ...init, cache: 'no-store', headers: { ...headers, ...await authorization(this.#options.token) } };
      watch?.sign(); // only now: a token may take as long as a person needs to sign in
      const response = await fetch(proof, request);
      watch?.stop();
      if (response.status !== 401 || isSecond || !(this.#options.ticket || this.#options.token)) return response;
      this.#ticket = undefined;
    }
  }

  #acknowledgeSoon(cursor) {
    this.#unacknowledged = cursor;
    if (++this.#handledSinceAck >= Math.min(ACK_EACH, (this.#options.window ?? 100) / 2)) this.#acknowledge();
    else this.#ackTimer ??= setTimeout(() => this.#acknowledge(), ACK_AFTER);
  }

  async #acknowledge(isLast = false) {
    clearTimeout(this.#ackTimer);
    this.#ackTimer = null;
    this.#handledSinceAck = 0;
    const cursor = this.#unacknowledged;
    if (!cursor) return;
    this.#unacknowledged = null;
    try {
      const response = await this.#request(`${this.#path}/ack`, { 'Content-Type': 'application/json' }, {
        method: 'POST', body: JSON.stringify({ cursor }), keepalive: isLast, signal: AbortSignal.timeout(ANSWER_WITHIN),
      });
      if (response.status < 500 && response.status !== 429) return; // done; or of no more use, which the stream tells
    } catch {
      // As below.
    }

    // Nobody knows. With the window full nothing would follow that brought another one: so once more, unless a later did.
    this.#unacknowledged ??= cursor;
    if (!isLast && !this.#stop.signal.aborted) this.#ackTimer ??= setTimeout(() => this.#acknowledge(), 1_000 + 1_000 * Math.random());
  }

  /** A page that is left, hidden, or online again. */
  #listenToPage() {
    if (typeof document === 'undefined') return;
    const { signal } = this.#stop;
    const pause = this.#options.pauseWhenHidden;
    addEventListener('pagehide', () => { this.#acknowledge(true); this.#suspend(); }, { signal });
    addEventListener('pageshow', () => this.#resume(), { signal }); // out of the browser's back/forward cache
    addEventListener('online', () => this.#pause?.abort(), { signal });
    if (pause || pause === 0) {
      document.addEventListener('visibilitychange', () => {
        clearTimeout(this.#hiddenTimer);
        if (document.visibilityState === 'hidden') this.#hiddenTimer = setTimeout(() => this.#suspend(), pause * 1_000);
        else this.#resume();
      }, { signal });
    }
  }

  #suspend() {
    this.#isSuspended = true;
    this.#connection?.abort();
  }

  #resume() {
    if (!this.#isSuspended) return;
    this.#isSuspended = false;
    this.#pause?.abort();
  }

  async #wait(milliseconds) {
    this.#pause = new AbortController();
    await sleep(milliseconds, AbortSignal.any([this.#stop.signal, this.#pause.signal]));
    this.#pause = null;
  }

  #end(state) {
    if (!this.#stop.signal.aborted) {
      this.#acknowledge(true);
      clearTimeout(this.#hiddenTimer);
      this.#stop.abort();
      this.#tell(state);
    }

    return { isOver: true };
  }

  #tell(state, detail = {}) {
    this.#state = state;
    call(this.#options.onState, state, detail);
  }
}

/**
 * One connection for all tabs of an origin, which a browser allows six of to one server over HTTP/1.1. The tab that holds the
 * lock (Web Locks) opens; all hear of everything from it (BroadcastChannel). When it goes, another one goes on where it was.
 */
class SharedReceiver {
  #name;
  #options;
  #key;
  #channel;
  #receiver = null;
  #stop = new AbortController(); // for good
  #place = null; // in the line for the lock, and with it
  #hiddenTimer = null;
  #notBefore; // what the server asked of the receiver that this tab had before
  #state = 'connecting';
  #cursor;
  #seen = null;
  #turn = Promise.resolve();

  constructor(name, options) {
    this.#name = name;
    this.#options = options;
    this.#key = `mailbox:${addressOf(options)}/${name}`;
    this.#channel = new BroadcastChannel(this.#key);
    this.#channel.onmessage = ({ data }) => this.#hear(data);
    this.#channel.postMessage({ kind: 'hello' });
    this.#listenToPage();
    this.#join();
  }

  get mailbox() { return this.#name; }

  get state() { return this.#state; }

  get cursor() { return this.#cursor; }

  /** Ends it for this tab; the others go on. */
  close() {
    this.#end('closed');
  }

  #join() {
    if (this.#place || this.#stop.signal.aborted) return;
    const place = this.#place = new AbortController();
    navigator.locks.request(this.#key, { signal: place.signal }, () => this.#lead(place.signal)).catch(() => {}); // left before its turn
  }

  #leave() {
    this.#place?.abort();
    this.#place = null;
  }

  /** Holds the lock until this tab leaves, or there is nothing more to receive. */
  async #lead(signal) {
    // What the tab before has acknowledged may still wait here for its turn: opened in front of that, the server would tell of a gap.
    await this.#turn;
    await new Promise((resolve) => {
      const { pauseWhenHidden, ...options } = this.#options;
      const tell = (kind, value) => this.#channel.postMessage({ kind, value });
      const receiver = this.#receiver = new Receiver(this.#name, {
        ...options,
        after: this.#cursor ?? options.after,
        onMessage: (message) => {
          // The others first: one of them goes on behind it if this tab ends now.
          tell('message', message);
          return this.#receiveInTurn(message);
        },
        onGap: (gap) => { tell('gap', gap); call(options.onGap, gap); },
        onReset: (reset) => { tell('reset', reset); call(options.onReset, reset); },
        onCursor: (cursor) => { this.#cursor = cursor; call(options.onCursor, cursor); },
        onState: (state, detail) => {
          if (signal.aborted) return;
          tell('state', { state, detail, cursor: this.#cursor });
          if (ENDS.includes(state)) this.#end(state);
          else this.#tell(state, detail);
        },
      }, this.#notBefore);
      const end = () => {
        this.#notBefore = receiver.notBefore;
        this.#receiver = null;
        receiver.close();
        resolve();
      };
      if (signal.aborted) end();
      else signal.addEventListener('abort', end);
    });
  }

  #hear({ kind, value }) {
    switch (kind) {
      case 'hello':
        if (this.#receiver) this.#channel.postMessage({ kind: 'state', value: { state: this.#state, detail: {}, cursor: this.#cursor } });
        break;
      case 'message':
        // What this tab cannot handle is told, and does not come again: it is the leading one that acknowledges.
        this.#receiveInTurn(new Message(value)).catch((error) => call(this.#options.onError, error));
        break;
      case 'gap':
        call(this.#options.onGap, value);
        break;
      case 'reset':
        call(this.#options.onReset, value);
        break;
      case 'state':
        this.#cursor = value.cursor ?? this.#cursor;
        if (ENDS.includes(value.state)) this.#end(value.state);
        else this.#tell(value.state, value.detail);
        break;
    }
  }

  /** One after the other, whichever tab they come from. */
  #receiveInTurn(message) {
    const received = this.#turn.then(() => this.#receive(message));
    this.#turn = received.catch(() => {});
    return received;
  }

  async #receive(message) {
    const place = placeOf(message.id);
    if (this.#stop.signal.aborted || (this.#seen?.generation === place.generation && place.sequence <= this.#seen.sequence)) return;
    await this.#options.onMessage?.(message);
    this.#seen = place;
    this.#cursor = message.cursor;
  }

  /** A hidden tab, and one that is left, lets another lead. */
  #listenToPage() {
    const { signal } = this.#stop;
    const pause = this.#options.pauseWhenHidden;
    addEventListener('pagehide', () => this.#leave(), { signal });
    addEventListener('pageshow', () => this.#join(), { signal });
    if (!pause && pause !== 0) return;
    document.addEventListener('visibilitychange', () => {
      clearTimeout(this.#hiddenTimer);
      if (document.visibilityState === 'hidden') this.#hiddenTimer = setTimeout(() => this.#leave(), pause * 1_000);
      else this.#join();
    }, { signal });
  }

  #end(state) {
    if (this.#stop.signal.aborted) return;
    this.#stop.abort();
    clearTimeout(this.#hiddenTimer);
    this.#leave();
    this.#channel.close();
    this.#tell(state);
  }

  #tell(state, detail = {}) {
    this.#state = state;
    call(this.#options.onState, state, detail);
  }
}

/** Tells when nothing has come for as long as three heartbeats take; from the first sign on. */
class Watch {
  #timer;
  #silent;
  #patience;

  constructor(silent, heartbeat) {
    this.#silent = silent;
    this.#patience = HEARTBEATS_BEFORE_DEAD * heartbeat;
  }

  sign() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#silent, this.#patience);
  }

  stop() { clearTimeout(this.#timer); }
}

async function* linesOf(stream, onBytes) {
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return; // half a line is of a connection that broke
    onBytes();
    const lines = (rest + value).split('\n');
    rest = lines.pop();
    yield* lines;
  }
}

function messageOf(mailbox, { dataBase64, ...envelope }) {
  const data = dataBase64 === undefined ? envelope.data : Uint8Array.from(atob(dataBase64), (c) => c.charCodeAt(0));
  return new Message({ mailbox, ...envelope, data });
}

async function post(path, body, options) {
  const isRaw = typeof body === 'string' || body instanceof Blob || body instanceof ArrayBuffer || ArrayBuffer.isView(body);
  const contentType = options.contentType
    ?? (typeof body === 'string' ? 'text/plain; charset=utf-8' : isRaw ? body.type || 'application/octet-stream' : 'application/json');
  const headers = { 'Content-Type': contentType, 'Idempotency-Key': options.idempotencyKey ?? randomKey() };
  if (options.type !== undefined) headers['Mailbox-Type'] = options.type;
  if (options.ttl !== undefined) headers.TTL = options.ttl;
  if (options.topic !== undefined) headers.Topic = options.topic;
  const payload = isRaw ? body : JSON.stringify(body);
  if (payload === undefined) throw new TypeError('The body has no form in JSON.');
  new Headers(headers); // throws now, and not with each attempt, what no header can say
  const until = Date.now() + (options.patience ?? 30) * 1_000;
  for (let failures = 1; ; failures++) {
    let error;
    try {
      const proof = await authorization(options.token);
      const response = await fetch(addressOf(options) + path, {
        method: 'POST', body: payload, headers: { ...headers, ...proof },
        signal: AbortSignal.any([AbortSignal.timeout(ANSWER_WITHIN), options.signal].filter(Boolean)),
      });
      if (response.ok) return await response.json();
      error = new MailboxError(await problemOf(response));
      if (![408, 429, 500, 502, 503, 504].includes(error.status)) throw error;
    } catch (failure) {
      if (failure === error || options.signal?.aborted) throw failure;
      error = failure; // no answer, or half of one
    }

    const pause = error.retryAfter ? error.retryAfter * 1_000 : pauseAfter(failures);
    if (Date.now() + pause > until) throw error;
    await sleep(pause, options.signal);
  }
}

async function problemOf(response) {
  const problem = await response.json().catch(() => ({}));
  return { ...problem, status: response.status, retryAfter: Math.min(Number(response.headers.get('Retry-After')) || 0, LONGEST_TOLD) || undefined };
}

async function authorization(token) {
  return token ? { Authorization: `Bearer ${await token()}` } : {};
}

/** Up to a second, doubled with each failure in a row; random, so that those who were cut off together do not come back together. */
function pauseAfter(failures) {
  return Math.min(LONGEST_PAUSE, 1_000 * 2 ** Math.min(Math.max(failures - 1, 0), 10)) * (0.5 + Math.random() / 2);
}

/** What a page's own function throws is the page's to find, as an error of the window: it ends nothing here. */
function call(callback, ...values) {
  try {
    callback?.(...values);
  } catch (error) {
    reportError(error);
  }
}

function sleep(milliseconds, signal) {
  return new Promise((resolve) => {
    const timer = milliseconds === Infinity ? undefined : setTimeout(resolve, milliseconds);
    const wake = () => { clearTimeout(timer); resolve(); };
    if (signal?.aborted) wake();
    else signal?.addEventListener('abort', wake, { once: true });
  });
}

/**
 * A tab's own, which two tabs cannot fight over; the origin's where its tabs share a connection. A browser may forbid it, and it
 * may be full: then the place is known only to the page.
 */
function storageOf({ remember, tabs }) {
  const attempt = (access) => { try { return access(); } catch { return null; } };
  const storage = attempt(() => remember === true ? (tabs ? localStorage : sessionStorage) : remember || null);
  return storage && {
    getItem: (key) => attempt(() => storage.getItem(key)),
    setItem: (key, value) => attempt(() => storage.setItem(key, value)),
    removeItem: (key) => attempt(() => storage.removeItem(key)),
  };
}

function addressOf({ url = '' }) {
  return url.replace(/\/+$/, '');
}

function randomKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
