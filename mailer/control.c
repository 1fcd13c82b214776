/* SPDX-License-Identifier: MIT */
#include "mailer/control.h"

#include <string.h>

#include "mailer/addressee.h"
#include "mailer/letter.h"
#include "mailer/mint.h"

struct choice {
	struct outbox *outbox;
	uint32_t serial[WEIGH_SERVED];
	unsigned n;
};

static enum err choose(void *context, uint32_t place, const struct standing *standing)
{
	uint32_t serial;
	struct choice *c = context;
	bool known = standing->state != SEND_ACCEPTED;

	if (c->n == WEIGH_SERVED)
		return ERR_EXISTS;
	serial = outbox_serial(c->outbox, place);
	for (unsigned i = 0; i < c->n; i++)
		known = known || c->serial[i] == serial;
	if (!known)
		c->serial[c->n++] = serial;
	return OK;
}

/* Of this run, and where it has served too few, of earlier ones. */
static enum err choose_all(struct choice *c, const struct weigh *w, struct why *why)
{
	enum err e;

	c->n = w->served < WEIGH_SERVED ? w->served : WEIGH_SERVED;
	memcpy(c->serial, w->last, c->n * sizeof(*c->serial));
	if (c->n == WEIGH_SERVED)
		return OK;
	e = outbox_each(c->outbox, choose, c, why);
	return e == ERR_EXISTS ? OK : e;
}

static enum err ask(struct smtp_answer *answer, struct smtp *smtp, const struct sender *s,
                    uint32_t serial, struct why *why)
{
	char handle[HANDLE_TEXT], from[ADDRESS_TEXT];
	struct member member;
	enum err e = addressee_find(&member, s->roll, s->amend, s->mailing.kind, serial, why);

	if (!e) {
		mint_handle(handle, s->keys->handle, s->m->id, member.id, strlen(member.id));
		letter_sender(from, s->conf->bounce, handle, member.tag);
		smtp_ask(smtp, from, member.email, answer);
	}
	explicit_bzero(&member, sizeof(member));
	return e;
}

enum err control_ask(const struct sender *s, const struct weigh *w, bool *takes, struct why *why)
{
	struct choice c = { .outbox = s->outbox };
	struct smtp *smtp = NULL;
	unsigned taken = 0;
	enum err e = choose_all(&c, w, why);

	if (!e)
		e = smtp_open(&smtp, &s->conf->relay, why);
	for (unsigned i = 0; !e && i < c.n; i++) {
		struct smtp_answer answer;

		e = ask(&answer, smtp, s, c.serial[i], why);
		taken += !e && answer.outcome == SMTP_ACCEPTED;
	}
	smtp_close(smtp);
	*takes = taken * 2 > c.n;
	return e;
}
