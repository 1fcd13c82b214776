/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_MAILER_UNREACHED_H
#define VOTEPOST_MAILER_UNREACHED_H

#include <stdint.h>

#include "core/aside.h"
#include "core/buf.h"
#include "core/err.h"
#include "mailer/survey.h"

/*
 * unreached - the members whom a letter has not reached, as a CSV file for another channel: the
 * telephone, the post. And on a second list, `warn`, those about whom that is in doubt.
 *
 *   id,name,group,language,address,list,state,reason,status,words,last_try,came_back
 *
 * It holds names and addresses, so it is for its owner alone (mode 0600), and no token, handle or
 * link. It appears whole or not at all, and never in place of another file: somebody may have
 * written into that one whom they have called.
 */
struct unreached {
	struct aside out;
	struct buf row;
	const char *const *language; /* the tags */
	struct outbox *outbox;       /* for the relay's words; NULL: nothing was sent */
	uint64_t lost, warned;       /* rows of each list */
};

/* ERR_EXISTS where there is such a file. unreached_end after, also after a failure. */
MUST_CHECK enum err unreached_begin(struct unreached *u, const char *path,
                                    const char *const *language, struct why *why);
/* For survey_make, with the struct as its visitor. */
MUST_CHECK enum err unreached_visit(void *unreached, const struct member *member,
                                    const struct fate *fate, struct why *why);
/* In place if `e` is OK. */
MUST_CHECK enum err unreached_end(struct unreached *u, enum err e, struct why *why);

#endif
