#!/usr/bin/env python3
"""Delivers into a mailbox over HTTP: docs/protocol.md. Only the standard library.

    printf 'one\\ntwo\\n' | python3 deliver_http.py alice
"""

import argparse
import http.client
import json
import os
import sys
import time
import urllib.parse
import uuid


class Refused(Exception):
    """The message was not stored; the problem says why."""

    def __init__(self, status, problem):
        super().__init__(f"{status} {problem.get('type', '')} {problem.get('detail', '')}".rstrip())
        self.status = status
        self.problem = problem


class Producer:
    """One connection, kept; not for several threads at a time."""

    def __init__(self, server="http://127.0.0.1:8080"):
        url = urllib.parse.urlsplit(server)
        kind = http.client.HTTPSConnection if url.scheme == "https" else http.client.HTTPConnection
        self.connection = kind(url.hostname, url.port, timeout=10)

    def deliver(self, mailbox, body, *, key=None, patience=30, **headers):
        """Once and only once, also when an answer is lost. Headers: Content_Type, Mailbox_Type, TTL, Topic. The answer."""
        headers = {name.replace("_", "-"): str(value) for name, value in headers.items()}
        headers["Idempotency-Key"] = key or uuid.uuid4().hex
        path = f"/v1/mailboxes/{urllib.parse.quote(mailbox, safe='')}/messages"
        until = time.monotonic() + patience
        while True:
            try:
                self.connection.request("POST", path, body, headers)
                response = self.connection.getresponse()
                answer = response.read()
            except (OSError, http.client.HTTPException):
                self.connection.close()  # the next request connects again
                if time.monotonic() > until:
                    raise
                time.sleep(0.5)
                continue

            if response.status in (201, 202):
                return json.loads(answer)
            if response.status not in (502, 503, 504) or time.monotonic() > until:
                raise Refused(response.status, problem_of(answer))
            time.sleep(pause_of(response.getheader("Retry-After")))


def pause_of(told):
    """Seconds. Retry-After may be a date as well, or junk of something before the server."""
    return min(max(int(told), 0.5), 30) if told and told.isascii() and told.isdigit() else 1


def problem_of(answer):
    try:
        problem = json.loads(answer)
        return problem if isinstance(problem, dict) else {}
    except ValueError:
        return {}  # something before the server answered


def main():
    parser = argparse.ArgumentParser(description="Delivers each line of the standard input, in order.")
    parser.add_argument("mailbox")
    parser.add_argument("--server", default=os.environ.get("MAILBOX_SERVER", "http://127.0.0.1:8080"))
    arguments = parser.parse_args()

    producer = Producer(arguments.server)
    for line in sys.stdin.buffer:
        answer = producer.deliver(arguments.mailbox, line.rstrip(b"\n"), Content_Type="text/plain; charset=utf-8")
        print(answer["id"])


if __name__ == "__main__":
    main()
