/* SPDX-License-Identifier: MIT */
#include "core/mail/imap_stage.h"

#include <string.h>

static bool begins(const char *word, size_t len, const char *with)
{
	return len >= strlen(with) && !memcmp(word, with, strlen(with));
}

static enum imap_stage stage_of(enum imap_stage before, const char *word, size_t len)
{
	static const struct {
		const char *word;
		enum imap_stage stage;
	} commands[] = {
		{ "STARTTLS", IMAP_STAGE_TLS },
		{ "LOGIN ", IMAP_STAGE_LOGIN },
		{ "AUTHENTICATE ", IMAP_STAGE_LOGIN },
		{ "SELECT ", IMAP_STAGE_SELECT },
	};

	/* libcurl asks first of all what the server can; we ask again once we are in. */
	if (begins(word, len, "CAPABILITY") && before != IMAP_STAGE_SELECT)
		return IMAP_STAGE_HELLO;
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (begins(word, len, commands[i].word))
			return commands[i].stage;
	return IMAP_STAGE_COMMAND;
}

bool imap_stage_begins(enum imap_stage *stage, bool *leaving, const char *line, size_t len)
{
	size_t tag = 1;

	if (!len || line[0] < 'A' || line[0] > 'Z')
		return false;
	while (tag < len && line[tag] >= '0' && line[tag] <= '9')
		tag++;
	if (tag < 2 || tag == len || line[tag] != ' ')
		return false;
	line += tag + 1;
	len -= tag + 1;
	*leaving = begins(line, len, "LOGOUT");
	if (!*leaving)
		*stage = stage_of(*stage, line, len);
	return true;
}
