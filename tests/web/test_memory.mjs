// SPDX-License-Identifier: MIT
// Nothing of a token stays in the module's memory after a call, in any form, nor any part of it.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import test from "node:test";
import { openModule } from "./common.mjs";
import * as second from "./second.mjs";

const PART = 8; // bytes of a secret that may not be found together

function parts(secret) {
	const bytes = Buffer.from(secret);
	return Array.from({ length: Math.floor(bytes.length / PART) }, (_, i) => bytes.subarray(PART * i, PART * i + PART));
}

function found(memory, secrets) {
	const all = Buffer.from(memory.buffer, memory.byteOffset, memory.length);
	return Object.entries(secrets).filter(([, secret]) => parts(secret).some((part) => all.includes(part))).map(([name]) => name);
}

function secretsOf(theirs, token, factor) {
	const written = second.writeToken(token), plain = written.replace(/-/g, "");
	const hashed = factor && second.factorOf(theirs.id, token, factor);
	return {
		token, written, plain, "as typed": written.toLowerCase(), "as bits": plain.toLowerCase(),
		"the credential's secret": second.scalarBytes(second.secretOf(theirs.id, token, hashed || undefined)),
		...(factor ? { "second factor": factor, "factor's hash": hashed } : {}),
	};
}

test("the search finds what is there", async () => {
	const { core, memory } = await openModule("vote");
	const here = second.makeManifest({ organiser: "quite a secret organiser" });
	core.election(here);
	assert.deepEqual(found(memory(), { a: "secret organiser", b: "xqzwvk-jyfqxpzvk" }), ["a"]);
});

for (const [what, use] of [
	["a ballot", (e, core, typed, factor) => e.makeBallot(typed, factor, "link", [{ options: [1] }])],
	["a credential", (e, core, typed, factor) => e.credential(typed, factor)],
	["typing it", (e, core, typed) => [core.normalToken(typed), core.tokenOk(typed), core.normalToken(typed.slice(0, 29))]],
	["typing it wrongly", (e, core, typed) => assert.ok(!core.tokenOk(typed.replace(/.$/, (c) => (c === "0" ? "1" : "0"))))],
	["an answer that is refused", (e, core, typed, factor) => assert.throws(() => e.makeBallot(typed, factor, "link", []))],
]) {
	for (const factor of ["", "pass-word.4711"]) {
		test(`after ${what}${factor && ", with a second factor"}, nothing is left`, async () => {
			const { core, memory } = await openModule("vote");
			const manifest = second.makeManifest({ second_factor: factor !== "" });
			const election = core.election(manifest), token = randomBytes(16);
			const secrets = secretsOf(second.election(manifest), token, factor);
			use(election, core, secrets["as typed"], factor);
			assert.deepEqual(found(memory(), secrets), []);
		});
	}
}
