/* SPDX-License-Identifier: MIT */
#include "core/mail/imap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "core/mail/folder.h"
#include "core/mail/imap_talk.h"

/* Mails in one listing. libcurl lets a server say 300 KiB, and counts with each line all those that
 * came together with it and wait: 20 lines of a hundred bytes are 21 KiB to it. */
#define WINDOW 20
/* Mails in one poll; what is beyond them is for the next one. */
#define LIST_MAX 200000u
/* Failures that a poll goes on after: each costs a new connection, and perhaps a timeout. */
#define FAILURES_MAX 20
/* How often a folder may be numbered anew while we look. */
#define STARTS_MAX  3
#define COMMAND_MAX 2048

struct imap {
	struct imap_talk *talk;
	bool deletes;       /* there is no archive */
	struct buf archive; /* quoted, as in a command */
	bool archive_there;
	struct buf mail;
	/* The poll under way */
	struct buf list; /* struct imap_item of each mail */
	uint32_t last;   /* UID listed */
	size_t unlisted; /* that are there all the same */
	unsigned failures;
	bool kept;    /* what is taken cannot be removed: not tried any more */
	bool through; /* each was looked at */
	size_t stay, untaken;
	struct why first; /* why the first of them stays; one that was not taken goes before */
};

/* The archive as it stands in a command: libcurl decodes %XX in it, and no name has a '%'. */
static enum err set_archive(struct imap *i, const struct imap_account *a, struct why *why)
{
	enum err e;

	i->deletes = !a->archive || !*a->archive;
	if (i->deletes)
		return OK;
	if (!strcmp(a->archive, a->folder))
		return why_set(why, ERR_SETTINGS,
		               "archive and folder are the same: nothing would ever leave it");
	buf_addc(&i->archive, '"');
	e = folder_write(&i->archive, a->archive, why);
	buf_addc(&i->archive, '"');
	return e ? e : buf_err(&i->archive);
}

enum err imap_open(struct imap **out, const struct imap_account *a, struct why *why)
{
	struct imap *i = calloc(1, sizeof(*i));
	enum err e;

	if (!i)
		return why_set(why, ERR_MEMORY, "out of memory");
	buf_init(&i->archive, COMMAND_MAX / 2);
	buf_init(&i->mail, IMAP_MESSAGE_MAX);
	buf_init(&i->list, LIST_MAX * sizeof(struct imap_item));
	e = imap_talk_open(&i->talk, a, why);
	if (!e)
		e = set_archive(i, a, why);
	if (e) {
		imap_close(i);
		return e;
	}
	*out = i;
	return OK;
}

void imap_close(struct imap *i)
{
	if (!i)
		return;
	imap_talk_close(i->talk);
	buf_free(&i->archive);
	buf_free(&i->mail);
	buf_free(&i->list);
	free(i);
}

void imap_stop(struct imap *i)
{
	imap_talk_stop(i->talk);
}

/* A mail of the listing; a server lists them by rising UID. */
static void note(void *context, const struct imap_item *item)
{
	struct imap *i = context;

	/* Something else has changed, which servers tell whenever they like. */
	if (item->uid <= i->last || !item->sized || !i->unlisted)
		return;
	i->unlisted--;
	i->last = item->uid;
	buf_add(&i->list, item, sizeof(*item));
}

/* What is in the folder. By the mails' places in it, so that an answer is never longer than a
 * window, however far apart the UIDs are. */
static enum err list(struct imap *i, struct why *why)
{
	uint32_t exists = imap_talk_answer(i->talk)->exists, to;
	char command[80];
	enum err e = OK;

	buf_clear(&i->list);
	i->last = 0;
	i->unlisted = exists;
	for (uint32_t from = 1; !e && from <= exists && from <= LIST_MAX; from = to + 1) {
		to = exists - from < WINDOW ? exists : from + WINDOW - 1;
		snprintf(command, sizeof(command), "FETCH %lu:%lu (UID INTERNALDATE RFC822.SIZE)",
		         (unsigned long)from, (unsigned long)to);
		e = imap_talk_do(i->talk, command, note, i, why);
	}
	if (!e && buf_err(&i->list))
		e = why_set(why, buf_err(&i->list), "the folder's mails: %s",
		            err_text(buf_err(&i->list)));
	return e;
}

/* Is there a folder to move to? Else it is made, once. */
static enum err need_archive(struct imap *i, struct why *why)
{
	char command[COMMAND_MAX];
	enum err e;

	if (i->deletes || i->archive_there)
		return OK;
	snprintf(command, sizeof(command), "STATUS %s (UIDVALIDITY)", buf_text(&i->archive));
	e = imap_talk_do(i->talk, command, NULL, NULL, why);
	if (e == ERR_INVALID) {
		snprintf(command, sizeof(command), "CREATE %s", buf_text(&i->archive));
		e = imap_talk_do(i->talk, command, NULL, NULL, why);
	}
	if (e == ERR_INVALID)
		e = ERR_SETTINGS;
	if (e)
		why_prefix(why, "archive");
	i->archive_there = !e;
	return e;
}

static enum err command_on(struct imap *i, const char *before, uint32_t uid, const char *after,
                           const char *folder, struct why *why)
{
	char command[COMMAND_MAX];

	snprintf(command, sizeof(command), "%s %lu%s%s", before, (unsigned long)uid, after, folder);
	return imap_talk_do(i->talk, command, NULL, NULL, why);
}

/* Out of the folder: the mail was taken. */
static enum err remove_mail(struct imap *i, uint32_t uid, struct why *why)
{
	const struct imap_answer *can = imap_talk_answer(i->talk);
	const char *archive = buf_text(&i->archive);
	enum err e = OK;

	if (!i->deletes && can->move)
		return command_on(i, "UID MOVE", uid, " ", archive, why);
	if (!i->deletes)
		e = command_on(i, "UID COPY", uid, " ", archive, why);
	if (!e)
		e = command_on(i, "UID STORE", uid, " +FLAGS.SILENT (\\Deleted)", "", why);
	if (e)
		return e;
	/* Without UIDPLUS, what others have marked as deleted goes too. */
	if (can->uidplus)
		return command_on(i, "UID EXPUNGE", uid, "", "", why);
	return imap_talk_do(i->talk, "EXPUNGE", NULL, NULL, why);
}

static void stays(struct imap *i, bool taken, const struct why *why)
{
	if (taken ? !i->stay : !i->untaken)
		i->first = *why;
	i->stay++;
	i->untaken += !taken;
}

/* What went wrong with one mail is no reason to leave those behind it, as long as the server is
 * there. */
static enum err go_on_after(struct imap *i, enum err e, bool taken, const struct why *told,
                            struct why *why)
{
	stays(i, taken, told);
	if (imap_talk_trouble(i->talk) == IMAP_TROUBLE_COMMAND && ++i->failures < FAILURES_MAX)
		return OK;
	if (why)
		*why = *told;
	return e;
}

/* One mail. OK also where it stays. */
static enum err pass(struct imap *i, const struct imap_item *item, imap_take *take, void *context,
                     struct why *why)
{
	uint64_t received = item->dated ? item->received : 0;
	struct why told = { 0 };
	bool cut;
	enum err e;

	e = imap_talk_fetch(i->talk, item->uid, item->size > IMAP_MESSAGE_MAX, &i->mail, &cut,
	                    &told);
	if (e && imap_talk_trouble(i->talk) == IMAP_TROUBLE_GONE)
		return OK;
	if (e)
		return go_on_after(i, e, false, &told, why);
	e = take(context, buf_text(&i->mail), i->mail.len, cut, received, &told);
	buf_wipe(&i->mail);
	if (e || i->kept) {
		stays(i, !e || e == ERR_EXISTS, &told);
		return OK;
	}
	e = remove_mail(i, item->uid, &told);
	if (!e)
		return OK;
	/* What is refused once is refused again, and the others are still to be taken. */
	i->kept = e == ERR_INVALID;
	return go_on_after(i, e, true, &told, why);
}

static void forget(struct imap *i)
{
	i->failures = 0;
	i->kept = i->through = false;
	i->stay = i->untaken = 0;
	memset(&i->first, 0, sizeof(i->first));
}

/* Connect, list, and give each to its taker. */
static enum err poll_once(struct imap *i, imap_take *take, void *context, struct why *why)
{
	const struct imap_item *items;
	size_t count;
	enum err e;

	forget(i);
	e = imap_talk_begin(i->talk, why);
	if (!e)
		e = need_archive(i, why);
	if (!e)
		e = list(i, why);
	items = (const void *)buf_text(&i->list);
	count = i->list.len / sizeof(*items);
	for (size_t k = 0; !e && k < count; k++)
		e = pass(i, &items[k], take, context, why);
	i->through = !e && !i->unlisted;
	return e == ERR_INVALID ? ERR_AGAIN : e;
}

bool imap_all_taken(const struct imap *i)
{
	return i->through && !i->untaken;
}

enum err imap_poll(struct imap *i, imap_take *take, void *context, struct why *why)
{
	size_t stay;
	enum err e = OK;

	for (unsigned starts = 0; starts < STARTS_MAX; starts++) {
		e = poll_once(i, take, context, why);
		if (!e || imap_talk_trouble(i->talk) != IMAP_TROUBLE_FOLDER)
			break;
	}
	imap_talk_end(i->talk);
	buf_wipe(&i->mail);
	stay = i->untaken ? i->untaken : i->stay;
	if (!e && stay)
		e = why_set(why, ERR_AGAIN, "%zu mail%s in the folder for now; the first: %s", stay,
		            stay == 1 ? " stays" : "s stay",
		            i->first.text[0] ? i->first.text : "its taker does not say why");
	if (!e && i->unlisted)
		e = why_set(why, ERR_AGAIN, "%zu mails were not listed; the next poll looks again",
		            i->unlisted);
	return e;
}
