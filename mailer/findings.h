/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_MAILER_FINDINGS_H
#define VOTEPOST_MAILER_FINDINGS_H

#include "core/buf.h"
#include "core/err.h"

/*
 * findings - what a look at the outside found: a list, each with its level, what was looked at,
 * what was found, what that means, and what to do about it, in words for whoever has to do it.
 *
 * Filled in straight lines: a look begins one, and the calls after it are about that one. Sticky:
 * findings_err tells at the end. Whatever comes from outside is made printable here.
 */
enum finding_level {
	FINDING_OK,
	FINDING_NOTE,    /* good to know */
	FINDING_WARNING, /* some letters will not arrive as they should */
	FINDING_UNSEEN,  /* it could not be looked at */
	FINDING_STOP,    /* do not send before this is mended */
	FINDING_LEVELS
};

enum finding_section {
	SECTION_SENDER, /* the sender's names in the DNS */
	SECTION_BACK,   /* where replies and bounces come back to */
	SECTION_RELAY,
	SECTION_LETTER,
	SECTION_MEMBERS, /* and their providers */
	SECTION_TRIP,    /* a letter that was sent and came */
	SECTIONS
};

struct finding {
	enum finding_section section;
	enum finding_level level;
	const char *key; /* a literal, for programs: "spf" */
	struct buf what, found, means, remedy;
};

struct findings {
	unsigned n;
	struct finding *finding;
	enum err e;
};

/* `findings_release` after. */
void findings_release(struct findings *f);
MUST_CHECK enum err findings_err(const struct findings *f);

/* Begin one, which is well until it is told otherwise. */
void findings_look(struct findings *f, enum finding_section section, const char *key,
                   const char *format, ...) __attribute__((format(printf, 4, 5)));
/* What was found; several add up. */
void findings_saw(struct findings *f, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* How bad it is and what it means; several add up, and the worst level stays. */
void findings_tell(struct findings *f, enum finding_level level, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* What to do; several add up. */
void findings_do(struct findings *f, const char *format, ...) __attribute__((format(printf, 2, 3)));

unsigned findings_count(const struct findings *f, enum finding_level level);

/* "ok", "note", "warning", "unseen", "stop" */
const char *finding_level_name(enum finding_level level);
/* "sender", "back", "relay", "letter", "members", "trip" */
const char *finding_section_name(enum finding_section section);

#endif
