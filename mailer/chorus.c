/* SPDX-License-Identifier: MIT */
#include "mailer/chorus.h"

#define WITHIN_MS 60000

/* Its own voice, or a new one, or the one that was heard longest ago. */
static struct voice *voice_of(struct chorus *c, uint32_t lane)
{
	struct voice *oldest = c->voice;

	for (unsigned i = 0; i < c->voices; i++) {
		if (c->voice[i].lane == lane)
			return &c->voice[i];
		if (c->voice[i].letters < oldest->letters)
			oldest = &c->voice[i];
	}
	return c->voices < CHORUS_VOICES ? &c->voice[c->voices++] : oldest;
}

bool chorus_said(struct chorus *c, uint32_t lane, uint64_t now)
{
	bool all;

	*voice_of(c, lane) = (struct voice){ lane, c->letters, now };
	all = c->voices == CHORUS_VOICES;
	for (unsigned i = 0; i < c->voices; i++)
		all = all && now - c->voice[i].at < WITHIN_MS &&
		      c->letters - c->voice[i].letters < CHORUS_LETTERS;
	return all;
}
