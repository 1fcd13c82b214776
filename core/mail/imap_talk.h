/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_CORE_MAIL_IMAP_TALK_H
#define VOTEPOST_CORE_MAIL_IMAP_TALK_H

#include <stdbool.h>
#include <stdint.h>

#include "core/buf.h"
#include "core/err.h"
#include "core/mail/imap.h"
#include "core/mail/imap_answer.h"

/*
 * imap_talk - a connection to an IMAP server, through libcurl: one command, its answer.
 *
 * It connects, logs in and selects the folder by itself, whenever there is no connection: at
 * first, and after whatever failed. A mail is fetched by URL alone, where libcurl counts its
 * bytes; a command of ours never asks for a part of one, since libcurl would take what stands in
 * the mail for the server's answers (decision 0019). Every command names the folder's
 * UIDVALIDITY, so that a UID never means another mail than it did when it was listed.
 */
struct imap_talk;
MUST_CHECK enum err imap_talk_open(struct imap_talk **out, const struct imap_account *a,
                                   struct why *why);
void imap_talk_close(struct imap_talk *t);

/* Another folder of the same mailbox, from the next command on; the name is borrowed until then.
 * Whatever UIDVALIDITY it has. ERR_SETTINGS for a name that no folder can have. */
MUST_CHECK enum err imap_talk_folder(struct imap_talk *t, const char *name, struct why *why);

/* Any thread: what is under way, and all that is asked later, fails soon. */
void imap_talk_stop(struct imap_talk *t);

/* A connection of its own, the folder selected, whatever UIDVALIDITY it has now: in the answer, as
 * is what the server can. */
MUST_CHECK enum err imap_talk_begin(struct imap_talk *t, struct why *why);
/* Log out. Nothing is left open. */
void imap_talk_end(struct imap_talk *t);

/* One command, without tag. `line` sees each FETCH line of its answer; NULL: nobody does. */
typedef void imap_talk_line(void *context, const struct imap_item *item);
MUST_CHECK enum err imap_talk_do(struct imap_talk *t, const char *command, imap_talk_line *line,
                                 void *context, struct why *why);

/* The mail of this UID into `mail`, which is wiped first: IMAP_MESSAGE_MAX bytes of it at most.
 * `large`: it is known to be larger. */
MUST_CHECK enum err imap_talk_fetch(struct imap_talk *t, uint32_t uid, bool large, struct buf *mail,
                                    bool *cut, struct why *why);

const struct imap_answer *imap_talk_answer(const struct imap_talk *t);

/* What the last failure was about. */
enum imap_trouble {
	IMAP_TROUBLE_SERVER,    /* every command: no connection, no login */
	IMAP_TROUBLE_NO_FOLDER, /* it is not there, or not for us */
	IMAP_TROUBLE_COMMAND,   /* this one: NO or BAD, an answer that makes no sense, silence */
	IMAP_TROUBLE_GONE,      /* the mail is not there any more */
	IMAP_TROUBLE_FOLDER,    /* its UIDVALIDITY is another one: nothing was done */
	IMAP_TROUBLE_STOPPED,   /* imap_talk_stop */
};
enum imap_trouble imap_talk_trouble(const struct imap_talk *t);

#endif
