/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_SCRUTINEER_COURSE_H
#define VOTEPOST_SCRUTINEER_COURSE_H

#include <stddef.h>
#include <stdint.h>

#include "core/board.h"
#include "core/err.h"
#include "scrutineer/audit.h"

/*
 * course - how a vote went, as the board's own lines tell it: when it opened, how many ballots
 * came in which minute, each later closing time, replacements with and without a new credential.
 *
 * It is given each line by an audit (audit_options.took). A minute is what a time line rounds
 * down to; ballots between two time lines belong to the first. What failed is kept in `e`.
 */
#define COURSE_MINUTES_MAX (1u << 20)

struct course_minute {
	uint64_t at, ballots;
};
struct course_extension {
	uint64_t at, closes; /* the time line before it (0 where there is none), the new end */
};
struct course {
	struct course_minute *minute; /* those in which a ballot came, ascending */
	size_t minutes;
	struct course_extension *extension;
	size_t extensions;
	uint64_t opened, ended;    /* the first and the last time line; 0 where there is none */
	uint64_t renewed, revoked; /* replaced lines with and without a new credential */
	enum err e;
};

/* `c` starts zeroed. course_release after. */
void course_take(struct course *c, const struct audit *a, const struct line *line);
void course_release(struct course *c);

/* Ballots by spans of `unit` seconds from `from` on, whose span holds the first, into
 * `out[n]`; what falls behind the last goes into it. */
void course_spans(const struct course *c, uint64_t from, uint64_t unit, uint64_t *out, size_t n);

#endif
