/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_MAILER_CONF_H
#define VOTEPOST_MAILER_CONF_H

#include <stdint.h>

#include "core/err.h"
#include "core/mail/imap.h"
#include "core/mail/smtp.h"

/*
 * conf - mailer.conf: the relay, the sender, the letter. config/mailer.conf explains each key.
 */
struct conf {
	/* [relay] */
	struct relay relay; /* its texts are those below */
	char *host, *ca_file, *user, *password_file, *hello;
	uint64_t port, timeout, connections, per_connection;
	unsigned tls;
	uint64_t per_minute;   /* letters; 0: as fast as the relay takes them */
	uint64_t retry_after;  /* seconds before what was deferred is tried again */
	uint64_t wait_at_most; /* seconds that `send` waits for such a retry before it ends */
	/* [sender] */
	char *name, *address, *bounce, *contact, *timezone;
	/* [bounce]: the mailbox that they come to; no host: none by IMAP */
	char *bounce_host, *bounce_ca_file, *bounce_user, *bounce_password_file;
	char *bounce_token_command, *bounce_folder, *bounce_archive;
	uint64_t bounce_port, bounce_timeout;
	unsigned bounce_tls;
	/* [letter] */
	char *templates;
	/* [remind] */
	uint64_t remind_most, remind_hours;
};

/* The home's mailer.conf, or `path` where it is not NULL. */
MUST_CHECK enum err conf_read(struct conf *c, const char *home, const char *path, struct why *why);
void conf_release(struct conf *c);

/* The account of [bounce]; its texts are those of `c`. */
struct imap_account conf_bounce_account(const struct conf *c);

#endif
