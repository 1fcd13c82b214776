/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_MAILER_CALENDAR_H
#define VOTEPOST_MAILER_CALENDAR_H

#include <stdint.h>

#include "core/buf.h"
#include "core/err.h"
#include "mailer/source.h"

/*
 * calendar - a time as a person reads it, in the words of the letter's language.
 *
 * The words stand in letter.words beside the templates: [dates] months and weekdays, separated
 * by semicolons, Monday first, and the order that they stand in,
 * date = {{weekday}} {{day}} {{month}} {{year}}, {{time}}; and, where the first of a month is not
 * written 1, first = 1er.
 */
struct calendar;

/* `from` may be NULL. */
MUST_CHECK enum err calendar_open(struct calendar **out, struct source *from, const char *path,
                                  struct why *why);
void calendar_free(struct calendar *c);

/* In a zone such as Europe/Paris; NULL is UTC. */
MUST_CHECK enum err calendar_write(struct buf *out, const struct calendar *c, uint64_t seconds,
                                   const char *zone, struct why *why);

/* "2026-12-01 13:00" in a zone, for columns. */
MUST_CHECK enum err calendar_hour(struct buf *out, uint64_t seconds, const char *zone,
                                  struct why *why);

#endif
