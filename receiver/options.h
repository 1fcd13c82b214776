/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_RECEIVER_OPTIONS_H
#define VOTEPOST_RECEIVER_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/err.h"
#include "core/mail/imap.h"
#include "core/mail/smtp.h"

/*
 * options - receiver.conf: how mail and posts come in and how answers go out. config/receiver.conf is
 * the commented example, and the tests read it.
 */
struct options {
	char *sender_name, *sender_address;
	char *answers;     /* folder of their texts */
	char *listen;      /* "unix:/path", "inet:127.0.0.1:2424", "" for none */
	char *group;       /* that may write to that socket, "" for our own */
	char *received_by; /* our mail server's name in its Received lines, "" for none */
	struct {
		char *listen, *group;    /* as for LMTP */
		char *certificate, *key; /* files, "" for none: behind a proxy */
		char *record;            /* folder of the published record, "" for none */
		bool forwarded;          /* a proxy tells the source of a request */
		uint64_t connections, per_source, seconds;
	} http;
	struct imap_account mailbox; /* where imap.host is not "" */
	struct {
		uint64_t seconds; /* from one look to the next */
		/* What the table reads and `mailbox` is made of */
		uint64_t port, timeout;
		unsigned tls;
		char *host, *ca_file, *user, *password_file, *token_command, *folder, *archive;
	} imap;
	uint64_t connections, seconds;
	uint64_t a_day, map_gib;
	struct relay relay;
	uint64_t relay_connections;
	/* What the table reads and `relay` is made of */
	uint64_t port, timeout, per_connection;
	unsigned tls;
	char *host, *ca_file, *user, *password_file, *hello;
};

/* `path` NULL: folder/receiver.conf. options_release after, also after a failure. */
MUST_CHECK enum err options_read(struct options *o, const char *folder, const char *path,
                                 struct why *why);
void options_release(struct options *o);

#endif
