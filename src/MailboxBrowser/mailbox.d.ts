/** A message as it was delivered. */
export interface Message {
  /** The mailbox that it came from. */
  readonly mailbox: string;
  /** Names the message for ever: `generation-sequence`. */
  readonly id: string;
  /** The receiver's place once it has this message: what `after` takes. */
  readonly cursor: string;
  /** What its sender called it, if it did. */
  readonly type?: string;
  /** When it was delivered, by the store's clock; a bare delivery to Redis has none. */
  readonly time?: string;
  readonly contentType?: string;
  /** A JSON value when the content type is JSON; bytes when it is not UTF-8; else text. */
  readonly data: any;
  /** The data as text: bytes read as UTF-8, a JSON value written as JSON. */
  text(): string;
  readonly traceparent?: string;
  readonly tracestate?: string;
}

/** Messages `from` to `to` will not come. */
export interface Gap {
  readonly from: number;
  readonly to: number;
  readonly reason: 'acknowledged' | 'dropped' | 'window' | 'malformed' | (string & {});
}

/** The store lost what was known (`lost`: what is kept comes again, under new ids), or may have lost the newest messages (`failover`). */
export interface Reset {
  readonly reason: 'lost' | 'failover' | (string & {});
}

/**
 * `replaced`: another receiver has the mailbox. `unauthorized`: no token, or one without the right. `closed`: by `close()`, or
 * refused for good (`onError` was told why). After these three nothing more comes.
 */
export type State = 'connecting' | 'open' | 'waiting' | 'replaced' | 'unauthorized' | 'closed';

export interface OpenOptions {
  /** Where the server is; default: the page's own origin. Another one has to allow this page's origin. */
  url?: string;
  /**
   * Called with one message after the other; the next one waits until the promise is fulfilled. Then the message is acknowledged.
   * If it throws or rejects, the message comes again, after a pause that grows.
   */
  onMessage?(message: Message): unknown;
  onGap?(gap: Gap): void;
  onReset?(reset: Reset): void;
  /** In `waiting`, `reason` says why, and `inMs` when it tries again. */
  onState?(state: State, detail: { inMs?: number; reason?: string }): void;
  /** A refusal for good, or what `onMessage` threw. */
  onError?(error: unknown): void;
  /** The receiver's place has moved. */
  onCursor?(cursor: string): void;
  /** Asked before every call: a token or API key for the `Authorization` header. */
  token?(): string | Promise<string>;
  /** Asked for at first and whenever the last one does not hold any more: a ticket that a backend made for this page. */
  ticket?(): string | Promise<string>;
  /** Where to begin: behind a cursor, or with what comes from `now` on. Default: the oldest kept. What is remembered goes before it. */
  after?: string;
  /** Default `client`: a message stays in the mailbox until it was handled here. `none`: until a limit moves past it. */
  ack?: 'client' | 'none';
  /** The most messages in flight, 1 to 1000; default 100. */
  window?: number;
  /** Watch without being the receiver: takes over nobody, acknowledges nothing. */
  shared?: boolean;
  /**
   * Keep the place across page loads, so that a page that comes back goes on as the same receiver. `true`: in the tab's
   * sessionStorage, or with `tabs` in the origin's localStorage. Only one page may go on from one place.
   * Where the browser stores nothing, the place is not kept, and the page receives all the same.
   */
  remember?: boolean | Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;
  /**
   * One connection for all tabs of this origin: each gets every message that comes while it is open. It is acknowledged when the tab
   * that holds the connection has handled it. Needs a secure context (https, or this machine); elsewhere each tab has its own.
   */
  tabs?: boolean;
  /** End the connection when the page has been hidden for so many seconds, until it is seen again. Default: never. */
  pauseWhenHidden?: number;
  /** The server's `Mailbox:Heartbeat` in milliseconds, default 15,000: after three of silence the connection counts as broken. */
  heartbeat?: number;
}

export interface Receiver {
  readonly mailbox: string;
  readonly state: State;
  readonly cursor: string | undefined;
  /** Ends it. What was handled is still acknowledged; what was not stays in the mailbox. */
  close(): void;
}

/** Opens a mailbox, and keeps it open until `close()`. */
export function open(mailbox: string, options?: OpenOptions): Receiver;

export interface DeliverOptions {
  url?: string;
  token?(): string | Promise<string>;
  /** Default: by what the body is. */
  contentType?: string;
  /** The message's type: `[A-Za-z0-9._~-]{1,128}`. */
  type?: string;
  /** Seconds that it lives; 0: only if a receiver is present. */
  ttl?: number;
  /** An older message of that topic that was not sent yet is replaced. */
  topic?: string;
  /** Default: a random one, for this call. */
  idempotencyKey?: string;
  /** For how many seconds to try again when no answer comes, or one that says so; default 30. The last attempt may take 10 more. */
  patience?: number;
  /** Gives up. Whether it was delivered is then unknown. */
  signal?: AbortSignal;
}

export interface Delivered {
  readonly mailbox: string;
  /** Absent when it was not stored: with a `ttl` of 0 and no receiver. */
  readonly id?: string;
  readonly queued: boolean;
  /** Whether a receiver was present. A hint. */
  readonly connected: boolean;
  readonly expires?: string;
}

export interface GroupDelivered {
  readonly id: string;
  readonly state: string;
  readonly members: number;
  readonly delivered: number;
  readonly waiting: number;
  readonly full: number;
  readonly failed: number;
}

export type Body = string | Blob | ArrayBuffer | ArrayBufferView | object | number | boolean | null;

/**
 * Delivers a message, once: with the same idempotency key until the server has answered.
 * @throws MailboxError when it is refused. Any other error: no answer, and whether it was delivered is unknown.
 */
export function deliver(mailbox: string, body: Body, options?: DeliverOptions): Promise<Delivered>;

/** Delivers a message to every member of a group, once. Errors as `deliver`. */
export function deliverToGroup(group: string, body: Body, options?: DeliverOptions): Promise<GroupDelivered>;

/** A refusal, as the server told it (RFC 9457). */
export class MailboxError extends Error {
  readonly status: number;
  /** Stable, such as `urn:mailbox:problem:mailbox-full`. */
  readonly type?: string;
  /** Seconds after which it may be tried again. */
  readonly retryAfter?: number;
}
