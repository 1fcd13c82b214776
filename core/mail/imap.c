/* SPDX-License-Identifier: MIT */
#include "core/mail/imap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "core/mail/folder.h"
#include "core/mail/imap_talk.h"
#include "core/monotime.h"
#include "core/secret.h"

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

/* A mail of the listing, and what became of it before. */
struct mail {
	struct imap_item item;
	struct imap_past past;
};

struct imap {
	struct imap_talk *talk;
	bool deletes;       /* there is no archive */
	struct buf archive; /* quoted, as in a command */
	bool archive_there;
	struct buf mail;
	struct imap_memory none, *memory; /* `none` where nobody wants any */
	/* The poll under way */
	struct buf list;  /* struct mail of each */
	struct buf again; /* struct mail * of those that failed before */
	uint32_t last;    /* UID listed */
	size_t unlisted;  /* that are there all the same */
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
	secret_lock(&i->mail, IMAP_MESSAGE_MAX); /* it may hold a token */
	buf_init(&i->list, LIST_MAX * sizeof(struct mail));
	buf_init(&i->again, LIST_MAX * sizeof(struct mail *));
	imap_memory_init(&i->none, 0);
	i->memory = &i->none;
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
	secret_unlock(&i->mail);
	buf_free(&i->list);
	buf_free(&i->again);
	imap_memory_release(&i->none);
	free(i);
}

void imap_remember(struct imap *i, struct imap_memory *m)
{
	i->memory = m;
}

void imap_stop(struct imap *i)
{
	imap_talk_stop(i->talk);
}

/* A mail of the listing; a server lists them by rising UID. */
static void note(void *context, const struct imap_item *item)
{
	struct imap *i = context;
	struct mail mail = { .item = *item };

	/* Something else has changed, which servers tell whenever they like. */
	if (item->uid <= i->last || !item->sized || !i->unlisted)
		return;
	i->unlisted--;
	i->last = item->uid;
	mail.past = imap_memory_find(i->memory, item->uid);
	buf_add(&i->list, &mail, sizeof(mail));
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

/* Can one mail be removed, and none with it? A plain EXPUNGE removes what others have marked. */
static enum err need_removal(const struct imap *i, struct why *why)
{
	const struct imap_answer *can = imap_talk_answer(i->talk);

	if (can->uidplus || (can->move && !i->deletes))
		return OK;
	return why_set(why, ERR_SETTINGS,
	               "this server cannot delete one mail and leave the others alone (it has no "
	               "UIDPLUS): %s",
	               can->move ? "name a folder in archive, which it can move them to"
	                         : "take a mailbox elsewhere, or a mail server of your own");
}

/* Is there a folder to move to? Else it is made, once. */
static enum err need_place(struct imap *i, struct why *why)
{
	char command[COMMAND_MAX];
	enum err e = need_removal(i, why);

	if (e || i->deletes || i->archive_there)
		return e;
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
	const char *archive = buf_text(&i->archive);
	enum err e = OK;

	if (!i->deletes && imap_talk_answer(i->talk)->move)
		return command_on(i, "UID MOVE", uid, " ", archive, why);
	if (!i->deletes)
		e = command_on(i, "UID COPY", uid, " ", archive, why);
	if (!e)
		e = command_on(i, "UID STORE", uid, " +FLAGS.SILENT (\\Deleted)", "", why);
	return e ? e : command_on(i, "UID EXPUNGE", uid, "", "", why);
}

static void count(struct imap *i, bool taken, const struct why *why)
{
	if (taken ? !i->stay : !i->untaken)
		i->first = *why;
	i->stay++;
	i->untaken += !taken;
}

static void stays(struct imap *i, struct mail *mail, bool taken, const struct why *why)
{
	imap_memory_fail(i->memory, &mail->past, taken);
	count(i, taken, why);
}

/* What went wrong with one mail is no reason to leave those behind it, as long as the server is
 * there. */
static enum err go_on_after(struct imap *i, enum err e, const struct why *told, struct why *why)
{
	if (imap_talk_trouble(i->talk) == IMAP_TROUBLE_COMMAND && ++i->failures < FAILURES_MAX)
		return OK;
	if (why)
		*why = *told;
	return e;
}

/* One mail. OK also where it stays. */
static enum err pass(struct imap *i, struct mail *mail, imap_take *take, void *context,
                     struct why *why)
{
	const struct imap_item *item = &mail->item;
	uint64_t received = item->dated ? item->received : 0;
	struct why told = { 0 };
	bool cut;
	enum err e;

	e = imap_talk_fetch(i->talk, item->uid, item->size > IMAP_MESSAGE_MAX, &i->mail, &cut,
	                    &told);
	if (e && imap_talk_trouble(i->talk) == IMAP_TROUBLE_GONE) {
		mail->past.times = 0;
		return OK;
	}
	if (e) {
		stays(i, mail, mail->past.taken, &told);
		return go_on_after(i, e, &told, why);
	}
	e = take(context, buf_text(&i->mail), i->mail.len, cut, received, &told);
	buf_wipe(&i->mail);
	if (e || i->kept || i->memory->urgent) {
		stays(i, mail, !e || e == ERR_EXISTS, &told);
		return OK;
	}
	e = remove_mail(i, item->uid, &told);
	if (!e) {
		mail->past.times = 0;
		return OK;
	}
	/* What is refused once is refused again, and the others are still to be taken. */
	i->kept = e == ERR_INVALID;
	stays(i, mail, true, &told);
	return go_on_after(i, e, &told, why);
}

static enum err pass_new(struct imap *i, imap_take *take, void *context, struct why *why)
{
	size_t n = i->list.len / sizeof(struct mail);
	struct mail *mail = (void *)i->list.data;
	enum err e = OK;

	buf_clear(&i->again);
	for (; !e && n--; mail++)
		if (mail->past.times)
			buf_add(&i->again, &mail, sizeof(mail));
		else
			e = pass(i, mail, take, context, why);
	return e ? e : buf_err(&i->again);
}

static int by_due(const void *a, const void *b)
{
	const struct mail *const *x = a, *const *y = b;

	return ((*x)->past.due > (*y)->past.due) - ((*x)->past.due < (*y)->past.due);
}

/* What failed before and is not due yet stays, for the same reason as then. */
static enum err pass_again(struct imap *i, imap_take *take, void *context, struct why *why)
{
	size_t n = i->again.len / sizeof(struct mail *);
	struct mail **mail = (void *)i->again.data;
	uint64_t now = monotime_ms();
	enum err e = OK;

	if (n)
		qsort(mail, n, sizeof(*mail), by_due);
	for (size_t k = 0; !e && k < n; k++)
		if (mail[k]->past.due > now && !i->memory->urgent)
			count(i, mail[k]->past.taken, &i->memory->why);
		else
			e = pass(i, mail[k], take, context, why);
	return e;
}

static void remember(struct imap *i)
{
	const struct mail *mail = (const void *)i->list.data;

	if (i->memory->urgent)
		return;
	imap_memory_begin(i->memory, &i->first);
	for (size_t n = i->list.len / sizeof(*mail); n--; mail++)
		if (mail->past.times)
			imap_memory_keep(i->memory, &mail->past);
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
	enum err e;

	forget(i);
	e = imap_talk_begin(i->talk, why);
	if (!e && !i->memory->urgent)
		e = need_place(i, why);
	if (!e) {
		imap_memory_folder(i->memory, imap_talk_answer(i->talk)->uidvalidity);
		e = list(i, why);
	}
	if (e)
		return e == ERR_INVALID ? ERR_AGAIN : e;
	e = pass_new(i, take, context, why);
	if (!e)
		e = pass_again(i, take, context, why);
	remember(i);
	i->through = !e && !i->unlisted;
	return e == ERR_INVALID ? ERR_AGAIN : e;
}

bool imap_all_taken(const struct imap *i)
{
	return i->through && !i->untaken;
}

enum err imap_try(struct imap *i, struct why *why)
{
	enum err e = imap_talk_begin(i->talk, why);

	if (!e)
		e = need_place(i, why);
	imap_talk_end(i->talk);
	return e == ERR_INVALID ? ERR_AGAIN : e;
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
