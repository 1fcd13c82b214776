/* SPDX-License-Identifier: MIT */
#include "tests/postbox.h"

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <sodium.h>

#define LINE_CAP  4096
#define HUGE_SIZE ((uint64_t)4 << 30)

struct client {
	struct postbox *box;
	struct caller caller;
	char tag[16];
	bool over; /* close */
};

static void say_bytes(struct client *c, const void *bytes, size_t len)
{
	c->over = c->over || !server_say(c->caller, bytes, len);
}

__attribute__((format(printf, 2, 3))) static void say(struct client *c, const char *format, ...)
{
	char line[LINE_CAP];
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	assert_true(n >= 0 && (size_t)n < sizeof(line));
	say_bytes(c, line, (size_t)n);
}

/* The tagged end of an answer. */
static void end(struct client *c, const char *words)
{
	say(c, "%s %s\r\n", c->tag, words);
}

static bool hear(struct client *c, char line[LINE_CAP])
{
	return server_hear(c->caller, line, LINE_CAP);
}

static bool begins(const char *line, const char *with)
{
	return strncmp(line, with, strlen(with)) == 0;
}

/* How does it feel at this command? Counts. */
static enum postbox_mood mood(struct postbox *p, const char *command)
{
	enum postbox_mood is = POSTBOX_FINE;

	pthread_mutex_lock(&p->lock);
	if (p->at && p->times && (p->at[0] ? begins(command, p->at) : !command[0])) {
		if (p->after) {
			p->after--;
		} else {
			is = p->mood;
			p->times -= p->times > 0;
		}
	}
	pthread_mutex_unlock(&p->lock);
	return is;
}

/* Until the other side goes or the test ends. */
static void wait_for_end(struct client *c)
{
	char line[LINE_CAP];

	while (hear(c, line))
		;
	c->over = true;
}

static void say_for_ever(struct client *c, const char *what)
{
	while (!c->over && !c->box->server.stop)
		say(c, "%s", what);
}

static void drip(struct client *c, const char *what)
{
	for (; *what && !c->over && !c->box->server.stop; what++) {
		say_bytes(c, what, 1);
		usleep(500000);
	}
	c->over = true;
}

static struct postbox_mail *mail_of(struct postbox *p, unsigned long uid)
{
	/* They were numbered in a row, but for what a test changes. */
	size_t guess = p->count ? uid - p->mails[0].uid : 0;

	if (guess < p->count && p->mails[guess].uid == uid && !p->mails[guess].gone)
		return &p->mails[guess];
	for (size_t i = 0; i < p->count; i++)
		if (p->mails[i].uid == uid && !p->mails[i].gone)
			return &p->mails[i];
	return NULL;
}

static size_t left(const struct postbox *p)
{
	size_t n = 0;

	for (size_t i = 0; i < p->count; i++)
		n += !p->mails[i].gone;
	return n;
}

/* Does what only goes wrong on the wire; true where the answer is given. */
static bool misbehave(struct client *c, enum postbox_mood m)
{
	switch (m) {
	case POSTBOX_NO:
		end(c, "NO [CANNOT] it is <me@box.test> who does not want to");
		return true;
	case POSTBOX_BAD:
		end(c, "BAD what is this");
		return true;
	case POSTBOX_BYE:
		say(c, "* BYE going down\r\n");
		c->over = true;
		return true;
	case POSTBOX_DROPS:
		c->over = true;
		return true;
	case POSTBOX_HANGS:
		wait_for_end(c);
		return true;
	case POSTBOX_LINE:
		say_for_ever(c, "* OK and so on, and so on, and so on, and so on, and so on ");
		return true;
	case POSTBOX_LINES:
		say_for_ever(c, "* 3 FETCH (FLAGS (\\Seen))\r\n");
		return true;
	case POSTBOX_DRIPS:
		drip(c,
		     "* OK a very slow server, and it will take a while until you know more\r\n");
		return true;
	default:
		return false;
	}
}

static void give_mail(struct client *c, const struct postbox_mail *mail, enum postbox_mood m,
                      unsigned long most)
{
	size_t len = mail->len < most ? mail->len : most;
	const char *part = most == ULONG_MAX ? "" : "<0>";

	if (m == POSTBOX_NIL) {
		say(c, "* 1 FETCH (UID %u BODY[] NIL)\r\n", mail->uid);
	} else if (m == POSTBOX_HUGE) {
		say(c, "* 1 FETCH (UID %u BODY[] {%llu}\r\n", mail->uid,
		    (unsigned long long)HUGE_SIZE);
		say_for_ever(c, "Subject: all the work that there is and no play at all\r\n");
	} else if (m == POSTBOX_SHORT) {
		say(c, "* 1 FETCH (UID %u BODY[] {%zu}\r\n", mail->uid, len + 100);
		say_bytes(c, mail->text, len);
		c->over = true;
	} else {
		if (m == POSTBOX_NAMELESS || m == POSTBOX_LATE_NAME)
			say(c, "* 1 FETCH (BODY[]%s {%zu}\r\n", part, len);
		else
			say(c, "* 1 FETCH (FLAGS (\\Seen $Label) UID %u BODY[]%s {%zu}\r\n",
			    mail->uid, part, len);
		say_bytes(c, mail->text, len);
		if (m == POSTBOX_LATE_NAME)
			say(c, " UID %u)\r\n", mail->uid);
		else
			say(c, ")\r\n");
	}
}

static void fetch_mail(struct client *c, unsigned long uid, unsigned long most, enum postbox_mood m)
{
	struct postbox_mail *mail = mail_of(c->box, uid);

	if (mail && m == POSTBOX_OTHER)
		mail = mail_of(c->box, uid + 1);
	if (mail)
		give_mail(c, mail, m, most);
	if (m == POSTBOX_CHATTY)
		say(c, "* 2 FETCH (FLAGS (\\Seen) UID 4294967295)\r\n");
	end(c, "OK done");
}

static void list_mails(struct client *c, unsigned long from, unsigned long to, enum postbox_mood m)
{
	struct postbox *p = c->box;
	unsigned long place = 0;

	if (from < 1 || to < from || to > left(p)) {
		end(c, "BAD there are not so many");
		return;
	}
	for (size_t i = 0; i < p->count; i++) {
		const struct postbox_mail *mail = &p->mails[i];

		if (mail->gone || ++place < from || place > to)
			continue;
		if (m == POSTBOX_CHATTY)
			say(c, "* %lu FETCH (FLAGS (\\Seen \"a) UID 7\"))\r\n* %zu EXISTS\r\n",
			    place, left(p));
		say(c, "* %lu FETCH (UID %u INTERNALDATE \"%s\" RFC822.SIZE %zu)\r\n", place,
		    mail->uid, mail->date, mail->says);
	}
	end(c, "OK done");
}

static void expunge(struct postbox *p, unsigned long uid)
{
	for (size_t i = 0; i < p->count; i++)
		if (p->mails[i].deleted && p->mails[i].uid == uid)
			p->mails[i].gone = true;
}

static void archive(struct client *c, unsigned long uid, bool moves)
{
	struct postbox *p = c->box;
	struct postbox_mail *mail = mail_of(p, uid);

	if (!p->archive_there) {
		end(c, "NO [TRYCREATE] no such folder");
		return;
	}
	if (mail) {
		p->archived++;
		mail->gone = moves;
	}
	end(c, "OK done");
}

static void change(struct client *c, const char *command)
{
	struct postbox *p = c->box;
	unsigned long uid = 0;
	struct postbox_mail *mail;

	if (p->move && sscanf(command, "UID MOVE %lu", &uid) == 1) {
		archive(c, uid, true);
	} else if (sscanf(command, "UID COPY %lu", &uid) == 1) {
		archive(c, uid, false);
	} else if (sscanf(command, "UID STORE %lu +FLAGS.SILENT (\\Deleted)", &uid) == 1) {
		mail = mail_of(p, uid);
		if (mail)
			mail->deleted = true;
		end(c, "OK done");
	} else if (p->uidplus && sscanf(command, "UID EXPUNGE %lu", &uid) == 1) {
		expunge(p, uid);
		end(c, "OK done");
	} else {
		end(c, "BAD no such command");
	}
}

static void select_folder(struct client *c)
{
	struct postbox *p = c->box;

	say(c, "* FLAGS (\\Answered \\Seen $Label)\r\n* %zu EXISTS\r\n* 0 RECENT\r\n", left(p));
	if (!p->no_uidvalidity)
		say(c, "* OK [UIDVALIDITY %u] valid\r\n", p->uidvalidity);
	say(c, "* OK [UIDNEXT %u] next\r\n", p->next_uid);
	end(c, p->read_only ? "OK [READ-ONLY] done" : "OK [READ-WRITE] done");
}

static void say_capability(struct client *c)
{
	struct postbox *p = c->box;

	say(c, "* CAPABILITY IMAP4rev1%s%s%s\r\n", p->move ? " MOVE" : "",
	    p->uidplus ? " UIDPLUS" : "", p->token ? " AUTH=XOAUTH2 SASL-IR" : "");
	end(c, "OK done");
}

static void log_in(struct client *c, const char *command)
{
	struct postbox *p = c->box;
	char want[LINE_CAP], have[LINE_CAP];
	size_t len = 0;
	bool in;

	if (begins(command, "AUTHENTICATE XOAUTH2 ")) {
		command += strlen("AUTHENTICATE XOAUTH2 ");
		assert_int_equal(sodium_base642bin((unsigned char *)have, sizeof(have) - 1, command,
		                                   strlen(command), NULL, &len, NULL,
		                                   sodium_base64_VARIANT_ORIGINAL),
		                 0);
		have[len] = 0;
		snprintf(want, sizeof(want), "user=%s\1auth=Bearer %s\1\1", p->user, p->token);
		in = !strcmp(have, want);
	} else {
		/* As libcurl quotes it */
		snprintf(want, sizeof(want), "LOGIN %s %s", p->user, p->password);
		in = !p->user[0] || !strcmp(command, want);
	}
	p->logins += in;
	end(c, in ? "OK welcome" : "NO [AUTHENTICATIONFAILED] wrong");
}

static void obey(struct client *c, const char *command, enum postbox_mood m)
{
	struct postbox *p = c->box;
	unsigned long a, b, most;

	if (sscanf(command, "FETCH %lu:%lu (UID INTERNALDATE RFC822.SIZE)", &a, &b) == 2) {
		list_mails(c, a, b, m);
	} else if (sscanf(command, "UID FETCH %lu BODY[]<0.%lu>", &a, &most) == 2) {
		fetch_mail(c, a, most, m);
	} else if (sscanf(command, "UID FETCH %lu BODY[]", &a) == 1) {
		fetch_mail(c, a, ULONG_MAX, m);
	} else if (begins(command, "CAPABILITY")) {
		say_capability(c);
	} else if (begins(command, "LOGIN") || begins(command, "AUTHENTICATE")) {
		log_in(c, command);
	} else if (begins(command, "SELECT")) {
		select_folder(c);
	} else if (begins(command, "STATUS")) {
		end(c, p->archive_there ? "OK done" : "NO [NONEXISTENT] no such folder");
	} else if (begins(command, "CREATE")) {
		p->archive_there = !p->no_archive;
		end(c, p->archive_there ? "OK done" : "NO [NOPERM] you may not");
	} else if (begins(command, "NOOP")) {
		end(c, "OK done");
	} else {
		change(c, command);
	}
}

static void answer(struct client *c, const char *line)
{
	struct postbox *p = c->box;
	const char *command = strchr(line, ' ');
	enum postbox_mood m;

	if (!command || command - line >= (ptrdiff_t)sizeof(c->tag)) {
		c->over = true; /* the beginning of TLS, say */
		return;
	}
	snprintf(c->tag, sizeof(c->tag), "%.*s", (int)(command++ - line), line);
	if (begins(command, "LOGOUT")) {
		say(c, "* BYE\r\n");
		end(c, "OK bye");
		c->over = true;
		return;
	}
	m = mood(p, command);
	pthread_mutex_lock(&p->lock);
	if (!begins(command, "LOGIN") && !begins(command, "AUTHENTICATE")) {
		buf_adds(&p->commands, command);
		buf_adds(&p->commands, "\n");
	}
	pthread_mutex_unlock(&p->lock);
	if (misbehave(c, m))
		return;
	pthread_mutex_lock(&p->lock);
	c->over = m == POSTBOX_DOES || m == POSTBOX_RENUMBERS; /* nothing more is said */
	obey(c, command, m);
	p->uidvalidity += m == POSTBOX_RENUMBERS;
	pthread_mutex_unlock(&p->lock);
}

static void serve(struct caller caller, void *context)
{
	struct postbox *p = context;
	struct client c = { .box = p, .caller = caller, .tag = "*" };
	char line[LINE_CAP];

	p->connections++;
	if (!misbehave(&c, mood(p, "")))
		say(&c, "* OK test\r\n");
	while (!c.over && hear(&c, line))
		answer(&c, line);
}

void postbox_start(struct postbox *p)
{
	memset(p, 0, sizeof(*p));
	p->move = p->uidplus = true;
	p->user = p->password = "";
	p->uidvalidity = 7;
	p->next_uid = 1;
	pthread_mutex_init(&p->lock, NULL);
	buf_init(&p->commands, (size_t)1 << 24);
	server_start(&p->server, serve, p);
	p->port = p->server.port;
}

void postbox_stop(struct postbox *p)
{
	server_stop(&p->server);
	for (size_t i = 0; i < p->count; i++)
		free(p->mails[i].text);
	free(p->mails);
	buf_free(&p->commands);
	pthread_mutex_destroy(&p->lock);
}

uint32_t postbox_add(struct postbox *p, const void *text, size_t len)
{
	struct postbox_mail *mail;
	uint32_t uid;

	pthread_mutex_lock(&p->lock);
	if (!(p->count & (p->count + 1))) {
		p->mails = realloc(p->mails, (2 * p->count + 2) * sizeof(*p->mails));
		assert_non_null(p->mails);
	}
	mail = &p->mails[p->count++];
	uid = p->next_uid++;
	*mail = (struct postbox_mail){
		.uid = uid, .date = " 1-Dec-2026 13:00:00 +0100", .len = len, .says = len
	};
	mail->text = malloc(len + 1);
	assert_non_null(mail->text);
	memcpy(mail->text, text, len);
	pthread_mutex_unlock(&p->lock);
	return uid;
}

bool postbox_has(struct postbox *p, uint32_t uid)
{
	bool has;

	pthread_mutex_lock(&p->lock);
	has = mail_of(p, uid) != NULL;
	pthread_mutex_unlock(&p->lock);
	return has;
}

size_t postbox_left(struct postbox *p)
{
	size_t n;

	pthread_mutex_lock(&p->lock);
	n = left(p);
	pthread_mutex_unlock(&p->lock);
	return n;
}

void postbox_misbehaves(struct postbox *p, enum postbox_mood m, const char *at, int times)
{
	pthread_mutex_lock(&p->lock);
	p->mood = m;
	p->at = at;
	p->times = times;
	p->after = 0;
	pthread_mutex_unlock(&p->lock);
}

unsigned postbox_heard(struct postbox *p, const char *command)
{
	unsigned n = 0;

	pthread_mutex_lock(&p->lock);
	for (const char *at = buf_text(&p->commands); *at; at = strchr(at, '\n') + 1)
		n += begins(at, command);
	pthread_mutex_unlock(&p->lock);
	return n;
}
