/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_CORE_MAIL_IMAP_H
#define VOTEPOST_CORE_MAIL_IMAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "core/mail/imap_memory.h"
#include "core/mail/smtp.h"

/*
 * imap - a mailbox emptied over IMAP: each mail is given to whoever takes it, and is removed when
 * it has been taken.
 *
 * What is still there is given again by the next poll, so a taker must know what it has seen.
 * Nothing is remembered between two, but, where one wants it, what failed (imap_memory.h). A crash
 * after a mail was taken and before it was removed, a folder that the server has numbered anew
 * (UIDVALIDITY): both mean no more than that. One thread at a time, but for imap_stop.
 */
#define IMAP_MESSAGE_MAX (1u << 20) /* bytes of a mail that are taken, at most */

struct imap_account {
	char *host;
	unsigned port;
	enum smtp_tls tls;   /* verified, always, where there is any */
	char *ca_file;       /* NULL: the system's */
	char *user;          /* as the server knows it */
	char *password_file; /* NULL: token_command */
	char *token_command; /* a program whose first line is an access token (XOAUTH2); NULL */
	char *folder;        /* to be emptied */
	char *archive;       /* folder that mails are moved to, made where it is not there; NULL or
	                      * "": they are deleted */
	unsigned timeout;    /* seconds, for connecting and for each answer; 0: 60 */
};

/* A mail. OK: whatever came of it is durable, and the mail may go. ERR_EXISTS: it is durable, and
 * the mail stays all the same, to be brought again. Anything else: it stays, and was not taken. The
 * poll goes on with the next one. `cut`: there was more. `received`: when the mailbox's own server
 * took it (INTERNALDATE), Unix seconds; 0: not known. */
typedef enum err imap_take(void *context, const void *raw, size_t len, bool cut, uint64_t received,
                           struct why *why);

struct imap;
/* Nothing is sent yet; `a` is borrowed for as long as it is open. ERR_SETTINGS for what is wrong
 * with the account: a password file that others can read, a name that no folder can have, a
 * password that would cross the network in the clear. */
MUST_CHECK enum err imap_open(struct imap **out, const struct imap_account *a, struct why *why);
void imap_close(struct imap *i);

/* What failed before is known in `m`, which is borrowed: it is tried behind what is new, and not
 * with each poll. Without it each mail is tried by each poll, as they came. */
void imap_remember(struct imap *i, struct imap_memory *m);

/* Any thread, or a signal's handler: a poll that is under way ends soon, with ERR_STATE; so does
 * every later one. */
void imap_stop(struct imap *i);

/* Connect, see whether the folder can be emptied, and log out: as imap_poll would answer, but no
 * mail is looked at. ERR_SETTINGS also for a server that cannot remove one mail alone: it has
 * neither UIDPLUS nor, where there is an archive, MOVE. */
MUST_CHECK enum err imap_try(struct imap *i, struct why *why);

/* Connect, give every mail that is there now to `take`, new ones in the order in which they came,
 * remove those that were taken, and log out. OK: each was taken and removed. ERR_AGAIN: some stay,
 * or the server could not be reached; `why` says how many, and the first one's reason.
 * ERR_SETTINGS: only a person can mend it. */
MUST_CHECK enum err imap_poll(struct imap *i, imap_take *take, void *context, struct why *why);

/* Has all that was there at the last poll been taken, by it or by one that `m` remembers, though
 * some of it stays? */
bool imap_all_taken(const struct imap *i);

#endif
