#!/usr/bin/env python3
"""Receives a mailbox as NDJSON and acknowledges: docs/protocol.md. Only the standard library.

    python3 receive.py alice

Prints each message as one line of JSON; what happens beside messages goes to the standard error. Ends with 0 when it was
interrupted, or when another receiver took over: whoever then starts it again takes the mailbox back.
"""

import argparse
import http.client
import json
import os
import random
import sys
import time
import urllib.parse

SILENCE = 45  # three heartbeats: a connection that is silent for longer is dead


class Receiver:
    """
    Iterating gives messages and control events (dicts; a control event has "control"), for ever: it comes back by itself
    as the same receiver. A message is acknowledged when the next one is asked for, so one whose handling fails, or dies
    with this process, is received again.
    """

    def __init__(self, server, mailbox, window=100):
        self.server = urllib.parse.urlsplit(server)
        self.path = f"/v1/mailboxes/{urllib.parse.quote(mailbox, safe='')}"
        self.window = window
        self.cursor = None  # our place: everything up to it was handled
        self.acks = self.connect(timeout=10)

    def __iter__(self):
        failures = 0
        while True:
            connection = self.connect(timeout=SILENCE)
            delay = min(30, 2**failures)
            try:
                for event in self.read(connection):
                    failures = 0
                    delay = 1
                    yield event
                    if event.get("control") == "replaced":
                        return  # for good: coming back would fight with the other
                    self.cursor = event.get("cursor", self.cursor)
                    if "control" not in event:
                        self.acknowledge()
            except Unavailable as unavailable:
                delay = unavailable.retry_after
                yield {"control": "unavailable", "reason": str(unavailable)}
            except (OSError, http.client.HTTPException, ValueError):
                failures += 1  # the connection broke, perhaps within a line
            finally:
                connection.close()
            time.sleep(delay * random.uniform(0.5, 1.5))

    def connect(self, timeout):
        kind = http.client.HTTPSConnection if self.server.scheme == "https" else http.client.HTTPConnection
        return kind(self.server.hostname, self.server.port, timeout=timeout)

    def read(self, connection):
        headers = {"Accept": "application/x-ndjson"}
        if self.cursor:
            headers["Last-Event-ID"] = self.cursor
        connection.request("GET", f"{self.path}?ack=client&window={self.window}", headers=headers)
        response = connection.getresponse()
        if response.status != 200:
            body = response.read().decode()
            if response.status == 409 and "not-receiver" in body:
                yield {"control": "replaced"}
                return
            if response.status in (429, 502, 503, 504):
                raise Unavailable(body or str(response.status), float(response.getheader("Retry-After", "2")))
            raise RuntimeError(f"{response.status} {body}")  # final: a wrong name, no right to be here
        while line := response.readline():
            event = json.loads(line)
            if event.get("control") != "heartbeat":
                yield event

    def acknowledge(self):
        # An ack covers all before it, and so does coming back with the cursor: it is tried twice (the server may have
        # closed a connection that was idle), and no more.
        for _ in range(2):
            try:
                body = json.dumps({"cursor": self.cursor})
                self.acks.request("POST", f"{self.path}/ack", body, {"Content-Type": "application/json"})
                self.acks.getresponse().read()
                return
            except (OSError, http.client.HTTPException):
                self.acks.close()


class Unavailable(Exception):
    """A refusal that will pass."""

    def __init__(self, problem, retry_after):
        super().__init__(problem)
        self.retry_after = retry_after


def tell(event):
    """What happens beside messages. A receiver that must know everything acts on gap and reset, for example reads anew."""
    match event["control"]:
        case "gap":
            text = f"gap: {event['from']} to {event['to']} will not come ({event['reason']})"
        case "reset":
            text = f"reset: {event['reason']}"  # lost: what is kept comes again; failover: the newest may be lost
        case "replaced":
            text = "replaced: another receiver has the mailbox"
        case "unavailable":
            text = f"unavailable: {event['reason']}; coming back"
        case "draining":
            text = "draining: the node goes away; coming back"
        case other:
            text = other  # open
    print(text, file=sys.stderr, flush=True)


def main():
    parser = argparse.ArgumentParser(description="Prints the messages of a mailbox.")
    parser.add_argument("mailbox")
    parser.add_argument("--server", default=os.environ.get("MAILBOX_SERVER", "http://127.0.0.1:8080"))
    arguments = parser.parse_args()

    try:
        for event in Receiver(arguments.server, arguments.mailbox):
            if "control" in event:
                tell(event)
            else:
                print(json.dumps(event, ensure_ascii=False), flush=True)
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()
