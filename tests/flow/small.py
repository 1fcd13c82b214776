# SPDX-License-Identifier: MIT
"""
small - the election that the law tests hold: one question, three options and blank, a few dozen
members, two of three trustees.
"""

import time

import members as people
from election import VOTE, Election, iso

DEFINITION = """\
[election]
title[fr] = Petite élection
title[en] = Small election
organiser = Votepost tests
languages = fr;en
opens = {opens}
closes = {closes}
channels = {channels}
{waiver}reply_to = {vote}
link = http://127.0.0.1{port}/
min_ballots = 2
second_factor = {factor}
test = true

[question text]
kind = choice
title[fr] = Lequel ?
title[en] = Which one?
option1[fr] = Ambre
option1[en] = Amber
option2[fr] = Bouleau
option2[en] = Birch
option3[fr] = Cèdre
option3[en] = Cedar
"""


WAIVER = """\
waiver[fr] = Une réponse simple montre votre choix.
waiver[en] = A plain reply shows your choice.
"""


def definition(opens, closes, channels="reply;sealed-reply", port="", factor=False):
    return DEFINITION.format(opens=iso(opens), closes=iso(closes), vote=VOTE, channels=channels,
                             port=port, factor="true" if factor else "false",
                             waiver=WAIVER if channels.startswith("reply") else "")


def set_up(state, n, window=3600, trustees=1, threshold=1, channels="reply;sealed-reply",
           factors=None, officers=None, mailboxes=(), before=None):
    """An election of `n` members up to the open ballot box; ends with the test. `factors`: each
    member's second factor. `officers`: (M, N), where the mailer's key is shared.
    `mailboxes`: addresses that nobody has yet. `before`: called with the election before its
    Postfix starts."""
    members = people.roll(n)
    for m, factor in zip(members, factors or ()):
        m.factor = factor
    e = Election(state.programs, state.folder, members, trustees, threshold, officers)
    state.election = e
    state.at_end(e.end)
    for address in mailboxes:
        e.post.mailbox(address)
    if before:
        before(e)

    def define(took):
        opens = int(time.time())
        e.closes = opens + max(window, round(took * 15))
        return definition(opens, e.closes, channels, f":{e.http_port}", bool(factors))
    e.prepare(define)
    return e


def send(state):
    """Letters to everyone, all of them read."""
    e = state.election
    e.send()
    e.post.settle()
    return e.read_letters()
