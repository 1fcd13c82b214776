/* SPDX-License-Identifier: MIT */
#include "core/mail/seek.h"

#include <stdbool.h>
#include <stdio.h>

#define COMMAND_MAX 1024

static bool plain(const char *text)
{
	for (; *text; text++)
		if (*text < 0x20 || *text > 0x7e || *text == '"' || *text == '\\')
			return false;
	return true;
}

/* The UID of the newest that it is; 0: none. */
static enum err search(uint32_t *uid, struct imap_talk *t, const char *header, const char *value,
                       struct why *why)
{
	const struct imap_answer *answer = imap_talk_answer(t);
	char command[COMMAND_MAX];
	unsigned long first, last;
	enum err e;

	*uid = 0;
	e = imap_talk_do(t, "NOOP", NULL, NULL, why); /* which tells how many there are */
	if (e || !answer->exists)
		return e;
	last = answer->exists;
	first = last > SEEK_NEWEST ? last - SEEK_NEWEST + 1 : 1;
	if (snprintf(command, sizeof(command), "UID SEARCH %lu:%lu HEADER %s \"%s\"", first, last,
	             header, value) >= (int)sizeof(command))
		return why_set(why, ERR_TOO_LARGE, "what is looked for is too long");
	e = imap_talk_do(t, command, NULL, NULL, why);
	*uid = answer->found;
	return e;
}

enum err seek_mail(struct buf *out, struct imap_talk *t, const char *folder, const char *header,
                   const char *value, struct why *why)
{
	uint32_t uid;
	bool cut;
	enum err e;

	if (!plain(header) || !plain(value))
		return why_set(why, ERR_FORMAT, "what is looked for cannot stand in a search");
	buf_wipe(out);
	e = imap_talk_folder(t, folder, why);
	if (!e)
		e = search(&uid, t, header, value, why);
	if (!e && !uid)
		return ERR_NOT_FOUND;
	if (!e)
		e = imap_talk_fetch(t, uid, false, out, &cut, why);
	if (buf_err(out))
		return why_set(why, buf_err(out), "the mail: %s", err_text(buf_err(out)));
	if (!e && cut)
		return why_set(why, ERR_TOO_LARGE, "the mail: %s", err_text(ERR_TOO_LARGE));
	if (e == ERR_SETTINGS && imap_talk_trouble(t) == IMAP_TROUBLE_NO_FOLDER)
		return ERR_NOT_FOUND;
	return e == ERR_INVALID ? ERR_AGAIN : e;
}
