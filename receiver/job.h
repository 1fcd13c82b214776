/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_RECEIVER_JOB_H
#define VOTEPOST_RECEIVER_JOB_H

#include <stdint.h>

#include "receiver/box.h"
#include "receiver/cast.h"

/*
 * job - what one job of the writer's does inside the transaction of its group, and what it comes
 * to there: the `out` members of struct cast_job. Trouble on disk makes the transaction fail.
 */
void job_do(struct box_txn *t, struct cast_job *job, uint64_t now);

#endif
