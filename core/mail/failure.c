/* SPDX-License-Identifier: MIT */
#include "core/mail/failure.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "core/mail/failure_words.h"

const char *failure_name(enum failure failure)
{
	static const char *const name[FAILURES] = { "hard", "full", "policy", "soft", "delayed" };

	return name[failure];
}

bool failure_of_mailbox(const char *status)
{
	return *status && (!strncmp(status + 1, ".1.", 3) || !strncmp(status + 1, ".2.", 3));
}

/* What a status says by itself. `sure`: whatever the words are. */
struct meaning {
	int subject, detail; /* -1: any */
	enum failure failure;
	bool sure;
};
static const struct meaning permanent[] = {
	{ 1, 0, FAILURE_HARD, false },      { 1, 1, FAILURE_HARD, true },
	{ 1, 2, FAILURE_HARD, true },       { 1, 6, FAILURE_HARD, true },
	{ 1, 10, FAILURE_HARD, true },      { 1, 7, FAILURE_POLICY, true },
	{ 1, 8, FAILURE_POLICY, true },     { 1, 9, FAILURE_SOFT, false },
	{ 1, -1, FAILURE_HARD, false },     { 2, 1, FAILURE_HARD, false },
	{ 2, 2, FAILURE_FULL, true },       { 2, 3, FAILURE_POLICY, true },
	{ 3, 4, FAILURE_POLICY, true },     { 3, -1, FAILURE_SOFT, false },
	{ 4, 1, FAILURE_REJECTION, false }, { 4, 4, FAILURE_HARD, true },
	{ 4, 5, FAILURE_POLICY, true },     { 4, 6, FAILURE_SOFT, true },
	{ 4, 7, FAILURE_SOFT, true },       { 4, 14, FAILURE_SOFT, true },
	{ 4, 310, FAILURE_HARD, true },     { 6, -1, FAILURE_POLICY, true },
	{ 7, -1, FAILURE_POLICY, false },
};

static const struct meaning *by_status(int subject, int detail)
{
	for (size_t i = 0; i < sizeof(permanent) / sizeof(permanent[0]); i++)
		if (permanent[i].subject == subject &&
		    (permanent[i].detail < 0 || permanent[i].detail == detail))
			return &permanent[i];
	return NULL;
}

/* The status, over the words? A bare rejection takes nothing from it. */
static bool decides(const struct meaning *m, bool worded, enum failure words)
{
	return m->sure || !worded || (words == FAILURE_REJECTION && m->failure == FAILURE_HARD);
}

/* A reason that we cannot read silences nobody. */
static enum failure by_code(unsigned code, const char *text)
{
	switch (code) {
	case 550:
	case 551:
	case 553:
		return *text ? FAILURE_POLICY : FAILURE_REJECTION;
	case 552:
		return FAILURE_FULL;
	case 554:
		return FAILURE_POLICY;
	default:
		return FAILURE_SOFT;
	}
}

/* Whatever the words are, what is given up after 4.x.x may pass: it silences no address. */
static enum failure for_now(bool worded, enum failure words)
{
	return worded && (words == FAILURE_FULL || words == FAILURE_POLICY) ? words : FAILURE_SOFT;
}

/* FAILURE_REJECTION where nothing says more than that. */
static enum failure class_of(unsigned code, const char *status, const char *text)
{
	int class = 0, subject = 0, detail = 0;
	enum failure words = FAILURE_SOFT;
	const struct meaning *m = NULL;
	bool worded, mute;

	if (sscanf(status, "%1d.%3d.%3d", &class, &subject, &detail) != 3)
		class = subject = detail = 0;
	mute = !subject && !detail; /* "5.0.0", or none: the server's code says more */
	if (mute && code)
		class = (int)(code / 100);
	if (subject == 2 && detail == 2)
		return FAILURE_FULL;
	worded = failure_words(&words, text, subject == 7);
	if (class == 4 && (code || !mute))
		return for_now(worded, words);
	if (class == 5)
		m = by_status(subject, detail);
	if (m && decides(m, worded, words))
		return m->failure;
	return worded ? words : by_code(code, text);
}

enum failure failure_class(unsigned code, const char *status, const char *text)
{
	enum failure class = class_of(code, status, text);

	return class == FAILURE_REJECTION ? FAILURE_HARD : class;
}

enum failure failure_named(const char *status, const char *text)
{
	enum failure class;

	if (failure_words(&class, text, false) && class == FAILURE_POLICY)
		return FAILURE_POLICY;
	class = class_of(0, status, text);
	return class == FAILURE_REJECTION ? FAILURE_SOFT : class;
}
