/* SPDX-License-Identifier: MIT */
#include "core/mail/smtp.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "core/mail/wire.h"
#include "core/mail/words.h"
#include "core/secret.h"

#define MESSAGE_MAX  ((size_t)16 << 20)
#define MESSAGE_ROOM ((size_t)96 << 10) /* of a usual one, kept locked */
#define DOT_SECONDS  600                /* a relay may scan it first: RFC 5321 4.5.3.2.6 */
#define COMMANDS     4                  /* RSET, MAIL, RCPT, DATA */
#define COMMAND_MAX  1100

enum stage { STAGE_CONNECT, STAGE_RESET, STAGE_MAIL, STAGE_RCPT, STAGE_DATA, STAGE_BODY };

struct smtp {
	struct wire *wire;
	struct buf out; /* the message as it goes over the wire */
	unsigned per_connection, on_connection;
	bool begun; /* MAIL went out over this connection, and no message after it */
};

/* One message on its way, and how far it came. */
struct course {
	const char *from, *to;
	bool asks; /* there is no message: only whether one would be taken */
	bool needs_utf8, utf8_missing;
	enum stage stage;
	struct reply reply; /* the one that decided; code 0 where the connection was lost */
	bool handed_over;   /* all of the message */
};

enum err smtp_open(struct smtp **out, const struct relay *relay, struct why *why)
{
	struct smtp *s = calloc(1, sizeof(*s));
	enum err e = s ? wire_new(&s->wire, relay, why) : why_set(why, ERR_MEMORY, "out of memory");

	if (e) {
		free(s);
		return e;
	}
	s->per_connection = relay->per_connection ? relay->per_connection : 100;
	buf_init(&s->out, MESSAGE_MAX);
	secret_lock(&s->out, MESSAGE_ROOM);
	*out = s;
	return OK;
}

void smtp_close(struct smtp *s)
{
	if (!s)
		return;
	wire_free(s->wire);
	secret_unlock(&s->out);
	free(s);
}

/* As it goes over the wire: a dot at the start of a line doubled, a dot alone at the end. */
static enum err write_message(struct buf *out, const char *message, size_t len)
{
	const char *at = message, *end = message + len;

	buf_wipe(out);
	while (at < end) {
		const char *line = memchr(at, '\n', (size_t)(end - at));
		const char *next = line ? line + 1 : end;

		/* Up to the next line that begins with a dot, in one piece. */
		while (next < end && *next != '.') {
			line = memchr(next, '\n', (size_t)(end - next));
			next = line ? line + 1 : end;
		}
		if (*at == '.')
			buf_addc(out, '.');
		buf_add(out, at, (size_t)(next - at));
		at = next;
	}
	if (len < 2 || end[-1] != '\n')
		buf_adds(out, "\r\n");
	buf_adds(out, ".\r\n");
	return buf_err(out);
}

/* What must be answered before the message may go: each command, the stage that it begins, and
 * whether it is said at all. */
struct commands {
	unsigned n;
	enum stage stage[COMMANDS];
	char text[COMMANDS][COMMAND_MAX];
};

static void add_command(struct commands *c, enum stage stage, const char *text)
{
	c->stage[c->n] = stage;
	snprintf(c->text[c->n++], COMMAND_MAX, "%s\r\n", text);
}

static void write_commands(struct commands *c, const struct smtp *s, const struct course *course,
                           size_t len)
{
	struct offer offer = wire_offer(s->wire);
	char text[COMMAND_MAX - 2], size[32] = "";

	c->n = 0;
	if (offer.size)
		snprintf(size, sizeof(size), " SIZE=%zu", len);
	if (s->begun)
		add_command(c, STAGE_RESET, "RSET");
	snprintf(text, sizeof(text), "MAIL FROM:<%s>%s%s", course->from, size,
	         course->needs_utf8 ? " SMTPUTF8" : "");
	add_command(c, STAGE_MAIL, text);
	snprintf(text, sizeof(text), "RCPT TO:<%s>", course->to);
	add_command(c, STAGE_RCPT, text);
	if (!course->asks)
		add_command(c, STAGE_DATA, "DATA");
}

static bool said_yes(const struct reply *reply, enum stage stage)
{
	return stage == STAGE_DATA ? reply->code == 354 : reply->code / 100 == 2;
}

/* Some of the commands, in one go. */
static bool say(struct smtp *s, const struct commands *c, unsigned from, unsigned to)
{
	char all[COMMANDS * COMMAND_MAX];
	size_t len = 0;

	for (unsigned i = from; i < to; i++) {
		memcpy(all + len, c->text[i], strlen(c->text[i]));
		len += strlen(c->text[i]);
	}
	return wire_say(s->wire, all, len);
}

/* What the answer to one command means for those after it: false where there are none. Where the
 * relay wants a message after all, or keeps what was begun before, it hears nothing more: the
 * next thing that it took would be an empty letter. */
static bool go_on(struct smtp *s, struct course *course, enum stage stage,
                  const struct reply *reply, bool *refused)
{
	if (said_yes(reply, stage) && !*refused)
		return true;
	if (!*refused)
		course->reply = *reply;
	if (stage == STAGE_RESET || (*refused && reply->code == 354)) {
		wire_hang_up(s->wire, false);
		*refused = true;
		return false;
	}
	*refused = true;
	/* 421: it hangs up, and nothing follows. */
	return wire_offer(s->wire).pipelining && course->reply.code != 421;
}

/* All commands at once, where the relay offers that (RFC 2920), else one after the other. True
 * where the message may go. */
static bool ask(struct smtp *s, struct course *course, const struct commands *c)
{
	bool at_once = wire_offer(s->wire).pipelining, refused = false;

	if (at_once && !say(s, c, 0, c->n))
		return false;
	for (unsigned i = 0; i < c->n; i++) {
		struct reply reply;

		if (!refused)
			course->stage = c->stage[i];
		if ((!at_once && !say(s, c, i, i + 1)) || !wire_hear(s->wire, &reply, 0))
			return false;
		if (!go_on(s, course, c->stage[i], &reply, &refused))
			break;
	}
	return !refused;
}

/* One message over the connection that is there. */
static void converse(struct smtp *s, struct course *course, size_t len)
{
	struct commands commands;

	course->stage = STAGE_MAIL;
	course->reply.code = 0;
	if (course->needs_utf8 && !wire_offer(s->wire).utf8) {
		course->utf8_missing = true;
		return;
	}
	write_commands(&commands, s, course, len);
	s->begun = true;
	if (!ask(s, course, &commands))
		return;
	if (course->asks) {
		course->reply.code = 250;
		return;
	}
	course->stage = STAGE_BODY;
	course->handed_over = wire_say(s->wire, s->out.data, s->out.len);
	if (course->handed_over && wire_hear(s->wire, &course->reply, DOT_SECONDS))
		s->begun = false;
}

static bool connect_anew(struct smtp *s, struct course *course)
{
	course->stage = STAGE_CONNECT;
	s->begun = false;
	s->on_connection = 0;
	if (wire_connect(s->wire))
		return true;
	course->reply = wire_trouble(s->wire).reply;
	if (course->reply.code < 400)
		course->reply.code = 0;
	return false;
}

/* An idle connection that the relay has closed answers 421, or nothing, and one that was not reset
 * is of no use: the message was not taken, and a fresh connection may do better. */
static bool went_stale(const struct course *course)
{
	if (course->stage == STAGE_RESET)
		return true;
	return course->stage == STAGE_MAIL && !course->utf8_missing &&
	       (!course->reply.code || course->reply.code == 421);
}

static void carry(struct smtp *s, struct course *course, size_t len)
{
	bool kept = wire_connected(s->wire);

	if (kept)
		converse(s, course, len);
	if (kept && !went_stale(course))
		return;
	if (connect_anew(s, course))
		converse(s, course, len);
}

/* What is kept of the connection, and what is not. */
static void settle(struct smtp *s, const struct course *course)
{
	if (course->reply.code == 421)
		wire_hang_up(s->wire, false);
	if (wire_connected(s->wire) && ++s->on_connection >= s->per_connection)
		wire_hang_up(s->wire, true);
}

static bool asks_to_log_in(unsigned code)
{
	return code == 530 || code == 534 || code == 535 || code == 538;
}

static enum smtp_outcome judge(const struct course *course, const struct trouble *trouble)
{
	unsigned code = course->reply.code, class = code / 100;

	if (course->utf8_missing)
		return SMTP_REFUSED;
	if ((course->stage == STAGE_BODY || course->asks) && class == 2)
		return SMTP_ACCEPTED;
	if (class == 4)
		return SMTP_DEFERRED;
	if ((course->stage == STAGE_CONNECT && trouble->at_fault) || asks_to_log_in(code))
		return SMTP_BROKEN;
	if (class == 5)
		return course->stage == STAGE_CONNECT ? SMTP_BROKEN : SMTP_REFUSED;
	/* Silence after the last byte was handed over: the relay may have the message. */
	return course->handed_over ? SMTP_UNCERTAIN : SMTP_DEFERRED;
}

static void fill_answer(const struct smtp *s, const struct course *course, struct smtp_answer *a)
{
	const struct trouble trouble = wire_trouble(s->wire);
	const char *words = trouble.words, *advice = trouble.advice;

	a->outcome = judge(course, &trouble);
	a->named = course->stage == STAGE_RCPT;
	a->considered = course->stage >= STAGE_RCPT || course->utf8_missing;
	/* What was said before silence fell decides nothing. */
	if (course->reply.code >= 400 || a->outcome == SMTP_ACCEPTED)
		a->code = course->reply.code;
	if (course->utf8_missing)
		words = "the relay does not take addresses in this script (SMTPUTF8)";
	else if (a->code)
		words = course->reply.text;
	else if (course->reply.code)
		words = "the relay's answer makes no sense here";
	if (asks_to_log_in(a->code))
		advice = "see user and password_file";
	words_status(a->status, sizeof(a->status), a->code ? course->reply.text : "");
	words_text(a->text, sizeof(a->text), words);
	words_advise(a->text, sizeof(a->text), a->outcome == SMTP_BROKEN ? advice : NULL);
	if (a->outcome == SMTP_ACCEPTED)
		words_queue_id(a->queue_id, sizeof(a->queue_id), course->reply.text);
}

static void refuse(struct smtp_answer *answer, const char *words)
{
	answer->outcome = SMTP_REFUSED;
	answer->considered = true;
	words_text(answer->text, sizeof(answer->text), words);
}

/* From the envelope to the answer; the message is in `out`. */
static void conduct(struct smtp *s, struct course *course, const char *from, const char *to,
                    size_t len, struct smtp_answer *answer)
{
	char sender[ADDRESS_BYTES + 1] = "", recipient[ADDRESS_BYTES + 1];

	if (!address_wire(recipient, to) || (*from && !address_wire(sender, from))) {
		refuse(answer, "the address cannot stand in an envelope");
		return;
	}
	course->from = sender;
	course->to = recipient;
	course->needs_utf8 = !address_ascii(to) || !address_ascii(from);
	carry(s, course, len);
	fill_answer(s, course, answer);
	settle(s, course);
}

void smtp_send(struct smtp *s, const char *from, const char *to, const void *message, size_t len,
               struct smtp_answer *answer)
{
	struct course course = { 0 };
	enum err e = write_message(&s->out, message, len);

	memset(answer, 0, sizeof(*answer));
	if (e == ERR_TOO_LARGE)
		refuse(answer, "the message is too long");
	else if (e)
		answer->outcome = SMTP_DEFERRED;
	else
		conduct(s, &course, from, to, len, answer);
	buf_wipe(&s->out);
}

void smtp_ask(struct smtp *s, const char *from, const char *to, struct smtp_answer *answer)
{
	struct course course = { .asks = true };

	memset(answer, 0, sizeof(*answer));
	conduct(s, &course, from, to, 0, answer);
}
