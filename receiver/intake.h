/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_RECEIVER_INTAKE_H
#define VOTEPOST_RECEIVER_INTAKE_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/funnel.h"
#include "receiver/answer.h"
#include "receiver/box.h"
#include "receiver/cast.h"
#include "receiver/parser.h"
#include "receiver/signer.h"

/*
 * intake - one raw mail, from the moment it is here to the moment its sender has been answered.
 *
 * OK means: its verdict is on disk, and its answer, where one is owed, has been taken by the
 * relay. Everything else means: hand it back, nothing is lost, bring it again. A mail that
 * comes again is not counted again; only an answer that never left is sent then. Every trace of
 * the sender ends here.
 */

/* How an answer leaves: post_send, or what a test puts in its place. Same results. */
typedef enum err intake_send(void *ctx, const char *to, const void *message, size_t len,
                             uint64_t waited, struct why *why);

#define INTAKE_SPARE 32

struct intake {
	struct box *box;
	struct cast *cast;
	struct parser *parser;
	const struct signer *signer;
	const struct answers *answers;
	intake_send *send;
	void *send_ctx;
	const char *received_by;  /* our mail server's name in Received, "" for none */
	_Atomic uint64_t refused; /* answers that the relay would never take for their address */
	uint64_t a_day;           /* corrections to one handle, token or address */
	unsigned busy, busy_max;  /* threads that read and prove, at most as many as cores */
	pthread_mutex_t lock;
	pthread_cond_t freed;
	struct reply *spare[INTAKE_SPARE]; /* guarded memory is dear to come by; wiped */
	unsigned spares;
};
void intake_init(struct intake *in, unsigned cores);
void intake_release(struct intake *in);

struct intake_mail {
	const char *from; /* envelope sender, "" for null; NULL: not told */
	const char *to;   /* envelope recipient; NULL: not told */
	const void *raw;
	size_t len; /* at most MAIL_MAX */
	bool cut;   /* there was more than MAIL_MAX */
	/* When our mail server took it, Unix seconds; 0: not told. Its Received line, where
	 * `received_by` names it, says so better. */
	uint64_t received;
	bool fetched; /* out of a mailbox: there is no envelope but what delivery wrote on top */
	bool verdict_alone; /* an answer that is owed waits until the mail is brought again */
};

/* Any thread. `*verdict` is the mail's as soon as it is on disk, also where the mail is handed back
 * because its answer did not leave; else VERDICTS. */
MUST_CHECK enum err intake_take(struct intake *in, const struct intake_mail *mail,
                                enum verdict *verdict, struct why *why);

#endif
