// Delivers into a mailbox by writing to Redis: docs/redis-contract.md. Needs ioredis (npm install ioredis).
//
//     printf 'one\ntwo\n' | node deliver-redis.mjs alice           by the function mailbox_deliver
//     printf 'one\ntwo\n' | node deliver-redis.mjs --bare alice    by RPUSH
import { randomUUID } from 'node:crypto';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Redis } from 'ioredis';

const NOT_STORED = /^(ERR )?(READONLY|LOADING|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|NOREPLICAS|MISCONF|OOM|Function not found)/;

/** The message was not stored, and trying again does not help now. */
export class Refused extends Error {}

export class Producer {
  constructor(url = 'redis://127.0.0.1:6379', prefix = 'mailbox:') {
    // The client must not send again by itself what may have been stored: only we know whether that is harmless.
    this.redis = new Redis(url, { autoResendUnfulfilledCommands: false, maxRetriesPerRequest: 1, commandTimeout: 5000 });
    this.redis.on('error', () => {}); // each call tells its own
    this.prefix = prefix;
  }

  /** Once and only once, also when an answer is lost. Options: type, contentType, ttl, topic. The message's id. */
  async deliver(mailbox, body, { key = randomUUID(), patience = 30_000, ...options } = {}) {
    const name = `${this.prefix}{${mailbox}}`;
    const pairs = Object.entries({ idempotencyKey: key, ...options }).flat();
    const until = Date.now() + patience;
    for (;;) {
      try {
        const [outcome, generation, sequence] =
          await this.redis.fcall('mailbox_deliver', 3, name, `${name}:messages`, `${name}:index`, body, ...pairs);
        if (outcome === 'full' || outcome === 'conflict') throw new Refused(outcome);
        return sequence > 0 ? `${generation}-${sequence}` : undefined;
      } catch (error) {
        if (error instanceof Refused) throw error;
        const isAnswer = error.name === 'ReplyError';
        if (isAnswer && !NOT_STORED.test(error.message)) throw new Refused(error.message, { cause: error });
        if (Date.now() > until) throw error;
        await sleep(500); // the same key with the same body is never delivered twice
      }
    }
  }

  /** For any Redis. Not tried again: a time-out or a lost connection leaves open whether it was stored. */
  async deliverBare(mailbox, body, { ttl = 86_400 } = {}) {
    if (Buffer.from(body)[0] === 1) throw new Refused('a bare body must not begin with byte 0x01');
    const name = `${this.prefix}{${mailbox}}`;
    const replies = await this.redis.multi()
      .rpush(`${name}:messages`, body)
      .expire(`${name}:messages`, ttl, 'NX')
      .publish(`${name}:wake`, '1')
      .exec();
    const [error] = replies[0];
    if (error) throw error; // such as WRONGTYPE: the transaction ran, and the RPUSH did not
  }

  close() {
    this.redis.disconnect();
  }
}

if (process.argv[1] === import.meta.filename) {
  const { values, positionals: [mailbox] } = parseArgs({
    allowPositionals: true,
    options: {
      bare: { type: 'boolean', default: false },
      redis: { type: 'string', default: process.env.REDIS_URL ?? 'redis://127.0.0.1:6379' },
    },
  });
  if (!mailbox) {
    console.error('usage: node deliver-redis.mjs [--bare] [--redis URL] MAILBOX < lines');
    process.exit(2);
  }

  const producer = new Producer(values.redis);
  try {
    for await (const line of createInterface({ input: process.stdin })) {
      if (values.bare) await producer.deliverBare(mailbox, line);
      else console.log(await producer.deliver(mailbox, line));
    }
  } finally {
    producer.close();
  }
}
