/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_CORE_SHAMIR_H
#define VOTEPOST_CORE_SHAMIR_H

#include "core/err.h"
#include "core/group.h"

/*
 * shamir - a secret scalar shared so that any k of n shares give it back and fewer say nothing,
 * with public commitments that each share can be checked against (Feldman).
 *
 * f is a polynomial of degree k−1 with f(0) the secret; share j is f(j), j from 1; commitment l
 * is coefficient l times G. Nothing here is in constant time but for what it does to secrets:
 * numbers and thresholds are public.
 */
#define SHAMIR_MAX 32 /* shares */

/* f(j) from its k coefficients. */
void shamir_share(struct scalar *out, const struct scalar *coefficient, unsigned k, unsigned j);

/* f(j)·G from the k commitments. ERR_INVALID where one is no point. */
MUST_CHECK enum err shamir_commitment(struct point *out, const struct point *commitment, unsigned k,
                                      unsigned j);

/* How much share number[at] weighs where these k are put together: f(0) = Σ λ·f(number). The
 * numbers are all different. */
void shamir_lambda(struct scalar *out, const unsigned *number, unsigned k, unsigned at);

/* f(0) from k shares, which were checked. */
void shamir_combine(struct scalar *out, const struct scalar *share, const unsigned *number,
                    unsigned k);

#endif
