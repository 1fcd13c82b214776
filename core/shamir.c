/* SPDX-License-Identifier: MIT */
#include "core/shamir.h"

/* Horner's way. */
void shamir_share(struct scalar *out, const struct scalar *coefficient, unsigned k, unsigned j)
{
	struct scalar at;

	scalar_from(&at, j);
	*out = coefficient[k - 1];
	for (unsigned l = k - 1; l > 0; l--) {
		scalar_mul(out, out, &at);
		scalar_add(out, out, &coefficient[l - 1]);
	}
}

/* Horner's way too: j is small, so each step is some doublings. */
enum err shamir_commitment(struct point *out, const struct point *commitment, unsigned k,
                           unsigned j)
{
	struct point sum = commitment[k - 1];

	for (unsigned l = k - 1; l > 0; l--) {
		enum err e = point_times(&sum, j, &sum);

		if (!e)
			e = point_add(&sum, &sum, &commitment[l - 1]);
		if (e)
			return e;
	}
	if (!point_valid(&sum))
		return ERR_INVALID;
	*out = sum;
	return OK;
}

void shamir_lambda(struct scalar *out, const unsigned *number, unsigned k, unsigned at)
{
	struct scalar up, down, m, j, difference;

	scalar_from(&up, 1);
	scalar_from(&down, 1);
	scalar_from(&j, number[at]);
	for (unsigned i = 0; i < k; i++) {
		if (i == at)
			continue;
		scalar_from(&m, number[i]);
		scalar_sub(&difference, &m, &j);
		scalar_mul(&up, &up, &m);
		scalar_mul(&down, &down, &difference);
	}
	scalar_invert(&down, &down);
	scalar_mul(out, &up, &down);
}

void shamir_combine(struct scalar *out, const struct scalar *share, const unsigned *number,
                    unsigned k)
{
	struct scalar lambda, part;

	scalar_from(out, 0);
	for (unsigned i = 0; i < k; i++) {
		shamir_lambda(&lambda, number, k, i);
		scalar_mul(&part, &lambda, &share[i]);
		scalar_add(out, out, &part);
	}
	scalar_wipe(&part);
}
