/* SPDX-License-Identifier: MIT */
#include "receiver/clock.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/buf.h"
#include "core/file.h"
#include "core/text.h"

#define REFERENCE_MAX 256

static enum err clock_system(void *ctx, struct clock_reading *out)
{
	struct timespec wall, boot;
	struct buf id = BUF_INIT(64);
	enum err e = OK;

	(void)ctx;
	if (clock_gettime(CLOCK_REALTIME, &wall) || clock_gettime(CLOCK_BOOTTIME, &boot))
		return ERR_IO;
	out->wall = wall.tv_sec;
	out->boot = boot.tv_sec;
	e = file_read(&id, "/proc/sys/kernel/random/boot_id", NULL);
	if (e || id.len < 36 || strlen(buf_text(&id)) < 36)
		snprintf(out->boot_id, sizeof(out->boot_id), "unknown");
	else
		snprintf(out->boot_id, sizeof(out->boot_id), "%.36s", buf_text(&id));
	buf_free(&id);
	return OK;
}

static enum err take_reading(struct clock *c, struct clock_reading *out, struct why *why)
{
	memset(out, 0, sizeof(*out));
	if (c->source(c->ctx, out) || out->wall < 0)
		return why_set(why, ERR_AGAIN, "the system's clock cannot be read");
	return OK;
}

static enum err write_reference(const char *path, const struct clock_reading *r, struct why *why)
{
	char text[REFERENCE_MAX];
	int n;

	n = snprintf(text, sizeof(text), "%s %" PRId64 " %" PRId64 "\n", r->boot_id, r->wall,
	             r->boot);
	return file_write(path, text, (size_t)n, 0600, why);
}

static enum err read_reference(const char *path, struct clock_reading *r, struct why *why)
{
	struct buf text = BUF_INIT(REFERENCE_MAX);
	enum err e;

	e = file_read(&text, path, why);
	if (!e && sscanf(buf_text(&text), "%39s %" SCNd64 " %" SCNd64, r->boot_id, &r->wall,
	                 &r->boot) != 3)
		e = why_set(why, ERR_FORMAT,
		            "%s: not a reference of ours; `clock --confirm` makes a new one", path);
	buf_free(&text);
	return e;
}

enum err clock_open(struct clock *c, const char *folder, clock_source *source, void *ctx,
                    struct why *why)
{
	struct buf path = BUF_INIT(4096);
	struct clock_reading now;
	enum err e;

	memset(c, 0, sizeof(*c));
	c->source = source ? source : clock_system;
	c->ctx = ctx;
	if (pthread_mutex_init(&c->lock, NULL))
		return ERR_MEMORY;
	file_path(&path, folder, "clock");
	e = buf_err(&path);
	if (e)
		goto done;
	c->path = strdup(buf_text(&path));
	if (!c->path) {
		e = ERR_MEMORY;
		goto done;
	}
	e = read_reference(c->path, &c->reference, NULL);
	if (!e)
		goto done;
	/* A missing or broken reference must not keep the box shut: nothing can be compared
	 * with it, and the board's own times still may not go back. */
	e = take_reading(c, &now, why);
	if (e)
		goto done;
	c->reference = now;
	e = write_reference(c->path, &now, why);
done:
	buf_free(&path);
	if (e)
		clock_close(c);
	return e;
}

void clock_close(struct clock *c)
{
	if (c->source)
		pthread_mutex_destroy(&c->lock);
	free(c->path);
	memset(c, 0, sizeof(*c));
}

static enum err leapt(struct why *why, int64_t by)
{
	return why_set(why, ERR_AGAIN,
	               "the clock has leapt by %" PRId64
	               " seconds: nothing is taken until you have "
	               "checked the time and run `votepost-receiver clock --confirm`",
	               by);
}

static enum err compare(struct clock *c, const struct clock_reading *now, struct why *why)
{
	const struct clock_reading *then = &c->reference;
	int64_t drift;

	if (strcmp(now->boot_id, then->boot_id) == 0) {
		drift = (now->wall - then->wall) - (now->boot - then->boot);
		if (drift > CLOCK_DRIFT_MAX || drift < -CLOCK_DRIFT_MAX)
			return leapt(why, drift);
		return OK;
	}
	if (now->wall < then->wall - CLOCK_DRIFT_MAX)
		return leapt(why, now->wall - then->wall);
	/* A new run of the machine: from here on its own boot clock is the measure. */
	c->reference = *now;
	return write_reference(c->path, now, why);
}

enum err clock_now(struct clock *c, uint64_t *seconds, struct why *why)
{
	struct clock_reading now;
	enum err e;

	pthread_mutex_lock(&c->lock);
	e = take_reading(c, &now, why);
	if (!e)
		e = compare(c, &now, why);
	pthread_mutex_unlock(&c->lock);
	if (!e)
		*seconds = (uint64_t)now.wall;
	return e;
}

enum err clock_confirm(struct clock *c, struct why *why)
{
	struct clock_reading now;
	enum err e;

	pthread_mutex_lock(&c->lock);
	e = take_reading(c, &now, why);
	if (!e)
		e = write_reference(c->path, &now, why);
	if (!e)
		c->reference = now;
	pthread_mutex_unlock(&c->lock);
	return e;
}
