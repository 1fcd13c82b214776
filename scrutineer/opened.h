/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_SCRUTINEER_OPENED_H
#define VOTEPOST_SCRUTINEER_OPENED_H

#include "core/err.h"
#include "core/opening.h"

/*
 * opened - are the receiver's statements about its opening statements about this board?
 *
 * Each was signed over the board as it stood: the first before any ballot, a later one whenever
 * the programs were changed. Whoever took the file away and had another written in the middle of
 * a vote is found here.
 */

/* `record` is a folder that an audit found good. Checks "opening root", "opening size", "opening
 * ballots", with the line of the file from 1. */
MUST_CHECK enum err opened_check(const struct openings *o, const char *record, struct why *why);

#endif
