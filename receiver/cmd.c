/* SPDX-License-Identifier: MIT */
#include "receiver/cmd.h"

#include <string.h>

#include "core/log.h"
#include "receiver/clock.h"

enum err cmd_now(uint64_t *now, const char *folder, struct why *why)
{
	struct clock clock = { 0 };
	enum err e = clock_open(&clock, folder, NULL, NULL, why);

	if (!e)
		e = clock_now(&clock, now, why);
	clock_close(&clock);
	return e;
}

enum err cmd_look(struct cmd_look *l, const char *folder, struct why *why)
{
	enum err e;

	memset(l, 0, sizeof(*l));
	e = box_open(&l->box, folder, BOX_READ, 0, why);
	if (!e)
		e = signer_open(&l->signer, folder, why);
	if (!e)
		e = cmd_now(&l->now, folder, why);
	if (!e) {
		l->looking = true;
		e = box_look(&l->txn, l->box);
	}
	return e;
}

void cmd_look_end(struct cmd_look *l)
{
	if (l->looking)
		box_abort(&l->txn);
	signer_free(l->signer);
	box_close(l->box);
}

enum err cmd_look_head(struct buf *line, struct cmd_look *l)
{
	struct head head;

	box_head(&head, &l->txn, l->now, l->signer->secret);
	head_write(line, &head);
	buf_addc(line, '\n');
	return buf_err(line);
}

enum err cmd_errand(struct errand *errand, const char *folder, bool quick, unsigned patience,
                    struct why *why)
{
	return errand_begin(errand,
	                    &(struct desk_plan){ .folder = folder,
	                                         .quick = quick,
	                                         .patience = patience,
	                                         .cores = 1,
	                                         .trouble = cmd_trouble },
	                    why);
}

void cmd_trouble(void *ctx, const char *event, const struct why *why)
{
	(void)ctx;
	log_warn(event, "why=\"%s\"", why->text);
}
