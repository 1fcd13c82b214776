/* SPDX-License-Identifier: MIT */
#include "receiver/lmtp.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "receiver/conn.h"

#define ADDRESS_ROOM 256

struct session {
	const struct lmtp *l;
	struct conn conn;
	bool greeted, has_sender, gone;
	unsigned errors, idle; /* idle: commands since a message came in whole */
	char sender[ADDRESS_ROOM];
	unsigned recipients;
	char recipient[LMTP_RECIPIENTS_MAX][ADDRESS_ROOM];
	struct buf data;
	bool cut;
};

static void say(struct session *s, const char *text)
{
	if (!s->gone && conn_write(&s->conn, text, strlen(text)))
		s->gone = true;
}

/* A command that was wrong; whoever is wrong all the time is not our mail server. */
static void refuse(struct session *s, const char *text)
{
	say(s, text);
	if (++s->errors < LMTP_ERRORS_MAX)
		return;
	say(s, "421 4.7.0 too many errors\r\n");
	s->gone = true;
}

static void reset(struct session *s)
{
	s->has_sender = false;
	s->recipients = 0;
	s->cut = false;
	buf_wipe(&s->data);
	conn_forget(&s->conn); /* it may stay open for long */
}

/* "FROM:<…>", "TO:<…>" into `out`; what stands behind is at `*rest`. */
static bool read_path(char out[ADDRESS_ROOM], const char *text, const char *word, const char **rest)
{
	size_t n = 0;
	bool quoted = false;

	if (strncasecmp(text, word, strlen(word)) != 0)
		return false;
	text += strlen(word);
	while (*text == ' ')
		text++;
	if (*text++ != '<')
		return false;
	for (; *text && (quoted || *text != '>'); text++) {
		if ((unsigned char)*text < ' ' || *text == 0x7f || n == ADDRESS_ROOM - 2)
			return false;
		if (*text == '"')
			quoted = !quoted;
		out[n++] = *text;
	}
	out[n] = '\0';
	if (*text != '>')
		return false;
	*rest = text + 1;
	return true;
}

/* The parameters of MAIL that we announced, and no others. */
static bool known_parameters(const char *text)
{
	static const char *const known[] = { "SIZE=", "BODY=7BIT", "BODY=8BITMIME", "SMTPUTF8" };
	size_t len, i;

	for (;;) {
		while (*text == ' ')
			text++;
		if (!*text)
			return true;
		len = strcspn(text, " ");
		for (i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
			size_t want = strlen(known[i]);

			if (len >= want && strncasecmp(text, known[i], want) == 0 &&
			    (len == want || i == 0))
				break;
		}
		if (i == sizeof(known) / sizeof(known[0]))
			return false;
		text += len;
	}
}

static void do_hello(struct session *s)
{
	reset(s);
	s->greeted = true;
	/* SIZE without a number: mail of any size is taken, and answered in our own words; a
	 * limit here would have the mail server bounce it. */
	say(s, "250-votepost\r\n250-PIPELINING\r\n250-ENHANCEDSTATUSCODES\r\n250-8BITMIME\r\n"
	       "250-SMTPUTF8\r\n250 SIZE\r\n");
}

static void do_mail(struct session *s, const char *argument)
{
	const char *rest;

	if (!s->greeted || s->has_sender) {
		refuse(s, "503 5.5.1 not now\r\n");
	} else if (!read_path(s->sender, argument, "FROM:", &rest)) {
		refuse(s, "501 5.1.7 MAIL FROM:<address>\r\n");
	} else if (!known_parameters(rest)) {
		refuse(s, "555 5.5.4 unknown parameter\r\n");
	} else {
		s->has_sender = true;
		say(s, "250 2.1.0 fine\r\n");
	}
}

static void do_recipient(struct session *s, const char *argument)
{
	const char *rest;

	if (!s->has_sender) {
		refuse(s, "503 5.5.1 MAIL first\r\n");
	} else if (s->recipients == LMTP_RECIPIENTS_MAX) {
		say(s, "452 4.5.3 that is enough for one message\r\n");
	} else if (!read_path(s->recipient[s->recipients], argument, "TO:", &rest) ||
	           !s->recipient[s->recipients][0]) {
		refuse(s, "501 5.1.3 RCPT TO:<address>\r\n");
	} else if (rest[strspn(rest, " ")]) {
		refuse(s, "555 5.5.4 unknown parameter\r\n");
	} else {
		s->recipients++;
		say(s, "250 2.1.5 fine\r\n");
	}
}

/* Where the data stands: what has been read of CR LF . CR LF. */
enum data_state { IN_LINE, AFTER_CR, AT_START, AFTER_DOT, DOT_CR };

static void keep(struct session *s, size_t *total, char c)
{
	if (s->data.len < MAIL_MAX)
		buf_addc(&s->data, c);
	else
		s->cut = true;
	(*total)++;
}

/* One byte on. True at the end of the message. */
static bool data_byte(struct session *s, enum data_state *state, size_t *total, char c)
{
	switch (*state) {
	case DOT_CR:
		if (c == '\n')
			return true;
		/* A dot, and a CR that ended nothing: the dot was stuffed. */
		keep(s, total, '\r');
		break;
	case AFTER_DOT:
		if (c == '\r') {
			*state = DOT_CR;
			return false;
		}
		break;
	case AT_START:
		if (c == '.') {
			*state = AFTER_DOT;
			return false;
		}
		break;
	case AFTER_CR:
		if (c == '\n') {
			keep(s, total, c);
			*state = AT_START;
			return false;
		}
		break;
	case IN_LINE:
		break;
	}
	keep(s, total, c);
	*state = c == '\r' ? AFTER_CR : IN_LINE;
	return false;
}

/* ERR_* where the message did not come to its end. */
static enum err read_data(struct session *s)
{
	enum data_state state = AT_START;
	struct conn *c = &s->conn;
	size_t total = 0;
	enum err e;

	while (total < LMTP_DATA_MAX) {
		if (c->at == c->have) {
			e = conn_fill(c);
			if (e)
				return e;
		}
		if (data_byte(s, &state, &total, c->in[c->at++]))
			return buf_err(&s->data);
	}
	return ERR_TOO_LARGE;
}

static void take_for_each(struct session *s)
{
	struct intake_mail mail = {
		.from = s->sender,
		.raw = buf_text(&s->data),
		.len = s->data.len,
		.cut = s->cut,
	};

	for (unsigned i = 0; i < s->recipients; i++) {
		mail.to = s->recipient[i];
		if (s->l->take(s->l->ctx, &mail))
			say(s, "451 4.3.0 not yet, bring it again\r\n");
		else
			say(s, "250 2.0.0 taken\r\n");
	}
}

static void do_data(struct session *s)
{
	enum err e;

	if (!s->recipients) {
		refuse(s, "503 5.5.1 RCPT first\r\n");
		return;
	}
	say(s, "354 go on\r\n");
	e = read_data(s);
	if (e == ERR_MEMORY) {
		for (unsigned i = 0; i < s->recipients; i++)
			say(s, "451 4.3.1 not yet, bring it again\r\n");
	} else if (e) {
		say(s, "421 4.4.2 no end of the message came\r\n");
		s->gone = true;
	} else {
		s->idle = 0;
		take_for_each(s);
	}
	reset(s);
}

/* The argument of `line` where it is this command, else NULL. */
static const char *command(const char *line, const char *word)
{
	size_t len = strlen(word);

	if (strncasecmp(line, word, len) != 0 || (line[len] && line[len] != ' '))
		return NULL;
	return line + len + (line[len] == ' ');
}

static void do_line(struct session *s, const char *line)
{
	const char *argument;

	if (command(line, "LHLO")) {
		do_hello(s);
	} else if ((argument = command(line, "MAIL"))) {
		do_mail(s, argument);
	} else if ((argument = command(line, "RCPT"))) {
		do_recipient(s, argument);
	} else if (command(line, "DATA")) {
		do_data(s);
	} else if (command(line, "RSET")) {
		reset(s);
		say(s, "250 2.0.0 fine\r\n");
	} else if (command(line, "NOOP")) {
		say(s, "250 2.0.0 fine\r\n");
	} else if (command(line, "VRFY")) {
		say(s, "252 2.1.5 send it and see\r\n");
	} else if (command(line, "QUIT")) {
		say(s, "221 2.0.0 bye\r\n");
		s->gone = true;
	} else {
		refuse(s, "500 5.5.1 LHLO, MAIL, RCPT, DATA, RSET, NOOP, QUIT\r\n");
	}
}

static void talk(struct session *s)
{
	char line[LMTP_LINE_MAX + 1];
	size_t len;
	enum err e;

	say(s, "220 votepost LMTP\r\n");
	while (!s->gone) {
		e = conn_line(&s->conn, line, LMTP_LINE_MAX, &len);
		if (e == ERR_TOO_LARGE) {
			refuse(s, "500 5.5.6 the line is too long\r\n");
			continue;
		}
		if (e) {
			if (e == ERR_AGAIN)
				say(s, "421 4.4.2 too long a wait\r\n");
			return;
		}
		line[len] = '\0';
		if (++s->idle > LMTP_IDLE_MAX) {
			say(s, "421 4.7.0 too many commands, and no message\r\n");
			return;
		}
		if (strlen(line) != len)
			refuse(s, "500 5.5.2 a zero byte\r\n");
		else
			do_line(s, line);
	}
}

void lmtp_session(const struct lmtp *l, int fd)
{
	struct session *s = calloc(1, sizeof(*s));

	if (!s)
		return;
	s->l = l;
	conn_init(&s->conn, fd, l->seconds);
	conn_end_after(&s->conn, l->whole);
	/* All of its room at once: growing would leave copies of tokens to be wiped. */
	buf_init(&s->data, MAIL_MAX);
	talk(s);
	buf_free(&s->data);
	conn_release(&s->conn);
	free(s);
}
