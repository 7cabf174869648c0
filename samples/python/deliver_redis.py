#!/usr/bin/env python3
"""Delivers into a mailbox by writing to Redis: docs/redis-contract.md. Needs redis-py (pip install redis).

    printf 'one\\ntwo\\n' | python3 deliver_redis.py alice          by the function mailbox_deliver
    printf 'one\\ntwo\\n' | python3 deliver_redis.py --bare alice   by RPUSH
"""

import argparse
import os
import sys
import time
import uuid

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

NOT_STORED = (
    "READONLY", "LOADING", "MASTERDOWN", "CLUSTERDOWN", "TRYAGAIN", "NOREPLICAS", "MISCONF", "OOM", "Function not found")

# redis-py takes the code off an error that it has a class for; which it has depends on its version.
CLASSES = tuple(getattr(redis.exceptions, name) for name in (
    "ReadOnlyError", "BusyLoadingError", "MasterDownError", "ClusterDownError", "TryAgainError", "OutOfMemoryError",
) if hasattr(redis.exceptions, name))


class Refused(Exception):
    """The message was not stored, and trying again does not help now."""


class Producer:
    def __init__(self, url="redis://127.0.0.1:6379", prefix="mailbox:"):
        # The client must not send again by itself what may have been stored: only we know whether that is harmless.
        self.redis = redis.Redis.from_url(url, socket_timeout=5, retry=Retry(NoBackoff(), 0))
        self.prefix = prefix

    def deliver(self, mailbox, body, *, key=None, patience=30, **options):
        """Once and only once, also when an answer is lost. Options: type, contentType, ttl, topic. The message's id."""
        name = f"{self.prefix}{{{mailbox}}}"
        options = {"idempotencyKey": key or uuid.uuid4().hex, **options}
        pairs = [text for option in options.items() for text in option]
        until = time.monotonic() + patience
        while True:
            try:
                reply = self.redis.fcall(
                    "mailbox_deliver", 3, name, name + ":messages", name + ":index", body, *pairs)
                break
            except redis.RedisError as error:
                if not is_passing(error):
                    raise Refused(str(error)) from error
                if time.monotonic() > until:
                    raise
                time.sleep(0.5)  # the same key with the same body is never delivered twice

        outcome, generation, sequence = reply[0].decode(), reply[1].decode(), reply[2]
        if outcome in ("full", "conflict"):
            raise Refused(outcome)
        return f"{generation}-{sequence}" if sequence else None

    def deliver_bare(self, mailbox, body, *, ttl=86_400):
        """For any Redis. Not tried again: a time-out or a lost connection leaves open whether it was stored."""
        if body[:1] == b"\x01":
            raise ValueError("a bare body must not begin with byte 0x01")
        name = f"{self.prefix}{{{mailbox}}}"
        with self.redis.pipeline(transaction=True) as transaction:
            transaction.rpush(name + ":messages", body)
            transaction.expire(name + ":messages", ttl, nx=True)
            transaction.publish(name + ":wake", 1)
            transaction.execute()


def is_passing(error):
    """No answer, or one that says to come back."""
    if isinstance(error, redis.AuthenticationError):
        return False  # to redis-py a kind of ConnectionError
    return (isinstance(error, (redis.ConnectionError, redis.TimeoutError, *CLASSES))
            or str(error).removeprefix("ERR ").startswith(NOT_STORED))


def main():
    parser = argparse.ArgumentParser(description="Delivers each line of the standard input, in order.")
    parser.add_argument("mailbox")
    parser.add_argument("--bare", action="store_true")
    parser.add_argument("--redis", default=os.environ.get("REDIS_URL", "redis://127.0.0.1:6379"))
    arguments = parser.parse_args()

    producer = Producer(arguments.redis)
    for line in sys.stdin.buffer:
        body = line.rstrip(b"\n")
        if arguments.bare:
            producer.deliver_bare(arguments.mailbox, body)
        else:
            print(producer.deliver(arguments.mailbox, body))


if __name__ == "__main__":
    main()
