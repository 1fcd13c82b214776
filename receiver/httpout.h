/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_RECEIVER_HTTPOUT_H
#define VOTEPOST_RECEIVER_HTTPOUT_H

#include <stdbool.h>

#include "receiver/served.h"
#include "receiver/site.h"

/*
 * httpout - an answer as HTTP sends it: its headers and its content. Part of http.c.
 */
struct MHD_Connection;
struct httpout;

/* `secure`: browsers are to come by https alone from now on. */
MUST_CHECK enum err httpout_new(struct httpout **out, struct site *site, bool secure,
                                struct why *why);
void httpout_free(struct httpout *o);

/* Queue the answer, and take over what it holds; served_release after all the same. False: hang
 * up. */
MUST_CHECK bool httpout_send(struct httpout *o, struct MHD_Connection *c, struct served *s);

#endif
