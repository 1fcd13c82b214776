# SPDX-License-Identifier: MIT
"""
replies - what members send back, in every shape that their programs and habits give it.

A shape is a function from a member, their letter and what they mean to the mails they send: each
with the verdict that the receiver must come to and the kind of answer that it owes.
"""

import email.message
import email.policy
import email.utils
import re
import time

from members import token_bytes, token_text

RECEIPT, WORDS, NOTHING = "receipt", "words", "nothing"

ATTRIBUTION = {"fr": "Le dim. 22 nov. 2026 à 10:12, {name} a écrit :",
               "en": "On Sun, 22 Nov 2026 at 10:12, {name} wrote:"}
FORWARDED = {"fr": "---------- Message transféré ---------\nDe : {name}\nObjet : {subject}\n\n",
             "en": "---------- Forwarded message ---------\nFrom: {name}\nSubject: {subject}\n\n"}
AWAY = {"fr": "Bonjour,\n\nJe suis absent jusqu'à lundi.\n\n",
        "en": "Hello,\n\nI am away until Monday.\n\n"}
SIGNATURE = {"fr": "Envoyé de mon téléphone", "en": "Sent from my phone"}


class Mail:
    """One mail on its way to the receiver."""

    def __init__(self, member, message, verdict, answer, recipient, sender=None):
        self.member = member
        self.raw = message if isinstance(message, bytes) else message.as_bytes()
        self.verdict, self.answer = verdict, answer
        self.recipient = recipient
        self.sender = member.email if sender is None else sender


def _message(member, letter, subject=None):
    m = email.message.EmailMessage(policy=email.policy.SMTP)
    m["From"] = email.utils.formataddr((member.name, member.email))
    m["To"] = letter.reply_to
    m["Subject"] = subject or "Re: " + letter.subject
    m["Date"] = email.utils.formatdate(time.time())
    m["Message-ID"] = email.utils.make_msgid(domain="client.test")
    if letter.message_id:
        m["In-Reply-To"] = letter.message_id
        m["References"] = letter.message_id
    return m


def _quote(letter, prefix="> "):
    return "\n".join((prefix + line).rstrip() for line in letter.text.rstrip().split("\n"))


def _attribution(letter, member):
    return ATTRIBUTION[member.language].format(name=letter.mail["From"])


def _plain(member, letter, text, verdict="counted", answer=RECEIPT, cte="8bit", **more):
    m = _message(member, letter, more.get("subject"))
    m.set_content(text, cte=cte)
    return Mail(member, m, verdict, answer, more.get("to") or letter.reply_to,
                more.get("sender"))


def top_posted(member, letter, choice):
    text = (f"{choice}\n\n{_attribution(letter, member)}\n{_quote(letter)}\n")
    return [_plain(member, letter, text)]


def signed(member, letter, choice):
    """An answer, the signature that a phone adds, the letter quoted below."""
    text = (f"{choice}\n\n{SIGNATURE[member.language]}\n\n"
            f"{_attribution(letter, member)}\n{_quote(letter)}\n")
    return [_plain(member, letter, text)]


def one_line(member, letter, choice):
    """A fresh mail without any quotation."""
    return [_plain(member, letter, f"VOTE {letter.token} {choice}\n", subject="vote")]


def spoken(member, letter, choice):
    """The token as people type it from paper: lower case, no hyphens, O for zero."""
    token = letter.token.replace("-", "").lower().replace("0", "o").replace("1", "l")
    return [_plain(member, letter, f"\n  vote {token} {choice.lower()}  \n\nMerci !\n")]


def typographic(member, letter, choice):
    """A phone that puts its own hyphens and full-width letters."""
    token = letter.token.replace("-", "\u2011")
    wide = choice if len(choice) > 1 else chr(ord(choice) + 0xFEE0)
    return [_plain(member, letter, f"Vote {token} {wide}\n", cte="base64")]


def mailto_click(member, letter, choice):
    """One click on the choice's link; the mail program sends what it was given."""
    click = letter.click_for(choice)
    if click is None:
        raise AssertionError(f"the letter of {member} has no mailto: for {choice}")
    m = _message(member, letter, click.subject)
    m.replace_header("To", click.to)
    del m["In-Reply-To"], m["References"]
    m.set_content(click.body + "\n")
    return [Mail(member, m, "counted", RECEIPT, click.to)]


def html_gmail(member, letter, choice):
    m = _message(member, letter)
    m.set_content(
        f'<div dir="ltr">{choice}</div><br><div class="gmail_quote"><div dir="ltr" '
        f'class="gmail_attr">{_attribution(letter, member).replace("<", "&lt;")}<br></div>'
        f'<blockquote class="gmail_quote" style="margin:0 0 0 .8ex">{letter.html}</blockquote>'
        '</div>', subtype="html", cte="quoted-printable")
    return [Mail(member, m, "counted", RECEIPT, letter.reply_to)]


def html_office(member, letter, choice):
    m = _message(member, letter)
    head = {"fr": ("De", "Objet"), "en": ("From", "Subject")}[member.language]
    m.set_content(
        '<html><head><style>p.MsoNormal{margin:0cm}</style></head><body lang="FR">'
        f'<div class="WordSection1"><p class="MsoNormal">{choice}<o:p></o:p></p>'
        '<p class="MsoNormal"><o:p>&nbsp;</o:p></p>'
        '<div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm">'
        f'<p class="MsoNormal"><b>{head[0]} :</b> Vote<br><b>{head[1]} :</b> Vote<o:p></o:p></p>'
        f'</div>{letter.html}</div></body></html>', subtype="html", cte="base64")
    return [Mail(member, m, "counted", RECEIPT, letter.reply_to)]


def both_parts(member, letter, choice):
    """text/plain and text/html beside each other, as most programs write."""
    m = _message(member, letter)
    m.set_content(f"{choice}\n\n{_attribution(letter, member)}\n\n{_quote(letter)}\n",
                  cte="quoted-printable")
    m.add_alternative(f"<div>{choice}</div><div><br></div><blockquote type=\"cite\">"
                      f"{letter.html}</blockquote>", subtype="html", cte="quoted-printable")
    return [Mail(member, m, "counted", RECEIPT, letter.reply_to)]


def quoted_printable(member, letter, choice):
    text = f"{choice}\n\nCordialement, à bientôt\n\n{_quote(letter)}\n"
    return [_plain(member, letter, text, cte="quoted-printable")]


def base64(member, letter, choice):
    text = f"{choice}\n\n{_attribution(letter, member)}\n{_quote(letter)}\n"
    return [_plain(member, letter, text, cte="base64")]


def flowed(member, letter, choice):
    """format=flowed: soft breaks in the quotation (RFC 3676)."""
    quoted = "\n".join(">" + (" " + line if line else "") for line in letter.text.split("\n"))
    m = _message(member, letter)
    m.set_content(f"{choice}\n\nThis line was flowed by \nthe program that sent it.\n\n{quoted}\n",
                  cte="8bit")
    m.set_param("format", "flowed")
    return [Mail(member, m, "counted", RECEIPT, letter.reply_to)]


def latin1(member, letter, choice):
    m = _message(member, letter)
    text = f"{choice}\n\nVoilà, c'était décidé.\n\n{_quote(letter)}\n"
    m.set_content(re.sub(r"[^\x00-\xff]", "?", text), charset="iso-8859-1",
                  cte="quoted-printable")
    return [Mail(member, m, "counted", RECEIPT, letter.reply_to)]


def forwarded(member, letter, choice):
    """Not answered but forwarded to the address that the letter names, without its handle."""
    to = re.sub(r"\+[^@]*@", "@", letter.reply_to)
    text = (choice + "\n\n" + FORWARDED[member.language].format(
        name=letter.mail["From"], subject=letter.subject) + letter.text)
    return [_plain(member, letter, text, subject="Fwd: " + letter.subject, to=to)]


def attached(member, letter, choice):
    """The letter goes along as an attachment, whole."""
    m = _message(member, letter)
    m.set_content(f"{choice}\n")
    m.add_attachment(letter.mail)
    return [Mail(member, m, "counted", RECEIPT, letter.reply_to)]


def blank(member, letter, _):
    word = {"fr": "BLANC", "en": "Blank"}[member.language]
    return [_plain(member, letter, f"{word}\n\n{_attribution(letter, member)}\n{_quote(letter)}\n")]


def twice(member, letter, choice):
    """The same answer sent again, a minute later."""
    again = top_posted(member, letter, choice)[0]
    again.verdict = "used"
    return top_posted(member, letter, choice) + [again]


def second_thought(member, letter, choice):
    """Another choice in a second mail: the first stands, and the member is told."""
    other = "A" if choice != "A" else "B"
    later = one_line(member, letter, other)[0]
    later.verdict = "used"
    return top_posted(member, letter, choice) + [later]


def bottom_posted(member, letter, choice):
    text = f"{_attribution(letter, member)}\n{_quote(letter)}\n\n{choice}\n"
    return [_plain(member, letter, text, "no choice", WORDS)]


def chatty(member, letter, choice):
    """A letter of the alphabet that begins a sentence."""
    text = f"{choice}\nis the one I cannot accept.\n\n{_quote(letter)}\n"
    return [_plain(member, letter, text, "no choice", WORDS)]


def ambiguous(member, letter, choice):
    """Two votes in one mail."""
    other = "B" if choice != "B" else "C"
    text = (f"VOTE {letter.token} {choice}\n\nNo, wait, I mean:\n\nVOTE {letter.token} {other}\n")
    return [_plain(member, letter, text, "ambiguous", WORDS)]


def changed_mind(member, letter, choice):
    """An earlier vote stands unquoted below the new one."""
    other = "B" if choice != "B" else "A"
    text = f"{choice}\n\nI changed my mind.\n\nVOTE {letter.token} {other}\n\n{_quote(letter)}\n"
    return [_plain(member, letter, text, "ambiguous", WORDS)]


def bad_choice(member, letter, _):
    return [_plain(member, letter, f"VOTE {letter.token} H\n", "no choice", WORDS)]


def mistyped(member, letter, choice):
    """One character wrong: the check characters notice, so this is no token at all."""
    token = letter.token
    wrong = token[:-1] + ("7" if token[-1] != "7" else "8")
    return [_plain(member, letter, f"VOTE {wrong} {choice}\n", "no token", WORDS)]


def guessed(member, letter, choice):
    """A token that is well written but was never issued."""
    secret = bytes(b ^ 0x5A for b in token_bytes(letter.token))
    return [_plain(member, letter, f"VOTE {token_text(secret)} {choice}\n", "unknown token",
                   WORDS)]


def out_of_office(member, letter, _):
    """An automatic answer that quotes the whole letter, token and all."""
    m = _message(member, letter, {"fr": "Réponse automatique : ",
                                  "en": "Automatic reply: "}[member.language] + letter.subject)
    m["Auto-Submitted"] = "auto-replied"
    m["X-Auto-Response-Suppress"] = "All"
    m.set_content(AWAY[member.language] + _quote(letter) + "\n")
    return [Mail(member, m, "automatic", NOTHING, letter.reply_to)]


def voting_robot(member, letter, choice):
    """An automatic answer whose first line would be a perfect vote."""
    m = _message(member, letter)
    m["Auto-Submitted"] = "auto-generated (rule)"
    m.set_content(f"VOTE {letter.token} {choice}\n")
    return [Mail(member, m, "automatic", NOTHING, letter.reply_to)]


def bounced(member, letter, _):
    """A delivery report that came to the wrong address; it quotes the letter."""
    raw = (f"From: MAILER-DAEMON@client.test\r\nTo: {letter.reply_to}\r\n"
           "Subject: Undelivered Mail Returned to Sender\r\nMIME-Version: 1.0\r\n"
           f"Message-ID: {email.utils.make_msgid(domain='client.test')}\r\n"
           "Content-Type: multipart/report; report-type=delivery-status; boundary=\"xx\"\r\n\r\n"
           "--xx\r\nContent-Type: text/plain\r\n\r\nYour message could not be delivered.\r\n"
           "--xx\r\nContent-Type: message/delivery-status\r\n\r\n"
           "Reporting-MTA: dns; client.test\r\n\r\n"
           f"Final-Recipient: rfc822; {member.email}\r\nAction: failed\r\nStatus: 5.2.2\r\n\r\n"
           "--xx\r\nContent-Type: message/rfc822\r\n\r\n").encode()
    raw += re.sub(rb"\r?\n", b"\r\n", letter.raw) + b"\r\n--xx--\r\n"
    return [Mail(member, raw, "bounce", NOTHING, letter.reply_to, sender="")]


def too_large(member, letter, choice):
    """A vote with a film of the holidays."""
    m = _message(member, letter)
    m.set_content(f"{choice}\n\n{_quote(letter)}\n")
    m.add_attachment(bytes(1 << 20), "video", "mp4", filename="holidays.mp4")
    return [Mail(member, m, "too large", WORDS, letter.reply_to)]


def encrypted(member, letter, _):
    """S/MIME, to a key that nobody holds."""
    m = _message(member, letter)
    m.set_content(b"\x30\x80\x06\x09" + bytes(range(200)), "application", "pkcs7-mime",
                  filename="smime.p7m")
    m.set_param("smime-type", "enveloped-data")
    return [Mail(member, m, "unreadable", WORDS, letter.reply_to)]


def stranger(member, letter, _):
    """Someone who has no token writes to the address."""
    m = _message(member, letter, "Please send me my voting code")
    m.replace_header("To", re.sub(r"\+[^@]*@", "@", letter.reply_to))
    del m["In-Reply-To"], m["References"]
    m.set_content("A\n\nHello, I have not received anything. Could you vote A for me?\n")
    return [Mail(member, m, "no token", NOTHING, str(m["To"]))]


def too_late(member, letter, choice):
    mail = top_posted(member, letter, choice)[0]
    mail.verdict, mail.answer = "late", WORDS
    return [mail]


def too_early(member, letter, choice):
    mail = top_posted(member, letter, choice)[0]
    mail.verdict, mail.answer = "early", WORDS
    return [mail]


def sealed(member, letter, block):
    """`block` was made by the member's own side (seal.c stands in for the page)."""
    return [_plain(member, letter, f"{block}\n", subject="sealed vote")]


def sealed_quoted(member, letter, block):
    """The block sent as a reply, with the letter quoted beside it."""
    return [_plain(member, letter, f"{block}\n\n{_quote(letter)}\n", cte="quoted-printable")]


def sealed_broken(member, letter, block):
    """One character of the block was lost on the way."""
    lines = block.split("\n")
    lines[3] = lines[3][:20] + ("A" if lines[3][20] != "A" else "B") + lines[3][21:]
    return [_plain(member, letter, "\n".join(lines) + "\n", "invalid", WORDS)]
