/* SPDX-License-Identifier: MIT */
#include "receiver/intake.h"

#include <string.h>

#include "core/mail/smtp.h"
#include "core/secret.h"
#include "receiver/judge.h"
#include "receiver/parser/reply.h"
#include "receiver/received.h"

#define ANSWER_MAX (2u << 20)
#define DAY        86400

void intake_init(struct intake *in, unsigned cores)
{
	memset(in, 0, sizeof(*in));
	/* Twice: while one mail is with its parser, another's ballot is made. */
	in->busy_max = 2 * (cores ? cores : 1);
	in->received_by = "";
	pthread_mutex_init(&in->lock, NULL);
	pthread_cond_init(&in->freed, NULL);
}

void intake_release(struct intake *in)
{
	while (in->spares)
		secret_free(in->spare[--in->spares]);
	pthread_mutex_destroy(&in->lock);
	pthread_cond_destroy(&in->freed);
}

static struct reply *borrow_reply(struct intake *in)
{
	struct reply *reply = NULL;

	pthread_mutex_lock(&in->lock);
	if (in->spares)
		reply = in->spare[--in->spares];
	pthread_mutex_unlock(&in->lock);
	return reply ? reply : secret_alloc(sizeof(*reply));
}

static void give_back_reply(struct intake *in, struct reply *reply)
{
	if (!reply)
		return;
	reply_wipe(reply);
	pthread_mutex_lock(&in->lock);
	if (in->spares < INTAKE_SPARE) {
		in->spare[in->spares++] = reply;
		reply = NULL;
	}
	pthread_mutex_unlock(&in->lock);
	secret_free(reply);
}

static void work_begin(struct intake *in)
{
	pthread_mutex_lock(&in->lock);
	while (in->busy == in->busy_max)
		pthread_cond_wait(&in->freed, &in->lock);
	in->busy++;
	pthread_mutex_unlock(&in->lock);
}

static void work_end(struct intake *in)
{
	pthread_mutex_lock(&in->lock);
	in->busy--;
	pthread_cond_signal(&in->freed);
	pthread_mutex_unlock(&in->lock);
}

/* One mail on its way through. */
struct passage {
	struct intake *in;
	const struct intake_mail *mail;
	unsigned char mark[SEEN_BYTES];
	struct cast_arrival arrival;
	bool in_hand;        /* a close waits for it */
	struct reply *reply; /* guarded: it holds tokens */
	struct buf sealed;
	struct judgement judgement;
};

static enum err read_mail(struct passage *p, struct why *why)
{
	struct envelope envelope = { .from = p->mail->from, .to = p->mail->to };
	enum err e;

	e = parser_read(p->in->parser, &envelope, p->mail->raw, p->mail->len, p->reply, &p->sealed,
	                why);
	if (e)
		return e;
	if (p->mail->cut)
		p->reply->too_large = true;
	return OK;
}

/* Where nothing tells who a mail is from, nobody can be answered, and a pipe or mailbox that does
 * not tell it of one does not of any: that is for the administrator to mend, before a ballot is
 * taken. What no member has written, such as a provider's welcome, is in nobody's way; and what
 * is told, but is no address, is its writer's own doing. */
static enum err need_sender(const struct passage *p, struct why *why)
{
	const struct reply *r = p->reply;
	bool members = r->tokens || r->sealed_len || r->handle[0];

	if (r->sender_told || r->bounce || r->automatic || r->unreadable || !members)
		return OK;
	return why_set(
		why, ERR_AGAIN, "%s",
		p->mail->fetched
			? "a reply has no Return-Path, so that nobody could be answered: have "
			  "the mailbox's provider write it into each mail, or, if a person "
			  "put this one there, move it out of the folder"
			: "the mail server told no envelope sender: give --sender, or have it "
			  "write Return-Path");
}

static enum err read_and_judge(struct passage *p, struct why *why)
{
	enum err e;

	work_begin(p->in);
	e = read_mail(p, why);
	if (!e)
		e = need_sender(p, why);
	if (!e)
		e = judge(&p->judgement, p->in->box, p->reply, &p->sealed, p->arrival.at, why);
	work_end(p->in);
	return e;
}

/* May this mail be answered at all? The writer still looks at the day's share. */
static bool answerable(const struct passage *p)
{
	const struct judgement *j = &p->judgement;

	return answer_name(j->verdict) && address_ok(p->reply->from) &&
	       (j->verdict == VERDICT_COUNTED || j->member);
}

static enum err cast_it(struct passage *p, struct cast_job *job, struct why *why)
{
	const struct judgement *j = &p->judgement;
	struct quota quota = {
		.day = p->arrival.now / DAY,
		.most = p->in->a_day,
		.handle = j->handle ? p->reply->handle : "",
		.address = p->reply->from,
		.credential = j->shown ? &j->shows : NULL,
	};

	*job = (struct cast_job){
		.kind = j->verdict == VERDICT_COUNTED ? CAST_BALLOT : CAST_MAIL,
		.arrived = p->arrival.at,
		.mark = p->mark,
		.verdict = j->verdict,
		.answer = answerable(p),
		.quota = &quota,
		.line = buf_text(&j->line),
		.len = j->line.len,
		.credential = j->credential,
		.channel = j->channel,
	};
	return cast_submit(p->in->cast, job, why);
}

/* A receipt of the ballot that stands, and when the vote closes. */
static enum err look_again(struct passage *p, struct answer *answer, struct receipt *receipt)
{
	struct box_txn t;
	struct head head;
	enum err e;

	e = box_look(&t, p->in->box);
	answer->closes = t.state.closes;
	if (!e && (answer->verdict == VERDICT_COUNTED || answer->verdict == VERDICT_USED)) {
		box_head(&head, &t, answer->now, p->in->signer->secret);
		e = box_receipt(receipt, &t, &p->judgement.credential, &head);
		answer->receipt = receipt;
	}
	box_abort(&t);
	return e;
}

static enum err send_answer(struct passage *p, enum verdict verdict, struct why *why)
{
	struct buf message = BUF_INIT(ANSWER_MAX);
	struct receipt receipt;
	struct answer answer = {
		.verdict = verdict,
		.hint = verdict == p->judgement.verdict ? p->judgement.hint : HINT_OTHER,
		.to = p->reply->from,
		.in_reply_to = p->reply->message_id,
		.handle = p->judgement.handle ? p->reply->handle : "",
		.now = p->arrival.now,
	};
	enum err e;

	e = look_again(p, &answer, &receipt);
	if (e == ERR_STATE || e == ERR_NOT_FOUND)
		return OK; /* nothing stands that could be receipted */
	if (!e)
		e = answer_write(&message, p->in->answers, &answer, why);
	/* An address or an id that no header may hold can never be answered. */
	if (e == ERR_FORMAT || e == ERR_TOO_LARGE)
		e = ERR_INVALID;
	if (!e)
		e = p->in->send(p->in->send_ctx, answer.to, buf_text(&message), message.len,
		                p->arrival.now - p->arrival.at, why);
	buf_wipe(&message);
	buf_free(&message);
	if (e != ERR_INVALID)
		return e;
	p->in->refused++;
	return OK;
}

/* Answer where it is owed, and note that it left. */
static enum err settle(struct passage *p, enum verdict verdict, struct why *why)
{
	enum err e = send_answer(p, verdict, why);

	if (!e)
		cast_answered(p->in->cast, p->mark);
	return e;
}

/* This very mail again, finished: nothing to read. */
static enum err finished_before(struct passage *p, bool *finished, enum verdict *verdict,
                                struct why *why)
{
	struct box_seen seen = { 0 };
	struct box_txn t;
	enum err e;

	*finished = false;
	e = box_look(&t, p->in->box);
	if (!e)
		e = box_seen(&t, p->mark, &seen);
	box_abort(&t);
	if (e == ERR_NOT_FOUND)
		return OK;
	if (e)
		return why_set(why, e, "%s: %s", p->in->box->folder, err_text(e));
	*finished = seen.answered;
	*verdict = seen.verdict;
	return OK;
}

static void leave(struct passage *p)
{
	if (p->in_hand)
		cast_depart(p->in->cast, &p->arrival);
	p->in_hand = false;
}

static enum err pass(struct passage *p, enum verdict *verdict, struct why *why)
{
	struct cast_job job;
	bool finished;
	enum err e;

	e = finished_before(p, &finished, verdict, why);
	if (e || finished)
		return e;
	e = read_and_judge(p, why);
	if (!e)
		e = cast_it(p, &job, why);
	/* Its ballot stands or does not: a close need not wait for the relay. */
	leave(p);
	if (e)
		return e;
	*verdict = job.verdict;
	if (!job.answer)
		return OK;
	if (p->mail->verdict_alone)
		return why_set(why, ERR_AGAIN, "its answer has not left yet");
	return settle(p, job.verdict, why);
}

enum err intake_take(struct intake *in, const struct intake_mail *mail, enum verdict *verdict,
                     struct why *why)
{
	struct passage p = { .in = in, .mail = mail };
	uint64_t received;
	enum err e;

	*verdict = VERDICTS;
	buf_init(&p.sealed, SEALED_MAX);
	if (!in->received_by[0] || !received_time(&received, mail->raw, mail->len, in->received_by))
		received = mail->received;
	e = cast_arrive(in->cast, &p.arrival, received, why);
	if (e)
		return e;
	p.in_hand = true;
	p.reply = borrow_reply(in);
	if (!p.reply) {
		e = why_set(why, ERR_MEMORY, "no memory that can be locked for a mail");
		goto done;
	}
	box_mark(p.mark, in->box, mail->raw, mail->len);
	e = pass(&p, verdict, why);
done:
	leave(&p);
	judgement_release(&p.judgement);
	give_back_reply(in, p.reply);
	buf_free(&p.sealed);
	return e;
}
