# SPDX-License-Identifier: MIT
"""
stay - leave an election open and show every member's mailbox on a local page: open a letter,
follow its link, vote, look the ballot up, write a mail. A help for developers: it shows what only
members may see, so it listens on 127.0.0.1 alone, and it is no part of the product.
"""

import email.message
import email.utils
import html
import http.server
import re
import secrets
import threading
import urllib.parse

import members as people

STYLE = """
:root { color-scheme: light dark; --paper: #f6f4ef; --card: #fff; --ink: #1a2430; --soft: #56606c;
  --line: #e0dbd0; --accent: #1f5fbf; --on: #fff; --note: #f3efe4 }
@media (prefers-color-scheme: dark) { :root { --paper: #14171b; --card: #1d2228; --ink: #eceef0;
  --soft: #aeb6c0; --line: #343b44; --accent: #8db9ff; --on: #0c1c33; --note: #2a2a24 } }
* { box-sizing: border-box }
body { margin: 0 auto; max-width: 60rem; padding: 1.5rem clamp(1rem, 4vw, 2rem) 4rem;
  background: var(--paper); color: var(--ink); font: 1rem/1.6 system-ui, "Segoe UI", Roboto, sans-serif }
h1 { font-size: 1.7rem; line-height: 1.25; margin: .5rem 0 } h2 { font-size: 1.15rem; margin: 2rem 0 .75rem }
p { margin: .5rem 0 } a { color: var(--accent) } .soft { color: var(--soft) }
.note { background: var(--note); border-radius: 12px; padding: .9rem 1.15rem; margin: 1rem 0 }
.members { list-style: none; padding: 0; display: grid; gap: .6rem;
  grid-template-columns: repeat(auto-fill, minmax(min(100%, 17rem), 1fr)) }
.members a { display: block; padding: .8rem 1rem; background: var(--card); border: 1px solid var(--line);
  border-radius: 12px; color: inherit; text-decoration: none } .members a:hover { border-color: var(--accent) }
.members b { display: block; color: var(--accent) } .members span { font-size: .875rem; color: var(--soft) }
article { background: var(--card); border: 1px solid var(--line); border-radius: 14px; padding: 1.1rem 1.25rem; margin: 1rem 0 }
article h2 { margin: 0 }
iframe { width: 100%; height: 62rem; border: 1px solid var(--line); border-radius: 10px; background: #fff }
pre { white-space: pre-wrap; overflow-wrap: anywhere; font: .875rem/1.5 ui-monospace, Consolas, monospace }
label { display: block; font-weight: 600; margin-top: .75rem } input, textarea { width: 100%; padding: .55rem .8rem;
  font: inherit; border: 1.5px solid #7d8793; border-radius: 8px; background: var(--card); color: var(--ink) }
button, .button { display: inline-block; margin: .75rem .5rem 0 0; padding: .65rem 1.3rem; font: inherit; font-weight: 600;
  border: 0; border-radius: 10px; background: var(--accent); color: var(--on); cursor: pointer; text-decoration: none }
"""
POLICY = ("default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'; form-action 'self'; "
          "base-uri 'none'; frame-ancestors 'self'")


def page(title, body):
    return (f'<!DOCTYPE html><html lang="en"><meta charset="utf-8"><meta name="viewport" '
            f'content="width=device-width"><title>{html.escape(title)}</title><style>{STYLE}</style>'
            f"<body>{body}</body></html>")


class Mailboxes:
    """The pages: of the election, of a member, of a mail's HTML part."""

    def __init__(self, election, voted):
        self.election, self.voted = election, voted
        self.members = {m.id: m for m in election.members if m.letter}
        self.key = secrets.token_hex(16)  # in every form: another site cannot fill one in

    def mails(self, member):
        return [people.Letter(raw) for raw in self.election.post.letters(member.email)]

    def front(self):
        e, m = self.election, self.election.manifest

        def row(member):
            n = len(e.post.letters(member.email))
            return (f'<li><a href="/member/{member.id}"><b>{html.escape(member.name)}</b><span>'
                    f"{'français' if member.language == 'fr' else 'English'} · "
                    f"{n} mail{'' if n == 1 else 's'}</span></a></li>")
        fresh = [row(x) for x in self.members.values() if x.id not in self.voted]
        rest = [row(x) for x in self.members.values() if x.id in self.voted]
        return page("Mailboxes", f"""
<p class="soft">A test election on this computer. Nothing leaves it.</p>
<h1>{html.escape(m['title']['en'])}: the members’ mailboxes</h1>
<p class="note">Choose a member, open the letter, follow its link and vote. The last four characters
that the page asks for stand in the letter. Then look the ballot up on
<a href="{m['link']}check" target="_blank" rel="noopener">the public board</a>.</p>
<p>The vote is open until {html.escape(m['closes'])}. The ballot box answers mail too: each member
can write to it from their own page. Ctrl-C in the terminal ends everything.</p>
<h2>Have not voted yet ({len(fresh)})</h2><ul class="members">{''.join(fresh)}</ul>
<h2>Have voted while the demo ran ({len(rest)})</h2><ul class="members">{''.join(rest)}</ul>""")

    def mailbox(self, member):
        mails = self.mails(member)
        shown = "".join(self.one_mail(member, i, mails[i]) for i in reversed(range(len(mails))))
        return page(member.name, f"""
<p><a href="/">All mailboxes</a></p><h1>{html.escape(member.name)}</h1>
<p class="soft">{html.escape(member.email)}</p>
<p><a class="button" href="/write/{member.id}">Write a mail</a></p>{shown}""")

    def one_mail(self, member, number, mail):
        body = f"<pre>{html.escape(mail.text)}</pre>"
        if mail.html:
            body = (f'<iframe title="The letter" src="/mail/{member.id}/{number}" '
                    'sandbox="allow-popups allow-popups-to-escape-sandbox"></iframe>'
                    f"<details><summary>The same as plain text</summary>{body}</details>")
        return (f"<article><h2>{html.escape(mail.subject)}</h2><p class='soft'>"
                f"{html.escape(str(mail.mail['From'] or ''))}</p>{body}</article>")

    def letter(self, member, number):
        """A mail's HTML part: links open beside it, and mailto: in this page's own writer."""
        text = self.mails(member)[number].html

        def write(match):
            return f'href="/write/{member.id}?mailto={urllib.parse.quote(html.unescape(match[1]), safe="")}"'
        text = re.sub(r'href="mailto:([^"]*)"', write, text)
        return text.replace("<head>", '<head><base target="_blank">', 1)

    def writer(self, member, click, said=""):
        newest = self.mails(member)[0]
        to = click.to if click else newest.reply_to
        subject = click.subject if click else "Re: " + newest.subject
        text = click.body if click else ""
        return page("Write a mail", f"""
<p><a href="/member/{member.id}">{html.escape(member.name)}’s mailbox</a></p><h1>Write a mail</h1>{said}
<form method="post" action="/write/{member.id}"><input type="hidden" name="key" value="{self.key}">
<label for="to">To</label><input id="to" name="to" value="{html.escape(to)}">
<label for="subject">Subject</label><input id="subject" name="subject" value="{html.escape(subject)}">
<label for="text">Text: a sealed ballot from the page, or a plain reply</label>
<textarea id="text" name="text" rows="14">{html.escape(text)}</textarea><button>Send</button></form>""")

    def send(self, member, fields):
        mail = email.message.EmailMessage()
        mail["From"] = email.utils.formataddr((member.name, member.email))
        mail["To"] = fields["to"]
        mail["Subject"] = re.sub(r"[\r\n]+", " ", fields["subject"])
        mail["Date"] = email.utils.formatdate()
        mail["Message-ID"] = email.utils.make_msgid(domain="members.test")
        mail.set_content(fields["text"].replace("\r\n", "\n"))
        with self.election.post.client() as client:
            recipient = email.utils.parseaddr(fields["to"])[1]
            client.sendmail(member.email, [recipient], mail.as_bytes())
        return self.writer(member, None, '<p class="note">Sent. The answer comes into this '
                           f'mailbox: <a href="/member/{member.id}">look</a>.</p>')


def handler(boxes):
    class Handler(http.server.BaseHTTPRequestHandler):
        def log_message(self, *_):
            """Nothing: addresses here name members."""

        def answer(self, status, text):
            data = text.encode()
            self.send_response(status)
            for name, value in (("Content-Type", "text/html; charset=utf-8"),
                                ("Content-Length", len(data)), ("Cache-Control", "no-store"),
                                ("Referrer-Policy", "no-referrer"),
                                ("Content-Security-Policy", POLICY)):
                self.send_header(name, str(value))
            self.end_headers()
            self.wfile.write(data)

        def here(self):
            """Only by its own name: a page elsewhere that resolves to this machine gets nothing."""
            return self.headers["Host"] == "{}:{}".format(*self.server.server_address)

        def serve(self, fields=None):
            url = urllib.parse.urlsplit(self.path)
            kind, _, rest = url.path.strip("/").partition("/")
            name, _, number = rest.partition("/")
            member = boxes.members.get(name)
            if not self.here() or (fields is not None and fields.get("key") != boxes.key):
                return self.answer(403, page("No", "<h1>Not from there</h1>"))
            if not kind:
                return self.answer(200, boxes.front())
            if member and kind == "member":
                return self.answer(200, boxes.mailbox(member))
            if member and kind == "mail" and number.isdigit() and int(number) < len(boxes.mails(member)):
                return self.answer(200, boxes.letter(member, int(number)))
            if member and kind == "write":
                mailto = urllib.parse.parse_qs(url.query).get("mailto")
                return self.answer(200, boxes.send(member, fields) if fields is not None else
                                   boxes.writer(member, people.Click("mailto:" + mailto[0]) if mailto else None))
            return self.answer(404, page("Nothing", "<h1>There is nothing here</h1>"))

        def do_GET(self):
            self.serve()

        def do_POST(self):
            length = min(int(self.headers["Content-Length"] or 0), 1 << 20)
            fields = urllib.parse.parse_qs(self.rfile.read(length).decode(), keep_blank_values=True)
            self.serve({k: v[0] for k, v in fields.items()})
    return Handler


def stay(election, voted, story, port=0):
    """Serve the mailboxes until Ctrl-C. `voted`: the ids of members who need not vote any more."""
    boxes = Mailboxes(election, voted)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", port), handler(boxes))
    address = "http://{}:{}/".format(*server.server_address)
    story.section("The vote stays open")
    story.facts([("mailboxes", address), ("voting page", election.manifest["link"]),
                 ("board", election.manifest["link"] + "check"),
                 ("closes", election.manifest["closes"])])
    story.say()
    story.say(f"  Open {address} in a browser. Ctrl-C ends it.")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        threading.Event().wait()
    finally:
        server.shutdown()
        server.server_close()
