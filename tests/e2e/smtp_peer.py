#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A mail server by aiosmtpd that does what it is told, and a mailbox over IMAP that finds what it took.

Usage: smtp_peer.py FOLDER [--cert FILE --key FILE] [--require-starttls] [--auth USER:PASSWORD] [--maildir FOLDER]

Prints "smtp PORT" and "imap PORT" once it listens, and serves until its standard input ends or it is killed.

Messages that it took stand in FOLDER as NUMBER.eml, the envelope in the first lines ("X-Peer-From", "X-Peer-To"), and as they
came in the Maildir, which must exist.

What it does to a recipient, by the local part of the address: "greylist…" 451 the first time, "451…" 451 always, "550…" 550.
What it does to all: the first word of FOLDER/mode, which may be written at any time:
  ok
  greet-hang, hello-hang, mail-hang, rcpt-hang, data-hang   no answer in that phase
  receipt-hang   takes the message and never says so
  slow           each answer takes 0.3 s
  quit-hang      no answer to QUIT
  drop           ends the connection after the message, which it took, without an answer
  greet-554, mail-550, data-451, data-550, data-552, login-454   that answer
  lose           says 250 and throws the message away
"""
import argparse
import asyncio
import email
import os
import pathlib
import ssl
import sys
import time

try:
    from aiosmtpd.smtp import SMTP, AuthResult, syntax
except ImportError:
    print("aiosmtpd is not installed", flush=True)
    sys.exit(77)

HANG_S = 600
SLOW_S = 0.3


class Peer:
    def __init__(self, folder, maildir=None):
        self.folder = pathlib.Path(folder)
        self.maildir = pathlib.Path(maildir) if maildir else None
        self.number = 0
        self.greylisted = set()

    def mode(self):
        try:
            return (self.folder / "mode").read_text().split()[0]
        except (OSError, IndexError):
            return "ok"

    async def manners(self, phase):
        if self.mode() == phase + "-hang":
            await asyncio.sleep(HANG_S)
        if self.mode() == "slow":
            await asyncio.sleep(SLOW_S)

    async def handle_EHLO(self, server, session, envelope, hostname, responses):
        session.host_name = hostname
        await self.manners("hello")
        return responses

    async def handle_MAIL(self, server, session, envelope, address, options):
        await self.manners("mail")
        if self.mode() == "mail-550":
            return "550 5.7.1 we know you"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        await self.manners("rcpt")
        if address.startswith("550"):
            return "550 5.1.1 no such mailbox"
        if address.startswith("451"):
            return "451 4.7.1 try again later"
        if address.startswith("greylist") and address not in self.greylisted:
            self.greylisted.add(address)
            return "451 4.7.1 greylisted"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        mode = self.mode()
        await self.manners("data")
        if mode.startswith("data-4") or mode.startswith("data-5"):
            return mode[5:] + " 5.7.1 this looks like spam" if mode != "data-451" else "451 4.3.0 not today"
        if mode != "lose":
            self.keep(envelope)
        if mode == "receipt-hang":
            await asyncio.sleep(HANG_S)
        if mode == "drop":
            server.transport.abort()
            await asyncio.sleep(HANG_S)
        return "250 2.0.0 queued as %d" % self.number

    async def handle_QUIT(self, server, session, envelope):
        await self.manners("quit")
        return "221 bye"

    def keep(self, envelope):
        self.number += 1
        head = "X-Peer-From: %s\r\nX-Peer-To: %s\r\n" % (envelope.mail_from, ",".join(envelope.rcpt_tos))
        hidden = self.folder / ("%d.part" % self.number)
        hidden.write_bytes(head.encode() + envelope.content)
        os.rename(hidden, self.folder / ("%d.eml" % self.number))
        if self.maildir:
            name = "%d.P%dQ%d.peer" % (time.time(), os.getpid(), self.number)
            (self.maildir / "tmp" / name).write_bytes(envelope.content)
            os.rename(self.maildir / "tmp" / name, self.maildir / "new" / name)

    def has(self, message_id):
        for file in sorted(self.folder.glob("*.eml")):
            if message_id in (email.message_from_bytes(file.read_bytes())["Message-ID"] or ""):
                return int(file.stem)
        return None


class Server(SMTP):
    """aiosmtpd with a greeting that may fail to come."""

    def __init__(self, peer, **options):
        super().__init__(peer, **options)
        self.peer = peer

    async def _handle_client(self):
        if self.peer.mode() == "greet-hang":
            await asyncio.sleep(HANG_S)
        if self.peer.mode() == "greet-554":
            await self.push("554 no mail here")
            self.transport.close()
            return
        await super()._handle_client()


class Mailbox:
    """As much of IMAP4rev1 as a search needs."""

    def __init__(self, peer, login):
        self.peer = peer
        self.login = login

    async def talk(self, reader, writer):
        def say(line):
            writer.write(line.encode() + b"\r\n")

        say("* OK here")
        selected = False
        while line := (await reader.readline()).decode(errors="replace").strip():
            tag, _, rest = line.partition(" ")
            verb, _, arguments = rest.partition(" ")
            verb = verb.upper()
            if verb == "CAPABILITY":
                say("* CAPABILITY IMAP4rev1")
                say(tag + " OK")
            elif verb == "LOGIN":
                given = ":".join(each.strip('"') for each in arguments.split(" "))
                say(tag + (" OK" if given == self.login else " NO [AUTHENTICATIONFAILED] wrong user or password"))
            elif verb in ("SELECT", "EXAMINE"):
                selected = arguments.strip('"') == "INBOX"
                say(tag + (" OK [READ-WRITE]" if selected else " NO no such mailbox"))
            elif verb == "SEARCH" and selected and arguments.upper().startswith("HEADER MESSAGE-ID "):
                found = self.peer.has(arguments.split(" ", 2)[2].strip('"'))
                say("* SEARCH" + (" %d" % found if found else ""))
                say(tag + " OK")
            elif verb == "LOGOUT":
                say("* BYE")
                say(tag + " OK")
                break
            else:
                say(tag + " BAD not in this state")
            await writer.drain()
        writer.close()


async def main():
    options = argparse.ArgumentParser()
    options.add_argument("folder")
    options.add_argument("--cert")
    options.add_argument("--key")
    options.add_argument("--require-starttls", action="store_true")
    options.add_argument("--auth", default="")
    options.add_argument("--maildir")
    given = options.parse_args()
    peer = Peer(given.folder, given.maildir)
    settings = {"hostname": "peer.test", "enable_SMTPUTF8": False}
    if given.cert:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(given.cert, given.key)
        settings.update(tls_context=context, require_starttls=given.require_starttls)
    if given.auth:
        def check(server, session, envelope, mechanism, data):
            if peer.mode() == "login-454":
                return AuthResult(success=False, handled=False, message="454 4.7.0 cannot look that up")
            good = getattr(data, "login", b"").decode() + ":" + getattr(data, "password", b"").decode() == given.auth
            return AuthResult(success=good, handled=False)

        settings.update(authenticator=check, auth_required=True, auth_require_tls=False)
    loop = asyncio.get_running_loop()
    smtp = await loop.create_server(lambda: Server(peer, loop=loop, **settings), "127.0.0.1", 0)
    imap = await asyncio.start_server(Mailbox(peer, given.auth or "user:password").talk, "127.0.0.1", 0)
    print("smtp %d" % smtp.sockets[0].getsockname()[1])
    print("imap %d" % imap.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)  # its end is ours
    os._exit(0)


asyncio.run(main())
