/* SPDX-License-Identifier: MIT */
#include "mailer/postman.h"

#include <string.h>
#include <time.h>

#include "core/mail/refusal.h"
#include "core/secret.h"
#include "mailer/addressee.h"
#include "mailer/scrub.h"

#define MESSAGE_ROOM ((size_t)96 << 10) /* of a usual message, kept locked */

enum err postman_open(struct postman *p, const struct sender *s, struct why *why)
{
	p->s = s;
	letter_desk_init(&p->desk);
	buf_init(&p->message, LETTER_MAX);
	secret_lock(&p->message, MESSAGE_ROOM);
	p->token = secret_alloc(sizeof(*p->token));
	if (!p->token)
		return why_set(why, ERR_MEMORY, "no more memory can be locked for a token");
	return smtp_open(&p->smtp, &s->conf->relay, why);
}

void postman_close(struct postman *p)
{
	smtp_close(p->smtp);
	secret_free(p->token);
	secret_unlock(&p->message);
	letter_desk_release(&p->desk);
	explicit_bzero(&p->member, sizeof(p->member));
}

/* The letter goes back as it was. Where the relay has answered, for reasons of its own, another one
 * is tried first: this one may be the only one that it dislikes. */
static void give_back(struct postman *p)
{
	struct outcome *o = &p->outcome;
	bool answered = refusal_of_us(&o->answer) || (o->answer.outcome == SMTP_DEFERRED &&
	                                              o->answer.code != 421 && o->answer.code);

	o->state = o->claim.before;
	o->next = answered ? o->at + p->s->retry.after : 0;
	p->troubles = answered ? 0 : p->troubles + 1;
}

/* What an answer means for the member; sets the count of troubles. */
static void judge(struct postman *p)
{
	struct outcome *o = &p->outcome;

	o->at = (uint64_t)time(NULL);
	o->tried = true;
	switch (o->answer.outcome) {
	case SMTP_ACCEPTED:
		o->state = SEND_ACCEPTED;
		break;
	case SMTP_REFUSED:
		o->state = SEND_REFUSED;
		o->tried = !refusal_of_us(&o->answer);
		break;
	case SMTP_UNCERTAIN:
		o->state = SEND_UNCERTAIN;
		if (o->claim.attempts < RETRY_UNCERTAIN_MAX)
			o->next = retry_due(&p->s->retry, o->claim.attempts, o->at);
		break;
	case SMTP_DEFERRED:
		o->state = SEND_DEFERRED;
		o->next = retry_due(&p->s->retry, o->claim.attempts, o->at);
		/* Over which the relay hung up, too: else it would be the next one again. */
		o->tried = o->answer.considered;
		break;
	case SMTP_BROKEN:
		o->tried = false;
		break;
	}
	p->troubles = o->tried ? 0 : p->troubles;
	if (!o->tried)
		give_back(p);
}

/* The member, as of today, its handle and the envelope's sender. */
static enum err look_up(struct postman *p, uint32_t serial, char handle[HANDLE_TEXT],
                        char from[ADDRESS_TEXT], struct why *why)
{
	const struct sender *s = p->s;
	struct member *member = &p->member;
	enum err e = addressee_find(member, s->roll, s->amend, s->mailing.kind, serial, why);

	if (e)
		return e;
	mint_handle(handle, s->keys->handle, s->m->id, member->id, strlen(member->id));
	letter_sender(from, s->conf->bounce, handle, member->tag);
	return OK;
}

enum err postman_ask(struct postman *p, uint32_t serial, struct smtp_answer *answer,
                     struct why *why)
{
	char handle[HANDLE_TEXT], from[ADDRESS_TEXT];
	enum err e = look_up(p, serial, handle, from, why);

	if (!e)
		smtp_ask(p->smtp, from, p->member.email, answer);
	return e;
}

enum err postman_serve(struct postman *p, const struct claim *claim, struct why *why)
{
	const struct sender *s = p->s;
	const struct member *member = &p->member;
	char handle[HANDLE_TEXT], bounce[ADDRESS_TEXT];
	struct letter_order order = { .mailing = s->mailing, .member = member, .handle = handle };
	struct outcome *o = &p->outcome;
	enum err e;

	*o = (struct outcome){ .claim = *claim, .state = claim->before };
	e = look_up(p, claim->serial, handle, bounce, why);
	if (e)
		return e;
	if (mailing_is_letter(s->mailing.kind)) {
		mint_token(p->token, keys_token(s->keys, member->epoch), s->m->id,
		           member->generation, member->id, strlen(member->id));
		order.token = p->token;
	}
	e = letter_write(&p->message, &p->desk, s->letters, &order, why);
	token_wipe(p->token);
	if (!e) {
		smtp_send(p->smtp, bounce, member->email, p->message.data, p->message.len,
		          &o->answer);
		scrub_text(o->answer.text); /* it may quote the letter */
		judge(p);
	}
	buf_wipe(&p->message);
	return e;
}
