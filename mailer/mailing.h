/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_MAILER_MAILING_H
#define VOTEPOST_MAILER_MAILING_H

#include <stdbool.h>
#include <stdint.h>

#include "core/err.h"

/*
 * mailing - what the mailer mails to members: the letters, which hold a token, and the short
 * mails, which never do. Each mailing remembers in an outbox of its own whom it served.
 */
enum mailing_kind {
	MAILING_INVITATION,
	MAILING_REMINDER,     /* the letter again, with the same token */
	MAILING_NOTICE,       /* a ballot was received for you */
	MAILING_EXTENSION,    /* the closing time is later */
	MAILING_ANNOUNCEMENT, /* a vote is coming, and a letter with a code; before the letters */
	MAILING_MOVED,        /* to a member's old address: your mail goes to another now */
	MAILING_KINDS
};

struct mailing {
	enum mailing_kind kind;
	uint64_t number; /* of a reminder, from 1; of an extension, the closing time; else 0 */
};

/* "invitation", "reminder", "notice", "extended", "announcement", "moved" */
const char *mailing_name(enum mailing_kind kind);
/* ERR_NOT_FOUND for a name that is none. */
MUST_CHECK enum err mailing_read(enum mailing_kind *kind, const char *name);

/* Does it hold a token? */
bool mailing_is_letter(enum mailing_kind kind);

#define MAILING_TEXT 48
/* What its Message-IDs begin with: "vote", "reminder-2", "notice". */
void mailing_id(char out[MAILING_TEXT], struct mailing mailing);
/* The folder of its outbox in the home: "outbox", "outbox-reminder-2", "outbox-notice". */
void mailing_folder(char out[MAILING_TEXT], struct mailing mailing);

#endif
