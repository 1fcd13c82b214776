/* SPDX-License-Identifier: MIT */
#include "tests/relay.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#define LINE_CAP 2048

struct client {
	struct relay_play *relay;
	struct caller caller;
	bool known; /* after AUTH */
	bool begun; /* MAIL was taken */
	bool taken; /* and a recipient */
};

static void say(const struct client *c, const char *text)
{
	(void)server_say(c->caller, text, strlen(text));
}

static bool hear(const struct client *c, char line[LINE_CAP])
{
	return server_hear(c->caller, line, LINE_CAP);
}

/* Is it in this mood now? Counts. */
static bool feels(struct relay_play *r, enum relay_mood mood)
{
	bool is;

	pthread_mutex_lock(&r->lock);
	is = r->mood == mood && r->times != 0 && r->accepted >= r->after;
	if (is && r->times > 0)
		r->times--;
	pthread_mutex_unlock(&r->lock);
	return is;
}

static void keep(struct relay_play *r, struct buf *kept, const char *line)
{
	pthread_mutex_lock(&r->lock);
	buf_adds(kept, line);
	buf_adds(kept, "\r\n");
	pthread_mutex_unlock(&r->lock);
}

/* The message, up to the dot. False where the connection ends before. */
static bool take_message(const struct client *c)
{
	struct relay_play *r = c->relay;
	char line[LINE_CAP], id[LINE_CAP] = "";

	pthread_mutex_lock(&r->lock);
	buf_clear(&r->message);
	pthread_mutex_unlock(&r->lock);
	while (hear(c, line)) {
		if (!strcmp(line, ".")) {
			keep(r, &r->ids, id);
			return true;
		}
		if (!strncmp(line, "Message-ID:", 11))
			memcpy(id, line, sizeof(line));
		keep(r, &r->message, line[0] == '.' ? line + 1 : line);
	}
	return false;
}

/* A filter that names what it dislikes: the first thing in the message that looks like a token. */
static void say_quote(const struct client *c)
{
	struct relay_play *r = c->relay;
	const char *at = buf_text(&r->message);
	char text[200];

	pthread_mutex_lock(&r->lock);
	for (size_t i = 0; at[i]; i++)
		if (strlen(at + i) >= 34 && at[i + 4] == '-' && at[i + 9] == '-' &&
		    at[i + 14] == '-' && at[i + 19] == '-' && at[i + 29] == '-') {
			at += i;
			break;
		}
	snprintf(text, sizeof(text), "554 5.7.1 this must not be in a mail: #%.34s\r\n", at);
	pthread_mutex_unlock(&r->lock);
	say(c, text);
}

/* After DATA. False closes the connection. */
static bool answer_message(struct client *c)
{
	struct relay_play *r = c->relay;

	c->begun = c->taken = false;
	say(c, "354 go on\r\n");
	if (!take_message(c) || feels(r, RELAY_DROPS))
		return false;
	if (feels(r, RELAY_FULL)) {
		say(c, "552 5.2.2 mailbox full\r\n");
		return true;
	}
	if (feels(r, RELAY_LATER)) {
		say(c, "451 4.3.0 try later\r\n");
		return true;
	}
	if (feels(r, RELAY_QUOTES)) {
		say_quote(c);
		return true;
	}
	r->accepted++;
	if (r->mood == RELAY_OTHER_WORDS) {
		say(c, "250 thank you\r\n");
		return true;
	}
	say(c, "250 2.0.0 Ok: queued as 4Xy-Z.9\r\n");
	if (feels(r, RELAY_TIRED)) {
		say(c, "421 4.4.2 idle for too long\r\n");
		return false;
	}
	return true;
}

/* A line of base64: is it these bytes? */
static bool hear_secret(const struct client *c, const char *want, size_t len)
{
	char line[LINE_CAP], have[LINE_CAP];
	size_t n = 0;

	if (!hear(c, line))
		return false;
	assert_int_equal(sodium_base642bin((unsigned char *)have, sizeof(have), line, strlen(line),
	                                   NULL, &n, NULL, sodium_base64_VARIANT_ORIGINAL),
	                 0);
	return n == len && !memcmp(have, want, len);
}

/* AUTH, each answer on a line of its own. */
static void answer_auth(struct client *c)
{
	const struct relay_play *r = c->relay;
	char plain[LINE_CAP];

	if (!strcmp(r->auth, "PLAIN")) {
		int n = snprintf(plain, sizeof(plain), "%c%s%c%s", 0, r->user, 0, r->password);

		say(c, "334 \r\n");
		c->known = hear_secret(c, plain, (size_t)n);
	} else {
		say(c, "334 VXNlcm5hbWU6\r\n");
		c->known = hear_secret(c, r->user, strlen(r->user));
		say(c, "334 UGFzc3dvcmQ6\r\n");
		c->known = hear_secret(c, r->password, strlen(r->password)) && c->known;
	}
	say(c, c->known ? "235 2.7.0 welcome\r\n" : "535 5.7.8 authentication failed\r\n");
}

static void answer_hello(const struct client *c)
{
	const struct relay_play *r = c->relay;
	char line[LINE_CAP];

	if (r->auth) {
		snprintf(line, sizeof(line), "250-test\r\n250 AUTH %s\r\n", r->auth);
		say(c, line);
		return;
	}
	say(c, "250-test\r\n250-ENHANCEDSTATUSCODES\r\n");
	if (r->utf8)
		say(c, "250-SMTPUTF8\r\n");
	if (r->pipelines)
		say(c, "250-PIPELINING\r\n");
	say(c, "250 SIZE 1000000\r\n");
}

/* Is this recipient of the domain that it is picky about now? Counts. */
static bool picky(struct relay_play *r, const char *line)
{
	const char *at = strrchr(line, '@');
	bool is;

	pthread_mutex_lock(&r->lock);
	is = r->picky_domain && r->picky_times && r->accepted >= r->after && at &&
	     !strncmp(at + 1, r->picky_domain, strlen(r->picky_domain));
	if (is && r->picky_times > 0)
		r->picky_times--;
	pthread_mutex_unlock(&r->lock);
	return is;
}

static void answer_sender(struct client *c, const char *line)
{
	struct relay_play *r = c->relay;

	c->begun = false;
	if (feels(r, RELAY_LOG_IN)) {
		say(c, "530 5.7.0 log in first\r\n");
	} else if (!strncmp(line, "MAIL FROM:<>", 12) && feels(r, RELAY_NO_NULL)) {
		say(c, "553 5.5.4 a sender must be given\r\n");
	} else if (feels(r, RELAY_TURNS_AWAY)) {
		say(c, r->reply);
	} else {
		c->begun = true;
		say(c, "250 2.1.0 Ok\r\n");
	}
}

static bool answer_recipient(struct client *c, const char *line)
{
	struct relay_play *r = c->relay;

	keep(r, &r->commands, line);
	if (!c->begun) {
		say(c, "503 5.5.1 MAIL first\r\n");
		return true;
	}
	if (picky(r, line)) {
		if (!*r->picky_reply)
			return false;
		say(c, r->picky_reply);
		return strncmp(r->picky_reply, "421", 3) != 0;
	}
	if (feels(r, RELAY_REFUSES))
		say(c, "550-5.1.1 <member@voters.test>: no such mailbox\r\n"
		       "550 5.1.1 ask member@voters.test\r\n");
	else if (feels(r, RELAY_DENIES))
		say(c, "554 5.7.1 <member@voters.test>: Relay access denied\r\n");
	else if (r->mood == RELAY_GREEDY && r->times)
		say(c, "550 5.1.1 no such mailbox\r\n");
	else if (feels(r, RELAY_DEFERS))
		say(c, "450 4.2.0 greylisted\r\n");
	else {
		c->taken = true;
		say(c, "250 2.1.5 Ok\r\n");
	}
	return true;
}

/* One command. False closes the connection. */
static bool answer(struct client *c, const char *line)
{
	struct relay_play *r = c->relay;

	if (!strncmp(line, "EHLO", 4)) {
		answer_hello(c);
	} else if (r->auth && !strncmp(line, "AUTH", 4)) {
		keep(r, &r->commands, line);
		answer_auth(c);
	} else if (r->auth && !c->known && strncmp(line, "QUIT", 4) != 0) {
		say(c, "530 5.7.0 log in first\r\n");
	} else if (!strncmp(line, "MAIL", 4)) {
		keep(r, &r->commands, line);
		if (feels(r, RELAY_HANGS))
			return true;
		answer_sender(c, line);
	} else if (!strncmp(line, "RCPT", 4)) {
		return answer_recipient(c, line);
	} else if (!strncmp(line, "DATA", 4)) {
		if (c->taken || feels(r, RELAY_GREEDY))
			return answer_message(c);
		say(c, "503 5.5.1 no recipient\r\n");
	} else if (!strncmp(line, "RSET", 4) && feels(r, RELAY_KEEPS)) {
		say(c, "502 5.5.1 no such command\r\n");
	} else if (!strncmp(line, "QUIT", 4)) {
		say(c, "221 bye\r\n");
		return false;
	} else {
		c->begun = c->taken = false;
		say(c, "250 Ok\r\n");
	}
	return true;
}

static void serve(struct caller caller, void *context)
{
	struct relay_play *r = context;
	struct client c = { .relay = r, .caller = caller };
	char line[LINE_CAP];

	r->connections++;
	if (feels(r, RELAY_BUSY)) {
		say(&c, "421 4.3.2 too many connections\r\n");
	} else if (feels(r, RELAY_CLOSED)) {
		say(&c, "554 5.3.2 not for you\r\n");
	} else {
		say(&c, "220 test ESMTP\r\n");
		while (hear(&c, line) && answer(&c, line))
			;
	}
}

void relay_start(struct relay_play *r, enum relay_mood mood, int times)
{
	memset(r, 0, sizeof(*r));
	r->mood = mood;
	r->times = times;
	pthread_mutex_init(&r->lock, NULL);
	buf_init(&r->commands, (size_t)1 << 24);
	buf_init(&r->message, (size_t)1 << 20);
	buf_init(&r->ids, (size_t)1 << 24);
	server_start(&r->server, serve, r);
	r->port = r->server.port;
}

void relay_stop(struct relay_play *r)
{
	server_stop(&r->server);
	buf_free(&r->commands);
	buf_free(&r->message);
	buf_free(&r->ids);
	pthread_mutex_destroy(&r->lock);
}

unsigned relay_count(struct relay_play *r, const struct buf *kept, const char *what)
{
	unsigned n = 0;

	pthread_mutex_lock(&r->lock);
	for (const char *p = strstr(buf_text(kept), what); p; p = strstr(p + 1, what))
		n++;
	pthread_mutex_unlock(&r->lock);
	return n;
}
