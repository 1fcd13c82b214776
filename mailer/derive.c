/* SPDX-License-Identifier: MIT */
#include "mailer/derive.h"

#include <string.h>

#include <sodium.h>

#include "core/credential.h"
#include "mailer/mint.h"

enum err derive_credential(struct point *credential, const struct keys *keys,
                           const struct manifest *m, const struct member *member, struct why *why)
{
	unsigned char factor[HASH_BYTES];
	struct token token;
	enum err e = OK;

	if (member->epoch >= keys->epochs)
		return why_set(
			why, ERR_STATE,
			"keys.sealed is older than this folder: it lacks a token key that is "
			"in use. Put back the newest one");
	mint_token(&token, keys_token(keys, member->epoch), m->id, member->generation, member->id,
	           strlen(member->id));
	if (m->second_factor)
		e = credential_factor(factor, m->id, &token, member->factor,
		                      strlen(member->factor));
	if (e)
		why_set(why, e, "the second factor of a member: %s", err_text(e));
	else
		mint_credential(credential, m->id, &token, m->second_factor ? factor : NULL);
	token_wipe(&token);
	sodium_memzero(factor, sizeof(factor));
	return e;
}
