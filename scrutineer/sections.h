/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_SCRUTINEER_SECTIONS_H
#define VOTEPOST_SCRUTINEER_SECTIONS_H

#include "scrutineer/minutes.h"

/*
 * sections - the sections of the minutes, in the order in which they stand. Part of
 * scrutineer/minutes.h; others use that.
 */
struct telling {
	struct document *d;
	const struct minutes *mi;
	struct buf text; /* of the cell that is being put together */
};

void section_election(struct telling *t);
void section_bureau(struct telling *t);
void section_opening(struct telling *t);
void section_course(struct telling *t);
void section_letters(struct telling *t);
void section_interventions(struct telling *t);
void section_replacements(struct telling *t);
void section_incidents(struct telling *t);
void section_closing(struct telling *t);
void section_count(struct telling *t);
void section_reconciliation(struct telling *t);
void section_verify(struct telling *t);
void section_limits(struct telling *t);
void section_signatures(struct telling *t);

/* The tools that they are written with. A cell of a word, of a number, …, and a whole row of
 * facts or a block. `args` end with NULL. */
void tell_word(struct telling *t, enum word id);
void tell_number(struct telling *t, uint64_t n);
/* A cell that was put together; `text` is released. */
void tell_text(struct telling *t, struct buf *text);
void tell_bytes(struct telling *t, const void *bytes, size_t len); /* in base64 */
void tell_percent(struct telling *t, uint64_t part, uint64_t whole);
void tell_time(struct telling *t, uint64_t at);
void tell_fact(struct telling *t, enum word name, const char *value);
void tell_fact_time(struct telling *t, enum word name, uint64_t at);
void tell_fact_bytes(struct telling *t, enum word name, const unsigned char bytes[HASH_BYTES]);
void tell_block(struct telling *t, enum block_kind kind, enum word id, const char *const *args);
void tell_head(struct telling *t, enum word id); /* a heading */

/* A sentence with what is filled in, good until the next; numbers and times as text beside it. */
const char *tell_sentence(struct telling *t, enum word id, const char *const *args);
#define TELL_NUMBER 40
const char *tell_digits(const struct telling *t, char out[TELL_NUMBER], uint64_t n);
const char *tell_rate(const struct telling *t, char out[TELL_NUMBER], uint64_t part,
                      uint64_t whole);
const char *tell_clock(char out[TELL_NUMBER], uint64_t at);

#define ARGS(...) ((const char *const[]){ __VA_ARGS__, NULL })

#endif
