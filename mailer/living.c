/* SPDX-License-Identifier: MIT */
#include "mailer/living.h"

#include <stddef.h>

#include "mailer/returns.h"

struct finding {
	struct serials *set;
	uint64_t *dead;
};

static enum err strike_out(void *context, uint32_t serial, const struct returned *r,
                           struct why *why)
{
	const struct finding *f = context;

	(void)why;
	if (!returns_dead(r) || !serials_has(f->set, serial))
		return OK;
	serials_remove(f->set, serial);
	++*f->dead;
	return OK;
}

enum err living_find(struct serials **out, uint64_t *dead, const char *home, uint64_t members,
                     const struct serials *only, struct why *why)
{
	struct finding f = { .dead = dead };
	struct returns *returns = NULL;
	enum err e = returns_open(&returns, home, false, why);

	*dead = 0;
	if (!e)
		e = serials_new(&f.set, members, why);
	if (!e && !only)
		serials_add_all(f.set);
	for (uint64_t i = 0; !e && only && i < members; i++)
		if (serials_has(only, (uint32_t)i))
			serials_add(f.set, (uint32_t)i);
	if (!e)
		e = returns_each(returns, strike_out, &f, why);
	returns_close(returns);
	if (e)
		serials_free(f.set);
	else
		*out = f.set;
	return e;
}

struct unserved {
	struct outbox *outbox;
	uint64_t n;
};

static enum err count_unserved(void *context, uint32_t serial, const struct returned *r,
                               struct why *why)
{
	struct standing standing = { .state = SEND_PLANNED };
	struct unserved *u = context;
	enum err e;

	if (!returns_dead(r))
		return OK;
	e = outbox_find(u->outbox, serial, &standing, why);
	u->n += !e && standing.state == SEND_PLANNED;
	return e;
}

enum err living_unserved(uint64_t *n, const char *home, struct outbox *outbox, struct why *why)
{
	struct unserved u = { .outbox = outbox };
	struct returns *returns = NULL;
	enum err e = returns_open(&returns, home, false, why);

	if (!e)
		e = returns_each(returns, count_unserved, &u, why);
	returns_close(returns);
	*n = u.n;
	return e;
}
