/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_MAILER_CONF_H
#define VOTEPOST_MAILER_CONF_H

#include <stdint.h>

#include "core/err.h"
#include "core/mail/imap.h"
#include "core/mail/smtp.h"
#include "mailer/domains.h"
#include "mailer/pace.h"
#include "mailer/source.h"

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
	/* [pace] */
	uint64_t start, domain_start, double_after, pause, last_try;
	struct limits domain_limits;   /* of a domain that has no group of its own */
	struct pace_rules whole, each; /* the same, put together */
	struct domains *domains;       /* [domain …] */
	/* [sender] */
	char *name, *address, *bounce, *contact, *timezone;
	/* [bounce]: the mailbox that they come to; no host: none by IMAP */
	char *bounce_host, *bounce_ca_file, *bounce_user, *bounce_password_file;
	char *bounce_token_command, *bounce_folder, *bounce_archive;
	uint64_t bounce_port, bounce_timeout;
	unsigned bounce_tls;
	/* [letter] */
	char *templates;
	char *texts; /* the organiser's own: the home's letter/ */
	/* [preflight] */
	struct conf_preflight {
		char *resolver, *dkim_selector;
		char *user, *password_file, *ca_file; /* of the administrator's mailbox */
		char *imap_host, *submit_host, *folders;
		uint64_t imap_port, submit_port, wait;
		unsigned imap_tls, submit_tls;
	} preflight;
	/* [remind] */
	uint64_t remind_most, remind_hours;
	/* [status] */
	uint64_t alarm;      /* percent; 0: never */
	uint64_t alarm_from; /* letters tried, of a domain that is looked at by itself */
};

/* The home's mailer.conf, or `path` where it is not NULL. */
MUST_CHECK enum err conf_read(struct conf *c, const char *home, const char *path, struct why *why);
void conf_release(struct conf *c);

/* What it says in every letter, as if it were a file: name, address, contact, timezone. */
MUST_CHECK enum err conf_source(struct source *out, const struct conf *c);

/* The account of [bounce]; its texts are those of `c`. */
struct imap_account conf_bounce_account(const struct conf *c);

#endif
