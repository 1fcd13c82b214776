/* SPDX-License-Identifier: MIT */
#include "receiver/desk.h"

#include <string.h>
#include <time.h>

#include "core/board.h"
#include "receiver/lookup.h"
#include "receiver/statement.h"

#define LOCK_TRIES_A_SECOND 50

static enum err post_it(void *ctx, const char *to, const void *message, size_t len, uint64_t waited,
                        struct why *why)
{
	return post_send(ctx, to, message, len, waited, why);
}

static enum err take_lock(struct desk *d, const struct desk_plan *plan, struct why *why)
{
	const struct timespec pause = { .tv_nsec = 1000000000L / LOCK_TRIES_A_SECOND };
	struct buf path = BUF_INIT(4096);
	unsigned tries = plan->patience * LOCK_TRIES_A_SECOND;
	enum err e;

	file_path(&path, plan->folder, "lock");
	e = buf_err(&path);
	while (!e) {
		e = file_lock(&d->lock, buf_text(&path), "the ballot box", why);
		if (e != ERR_BUSY || !tries--)
			break;
		nanosleep(&pause, NULL);
		e = OK;
	}
	buf_free(&path);
	return e;
}

/* Before the first ballot: these are the programs that the vote was opened with. */
static enum err check_opening(struct desk *d, const struct desk_plan *plan, struct why *why)
{
	uint64_t now;
	enum err e = plan->changed_programs ? clock_now(&d->clock, &now, why) : OK;

	return e ? e
	         : statement_check(d->box, d->signer, plan->changed_programs ? &now : NULL, why);
}

static enum err open_mail(struct desk *d, const struct desk_plan *plan, struct why *why)
{
	const struct options *o = plan->options;
	enum err e;

	e = signer_open(&d->signer, plan->folder, why);
	if (!e)
		e = check_opening(d, plan, why);
	if (!e)
		e = answers_open(&d->answers, d->box->m, o->answers, o->sender_name,
		                 o->sender_address, why);
	if (!e)
		e = post_open(&d->post, &o->relay, (unsigned)o->relay_connections, why);
	return e;
}

static enum err open_box(struct desk *d, const struct desk_plan *plan, struct why *why)
{
	uint64_t map_max = plan->options ? plan->options->map_gib << 30 : 0;
	enum err e;

	e = take_lock(d, plan, why);
	if (!e)
		e = clock_open(&d->clock, plan->folder, NULL, NULL, why);
	if (!e)
		e = box_open(&d->box, plan->folder, BOX_WRITE, map_max, why);
	if (!e)
		e = enter_mend(d->box, plan->quick, why);
	return e ? e : lookup_mend(d->box, why);
}

enum err desk_open(struct desk *d, const struct desk_plan *plan, struct why *why)
{
	enum err e;

	memset(d, 0, sizeof(*d));
	d->lock.fd = -1;
	d->for_mail = plan->options != NULL;
	d->parser = plan->parser;
	e = open_box(d, plan, why);
	if (!e && d->for_mail)
		e = open_mail(d, plan, why);
	if (!e)
		e = cast_start(&d->cast, d->box, &d->clock, plan->trouble, plan->ctx, why);
	if (e)
		return e;
	intake_init(&d->intake, plan->cores);
	d->intake.box = d->box;
	d->intake.cast = d->cast;
	d->intake.parser = d->parser;
	d->intake.signer = d->signer;
	d->intake.answers = d->answers;
	d->intake.send = post_it;
	d->intake.send_ctx = d->post;
	if (plan->options)
		d->intake.received_by = plan->options->received_by;
	d->intake.a_day = plan->options ? plan->options->a_day : 0;
	return plan->options && !plan->quick
	               ? mailbox_open(&d->mailbox, plan->options, &d->intake, why)
	               : OK;
}

void desk_close(struct desk *d)
{
	mailbox_close(d->mailbox);
	if (d->cast)
		intake_release(&d->intake);
	cast_stop(d->cast);
	post_close(d->post);
	answers_free(d->answers);
	signer_free(d->signer);
	box_close(d->box);
	clock_close(&d->clock);
	file_unlock(&d->lock);
	memset(d, 0, sizeof(*d));
	d->lock.fd = -1;
}

void desk_pack(struct buf *out, const struct intake_mail *mail)
{
	const char *from = mail->from ? mail->from : "", *to = mail->to ? mail->to : "";

	buf_addc(out, (char)((mail->from ? 1 : 0) | (mail->to ? 2 : 0) | (mail->cut ? 4 : 0)));
	buf_add(out, from, strlen(from) + 1);
	buf_add(out, to, strlen(to) + 1);
	buf_add(out, mail->raw, mail->len);
}

static bool unpack(struct intake_mail *mail, const char *bytes, size_t len)
{
	const char *end = bytes + len, *from, *to;
	unsigned flags;

	memset(mail, 0, sizeof(*mail));
	if (len < 3)
		return false;
	flags = (unsigned char)bytes[0];
	from = bytes + 1;
	to = memchr(from, '\0', (size_t)(end - from));
	if (!to++)
		return false;
	mail->raw = memchr(to, '\0', (size_t)(end - to));
	if (!mail->raw)
		return false;
	mail->raw = (const char *)mail->raw + 1;
	mail->len = (size_t)(end - (const char *)mail->raw);
	mail->from = flags & 1 ? from : NULL;
	mail->to = flags & 2 ? to : NULL;
	mail->cut = flags & 4;
	return mail->len <= MAIL_MAX;
}

static void do_mail(struct desk *d, const void *payload, size_t len, struct outcome *out)
{
	struct intake_mail mail;
	enum verdict verdict;

	if (!d->for_mail || !unpack(&mail, payload, len))
		out->e = why_set(&out->why, ERR_FORMAT, "not a mail that can be handed over");
	else
		out->e = intake_take(&d->intake, &mail, &verdict, &out->why);
}

static void do_change(struct desk *d, const char *text, size_t len, struct outcome *out)
{
	struct cast_job job = { .kind = CAST_CHANGE, .line = text, .len = len };
	struct line line;

	memset(&line, 0, sizeof(line));
	out->e = line_read(&line, d->box->m, text, len, &out->why);
	if (!out->e && line.type != LINE_REPLACED && line.type != LINE_EXTENDED)
		out->e = why_set(&out->why, ERR_FORMAT, "neither a replaced nor an extended line");
	if (!out->e)
		out->e = line_check_signature(&line, d->box->m, &out->why);
	if (!out->e) {
		job.change = &line;
		out->e = cast_submit(d->cast, &job, &out->why);
		out->entry = job.entry;
	}
	line_release(&line);
}

static void do_close(struct desk *d, struct outcome *out)
{
	struct cast_job job = { .kind = CAST_CLOSE };

	/* What came in time may still lie there. */
	out->e = mailbox_decide(d->mailbox, &out->why);
	if (!out->e)
		out->e = cast_submit(d->cast, &job, &out->why);
	out->entry = job.entry;
	if (!out->e && job.entry == ENTRY_DONE)
		out->e = flat_sync(&d->box->flat, &out->why);
}

void desk_do(struct desk *d, enum order order, const void *payload, size_t len, struct outcome *out)
{
	memset(out, 0, sizeof(*out));
	switch (order) {
	case ORDER_MAIL:
		do_mail(d, payload, len, out);
		return;
	case ORDER_CHANGE:
		do_change(d, payload, len, out);
		return;
	case ORDER_CLOSE:
		do_close(d, out);
		return;
	case ORDER_CONFIRM:
		out->e = clock_confirm(&d->clock, &out->why);
		return;
	case ORDER_ANSWER:
		out->e = mailbox_answer(d->mailbox, &out->why);
		return;
	case ORDERS:
		break;
	}
	out->e = why_set(&out->why, ERR_FORMAT, "no such order");
}
