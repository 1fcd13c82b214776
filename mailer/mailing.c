/* SPDX-License-Identifier: MIT */
#include "mailer/mailing.h"

#include <stdio.h>
#include <string.h>

static const char *const names[MAILING_KINDS] = {
	[MAILING_INVITATION] = "invitation",
	[MAILING_REMINDER] = "reminder",
	[MAILING_NOTICE] = "notice",
	[MAILING_EXTENSION] = "extended",
	[MAILING_ANNOUNCEMENT] = "announcement",
	[MAILING_MOVED] = "moved",
};

const char *mailing_name(enum mailing_kind kind)
{
	return names[kind];
}

enum err mailing_read(enum mailing_kind *kind, const char *name)
{
	for (unsigned i = 0; i < MAILING_KINDS; i++) {
		if (strcmp(names[i], name))
			continue;
		*kind = (enum mailing_kind)i;
		return OK;
	}
	return ERR_NOT_FOUND;
}

bool mailing_is_letter(enum mailing_kind kind)
{
	return kind == MAILING_INVITATION || kind == MAILING_REMINDER;
}

void mailing_id(char out[MAILING_TEXT], struct mailing mailing)
{
	const char *name = mailing.kind == MAILING_INVITATION ? "vote" : names[mailing.kind];

	if (mailing.number)
		snprintf(out, MAILING_TEXT, "%s-%llu", name, (unsigned long long)mailing.number);
	else
		snprintf(out, MAILING_TEXT, "%s", name);
}

void mailing_folder(char out[MAILING_TEXT], struct mailing mailing)
{
	char id[MAILING_TEXT];

	mailing_id(id, mailing);
	if (mailing.kind == MAILING_INVITATION)
		snprintf(out, MAILING_TEXT, "outbox");
	else
		snprintf(out, MAILING_TEXT, "outbox-%.*s", MAILING_TEXT - 8, id);
}
