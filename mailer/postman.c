/* SPDX-License-Identifier: MIT */
#include "mailer/postman.h"

#include <string.h>
#include <time.h>

#include "core/secret.h"
#include "mailer/pace.h"

#define MESSAGE_ROOM ((size_t)96 << 10) /* of a usual message, kept locked */

enum err postman_open(struct postman *p, const struct sender *s, struct why *why)
{
	p->s = s;
	letter_desk_init(&p->desk);
	buf_init(&p->message, LETTER_MAX);
	letter_lock(&p->message, MESSAGE_ROOM);
	p->token = secret_alloc(sizeof(*p->token));
	if (!p->token)
		return why_set(why, ERR_MEMORY, "no more memory can be locked for a token");
	return smtp_open(&p->smtp, &s->conf->relay, why);
}

void postman_close(struct postman *p)
{
	smtp_close(p->smtp);
	secret_free(p->token);
	letter_unlock(&p->message);
	letter_desk_release(&p->desk);
	explicit_bzero(&p->member, sizeof(p->member));
	explicit_bzero(&p->amended, sizeof(p->amended));
}

/* What an answer means for the member; sets the count of troubles. */
static void judge(struct postman *p)
{
	struct outcome *o = &p->outcome;
	const struct conf *conf = p->s->conf;

	o->at = (uint64_t)time(NULL);
	o->tried = true;
	switch (o->answer.outcome) {
	case SMTP_ACCEPTED:
		o->state = SEND_ACCEPTED;
		break;
	case SMTP_REFUSED:
		o->state = SEND_REFUSED;
		break;
	case SMTP_UNCERTAIN:
		o->state = SEND_UNCERTAIN;
		o->next = o->at + pace_wait(conf, o->claim.attempts);
		break;
	case SMTP_DEFERRED:
		o->state = SEND_DEFERRED;
		o->next = o->at + pace_wait(conf, o->claim.attempts);
		o->tried = o->answer.code && o->answer.code != 421;
		break;
	case SMTP_BROKEN:
		o->tried = false;
		break;
	}
	p->troubles = o->tried ? 0 : p->troubles + 1;
	if (!o->tried) {
		o->state = o->claim.before;
		o->next = 0;
	}
}

/* The member as of today; what goes to an old address goes to the first that is not told. */
static enum err find_member(struct postman *p, uint32_t serial, struct why *why)
{
	const struct sender *s = p->s;
	struct member *member = &p->member;
	enum err e = roll_get(s->roll, serial, member, why);

	if (!e)
		e = amend_member(s->amend, member, why);
	if (!e && s->mailing.kind == MAILING_MOVED)
		e = amend_get(s->amend, serial, &p->amended, why);
	if (!e && s->mailing.kind == MAILING_MOVED)
		memcpy(member->email, p->amended.old[0], sizeof(member->email));
	return e;
}

enum err postman_serve(struct postman *p, const struct claim *claim, struct why *why)
{
	const struct sender *s = p->s;
	const struct member *member = &p->member;
	char handle[HANDLE_TEXT], bounce[ADDRESS_TEXT];
	struct letter_order order = { .mailing = s->mailing, .member = member, .handle = handle };
	struct outcome *o = &p->outcome;
	size_t id_len;
	enum err e;

	*o = (struct outcome){ .claim = *claim, .state = claim->before };
	e = find_member(p, claim->serial, why);
	if (e)
		return e;
	id_len = strlen(member->id);
	mint_handle(handle, s->keys->handle, s->m->id, member->id, id_len);
	if (mailing_is_letter(s->mailing.kind)) {
		mint_token(p->token, keys_token(s->keys, member->epoch), s->m->id,
		           member->generation, member->id, id_len);
		order.token = p->token;
	}
	e = letter_write(&p->message, &p->desk, s->letters, &order, why);
	token_wipe(p->token);
	if (!e) {
		letter_sender(bounce, s->conf->bounce, handle, s->mailing.kind, member->generation);
		smtp_send(p->smtp, bounce, member->email, p->message.data, p->message.len,
		          &o->answer);
		judge(p);
	}
	buf_wipe(&p->message);
	return e;
}
