/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_CORE_MAIL_IMAP_STAGE_H
#define VOTEPOST_CORE_MAIL_IMAP_STAGE_H

#include <stdbool.h>
#include <stddef.h>

/*
 * imap_stage - how far a conversation with an IMAP server came, by the commands that libcurl sends.
 */
enum imap_stage {
	IMAP_STAGE_CONNECT,
	IMAP_STAGE_HELLO,
	IMAP_STAGE_TLS,
	IMAP_STAGE_LOGIN,
	IMAP_STAGE_SELECT,
	IMAP_STAGE_COMMAND, /* ours */
};

/* What goes out. False where it is no command, but what a login goes on with. A LOGOUT is
 * `*leaving`, and no stage. */
bool imap_stage_begins(enum imap_stage *stage, bool *leaving, const char *line, size_t len);

#endif
