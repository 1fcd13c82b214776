/* SPDX-License-Identifier: MIT */
#include "mailer/control.h"

#include <sodium.h>

/* Of all that were served in earlier runs, each as likely as any other. */
struct draw {
	struct weigh *w;
	struct outbox *outbox;
	unsigned first;
	uint32_t seen;
};

static enum err draw_one(void *context, uint32_t place, const struct standing *standing)
{
	struct draw *d = context;
	struct served one = { outbox_serial(d->outbox, place), WEIGH_NO_LANE };
	struct weigh *w = d->w;
	uint32_t at;

	if (standing->state != SEND_ACCEPTED)
		return OK;
	for (unsigned i = 0; i < d->first; i++)
		if (w->served[i].serial == one.serial)
			return OK;
	at = d->first + randombytes_uniform(++d->seen);
	if (w->serveds < WEIGH_SERVED)
		at = w->serveds++;
	if (at < WEIGH_SERVED)
		w->served[at] = one;
	return OK;
}

enum err control_draw(struct weigh *w, struct outbox *outbox, struct why *why)
{
	struct draw d = { .w = w, .outbox = outbox, .first = w->serveds };

	return w->serveds == WEIGH_SERVED ? OK : outbox_each(outbox, draw_one, &d, why);
}

enum err control_ask(enum control *control, struct smtp_answer *answer, const struct weigh *w,
                     struct postman *p, struct why *why)
{
	unsigned most = w->serveds / 2 + 1, takes = 0, refuses = 0;
	enum err e = OK;

	*answer = (struct smtp_answer){ 0 };
	for (unsigned i = 0; !e && i < w->serveds && takes < most && refuses < most; i++) {
		if (p->s->stop && *p->s->stop)
			break;
		e = postman_ask(p, w->served[i].serial, answer, why);
		takes += !e && answer->outcome == SMTP_ACCEPTED;
		refuses += !e && answer->outcome == SMTP_REFUSED;
		if (!answer->code)
			break;
	}
	*control = takes >= most     ? CONTROL_TAKES
	           : refuses >= most ? CONTROL_REFUSES
	                             : CONTROL_SILENT;
	return e;
}
