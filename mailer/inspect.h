/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_MAILER_INSPECT_H
#define VOTEPOST_MAILER_INSPECT_H

#include "core/err.h"
#include "core/manifest.h"
#include "mailer/wording.h"

/*
 * inspect - is this mail fit to go to members? What every mail must hold stands in both of its
 * parts, no line of it would vote when somebody sends it back, and no token stands in it but its
 * own.
 *
 * Looked at with a made-up member and a token that opens nothing, whenever templates are read:
 * before `seal`, and again before the first mail of every mailing.
 */
struct inspect {
	const struct manifest *m;
	const struct wording *wording;
	enum wording_set set;
	unsigned language; /* of the manifest */
	const char *from;  /* a name, or "" */
	const char *subject;
	const char *text;    /* as it was filled in */
	const char *wrapped; /* as it will leave */
	const char *html;
	/* What only this mail has; NULL in the short ones. */
	const char *token, *four, *link, *reply_to;
};

/* ERR_FORMAT names the template, and what to do. */
MUST_CHECK enum err inspect_mail(const struct inspect *i, struct why *why);

#endif
