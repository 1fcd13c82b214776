/* SPDX-License-Identifier: MIT */
#include "receiver/served.h"

#include <string.h>
#include <unistd.h>

#define AGAIN_SECONDS 5

void served_init(struct served *s)
{
	memset(s, 0, sizeof(*s));
	buf_init(&s->body, SERVED_MAX);
	s->fd = -1;
}

void served_release(struct served *s)
{
	buf_free(&s->body);
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
}

void served_error(struct served *s, unsigned status, const char *name, const char *text)
{
	s->status = status;
	s->type = SERVED_JSON;
	buf_clear(&s->body);
	buf_addf(&s->body, "{\"error\":\"%s\",\"text\":\"%s\"}", name, text);
}

void served_again(struct served *s)
{
	served_error(s, 503, "again", "This cannot be done just now. Nothing is lost: try again.");
	s->retry = AGAIN_SECONDS;
}
