/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_MAILER_ATTENDANCE_H
#define VOTEPOST_MAILER_ATTENDANCE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/err.h"
#include "mailer/campaign.h"
#include "mailer/conf.h"

/*
 * attendance - the list of who has voted and who has not, in the order of the roll: as CSV for
 * programs, and as a page to print and sign.
 *
 * It never says how. That somebody voted can be sensitive by itself (GDPR article 9): the list
 * is kept nowhere but in memory and where the caller puts it.
 */
struct attendance {
	struct campaign *campaign; /* its book, roll, amendments and keys */
	/* Results of attendance_look */
	uint64_t *hour; /* [members] the board's time before the ballot; 0: has not voted */
	uint64_t voted, weight;
	bool groups; /* somebody has one */
};

/* Look at every member. attendance_release after, also after a failure. */
MUST_CHECK enum err attendance_look(struct attendance *a, struct why *why);
void attendance_release(struct attendance *a);

/* A header line and a line a member: id,name,group,weight,voted,hour. A field that a table
 * calculator would take for a formula gets an apostrophe in front. */
typedef void attendance_out(void *context, const void *bytes, size_t len);
MUST_CHECK enum err attendance_csv(const struct attendance *a, attendance_out *out, void *context,
                                   struct why *why);

/* The page, for its owner alone (mode 0600), in a language of the election's: attendance.html of
 * its templates, times in the zone of the settings. */
MUST_CHECK enum err attendance_html(const struct attendance *a, const char *path,
                                    const struct conf *conf, unsigned language, struct why *why);

#endif
