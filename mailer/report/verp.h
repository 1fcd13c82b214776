/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_MAILER_REPORT_VERP_H
#define VOTEPOST_MAILER_REPORT_VERP_H

#include <stdbool.h>
#include <stddef.h>

#include "mailer/report/report.h"

/*
 * verp - a member's handle, and a letter's tag, in an address of ours, whatever gateways have made
 * of it.
 *
 * bounce+HANDLE@…, bounce+HANDLE-TAG@… of a later letter; in any case; inside prvs=TAG=…,
 * prvs=…/TAG, btv1==TAG==…, SRS0=…=…=DOMAIN=…@…, SRS1=…; with the + as %2B or =2B. And in a
 * Message-ID of ours: <vote.HANDLE.1@domain>, <vote.HANDLE-TAG.2@domain>.
 */

/* The first handle behind `local`, in any text; false where there is none. */
bool verp_find(struct report *out, const char *local, const char *text, size_t len);

/* The first in a Message-ID under `domain`. */
bool verp_find_id(struct report *out, const char *domain, const char *text, size_t len);

#endif
