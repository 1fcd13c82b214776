/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_MAILER_ROLL_H
#define VOTEPOST_MAILER_ROLL_H

#include <stdbool.h>
#include <stdint.h>

#include "core/credential.h"
#include "core/err.h"
#include "core/manifest.h"
#include "mailer/definition.h"
#include "mailer/tag.h"

/*
 * roll - the members of an election, in LMDB under the mailer's home.
 *
 * A member is known by a serial, 0 … members−1 in the file's order. The roll is imported whole
 * (mailer/import.h) and never changed; reading it takes any number of threads. It holds no
 * secret but, where the election has one, the second factor.
 */
#define MEMBER_ID_MAX   128
#define MEMBER_TEXT_MAX 1000 /* bytes of a name or a group */
#define ADDRESS_TEXT    255

struct member {
	uint32_t serial, line; /* line: of the CSV file that it came from */
	uint32_t generation;   /* of its token; 1 in the roll, later ones are mailer/amend.h's */
	uint32_t epoch;        /* of the token key that it is derived under; 0 in the roll */
	char tag[TAG_TEXT];    /* of its letters; "" in the roll, later ones are mailer/amend.h's */
	unsigned weight;
	unsigned language; /* index into the election's */
	char id[MEMBER_ID_MAX + 1];
	char name[MEMBER_TEXT_MAX + 1];
	char email[ADDRESS_TEXT];
	char group[MEMBER_TEXT_MAX + 1];
	char factor[FACTOR_TEXT_MAX]; /* "" where there is none */
};

struct roll_summary {
	uint64_t members;
	uint64_t weight[WEIGHT_MAX + 1];  /* members of each weight */
	uint64_t language[LANGUAGES_MAX]; /* members of each language */
};

struct roll;

/* The imported roll of `home`; ERR_NOT_FOUND, with a sentence, where there is none yet. */
MUST_CHECK enum err roll_open(struct roll **out, const char *home, struct why *why);
void roll_close(struct roll *r);

const struct roll_summary *roll_summary(const struct roll *r);

/* Any thread. ERR_NOT_FOUND for a serial that the roll does not have. */
MUST_CHECK enum err roll_get(struct roll *r, uint32_t serial, struct member *member,
                             struct why *why);
/* By identifier: walks the whole roll. */
MUST_CHECK enum err roll_find(struct roll *r, const char *id, struct member *member,
                              struct why *why);

/* Every member, in order; what `visit` returns ends the walk unless it is OK. */
typedef enum err roll_visit(void *context, const struct member *member, struct why *why);
MUST_CHECK enum err roll_each(struct roll *r, roll_visit *visit, void *context, struct why *why);

/* Give back what walking over millions has left in memory. */
void roll_trim(struct roll *r);

/* Making one, for mailer/import.h: in a folder aside, put in place by roll_replace. */
MUST_CHECK enum err roll_create(struct roll **out, const char *home, struct why *why);
MUST_CHECK enum err roll_add(struct roll *r, const struct member *member, struct why *why);
/* A member that was added, also before it is committed. */
MUST_CHECK enum err roll_added(struct roll *r, uint32_t serial, struct member *member);
/* All that was added becomes the home's roll; `r` is closed, also after a failure. */
MUST_CHECK enum err roll_replace(struct roll *r, struct why *why);
/* Drop it. */
void roll_discard(struct roll *r);

#endif
