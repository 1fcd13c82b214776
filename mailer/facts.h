/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_MAILER_FACTS_H
#define VOTEPOST_MAILER_FACTS_H

#include "core/err.h"
#include "core/manifest.h"
#include "core/values.h"
#include "mailer/calendar.h"
#include "mailer/conf.h"

/*
 * facts - what every mail of one language says alike, as the values of its template: the
 * election, its questions with their letters, the times, the ways to vote.
 *
 * config/templates/README lists the names, and what a letter must have.
 */
struct facts {
	struct template_value *value; /* ended by a NULL name */
	size_t values;
	struct values kept; /* all memory of it */
};

/* `closes` is the closing time in force: the manifest's or a later one. */
MUST_CHECK enum err facts_make(struct facts *f, const struct manifest *m, unsigned language,
                               uint64_t closes, const struct conf *conf,
                               const struct calendar *calendar, struct why *why);
void facts_release(struct facts *f);

#endif
