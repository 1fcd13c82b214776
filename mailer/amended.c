/* SPDX-License-Identifier: MIT */
#include "mailer/amended.h"

#include <stdbool.h>
#include <string.h>

/* How a member lies in the store: this, its plans, then each address behind its length. */
struct packed {
	uint32_t generation, epoch;
	uint8_t plans, olds, email; /* email: its length */
	char tag[TAG_CHARS];        /* zero where there is none */
};
struct packed_plan {
	uint32_t generation, epoch, reason;
};

_Static_assert(sizeof(struct packed) <= 24 && sizeof(struct packed_plan) == 12,
               "AMENDED_MAX is enough");

size_t amended_write(unsigned char out[AMENDED_MAX], const struct amended *a)
{
	struct packed p = { .generation = a->generation,
		            .epoch = a->epoch,
		            .plans = (uint8_t)a->plans,
		            .olds = (uint8_t)a->olds,
		            .email = (uint8_t)strlen(a->email) };
	size_t len = sizeof(p);

	memcpy(p.tag, a->tag, sizeof(p.tag));
	memcpy(out, &p, sizeof(p));
	for (unsigned i = 0; i < a->plans; i++) {
		const struct packed_plan plan = { a->plan[i].generation, a->plan[i].epoch,
			                          (uint32_t)a->plan[i].reason };

		memcpy(out + len, &plan, sizeof(plan));
		len += sizeof(plan);
	}
	memcpy(out + len, a->email, p.email);
	len += p.email;
	for (unsigned i = 0; i < a->olds; i++) {
		size_t chars = strlen(a->old[i]);

		out[len++] = (unsigned char)chars;
		memcpy(out + len, a->old[i], chars);
		len += chars;
	}
	return len;
}

/* What is left of a record. */
struct reading {
	const unsigned char *at;
	size_t left;
	bool bad;
};

static void take_bytes(struct reading *r, void *out, size_t len)
{
	if (r->bad || len > r->left) {
		r->bad = true;
		memset(out, 0, len);
		return;
	}
	memcpy(out, r->at, len);
	r->at += len;
	r->left -= len;
}

static void take_plans(struct reading *r, struct amended *a, unsigned plans)
{
	uint32_t generation = a->generation;

	r->bad = r->bad || plans > AMEND_PLANS_MAX;
	for (unsigned i = 0; !r->bad && i < plans; i++) {
		struct packed_plan plan;

		take_bytes(r, &plan, sizeof(plan));
		r->bad = r->bad || plan.generation <= generation || plan.reason >= REPLACE_REASONS;
		generation = plan.generation;
		a->plan[i] = (struct amend_plan){ plan.generation, plan.epoch,
			                          (enum replace_reason)plan.reason };
		a->plans++;
	}
}

static void take_olds(struct reading *r, struct amended *a, unsigned olds)
{
	unsigned char chars;

	r->bad = r->bad || olds > AMEND_OLD_MAX;
	for (unsigned i = 0; !r->bad && i < olds; i++) {
		take_bytes(r, &chars, 1);
		r->bad = r->bad || chars >= ADDRESS_TEXT;
		if (!r->bad)
			take_bytes(r, a->old[i], chars);
		a->olds++;
	}
}

enum err amended_read(struct amended *a, struct span value)
{
	struct reading r = { value.data, value.len, false };
	struct packed p;

	take_bytes(&r, &p, sizeof(p));
	*a = (struct amended){ .generation = p.generation, .epoch = p.epoch };
	memcpy(a->tag, p.tag, sizeof(p.tag));
	r.bad = r.bad || !p.generation || p.email >= ADDRESS_TEXT;
	take_plans(&r, a, p.plans);
	if (!r.bad)
		take_bytes(&r, a->email, p.email);
	take_olds(&r, a, p.olds);
	return r.bad || r.left ? ERR_FORMAT : OK;
}
