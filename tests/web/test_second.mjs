// SPDX-License-Identifier: MIT
// Ours against a second implementation, in both directions.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import test from "node:test";
import { native, openModule, vector, verdict } from "./common.mjs";
import * as second from "./second.mjs";

const { core } = await openModule("vote");

const EXAMPLES = {
	"one-question": [[{ options: [1] }], [{ blank: true }]],
	"three-questions": [
		[{ options: [0] }, { options: [0, 3] }, { grades: [0, 1] }],
		[{ blank: true }, { blank: true }, { grades: [2, 0] }],
	],
	edges: [[{ options: [0] }], [{}]],
};

function open(name) {
	const manifest = vector(name, "board.ndjson").split("\n")[0];
	const { tokens } = JSON.parse(vector(name, "secrets.json"));
	return { manifest, tokens, ours: core.election(manifest), theirs: second.election(manifest) };
}

// Answers for any election: the first options that fit, or blank, or the last grades.
function someAnswers(questions, blank) {
	return questions.map((q) => {
		if (q.kind === "grades")
			return { grades: q.options.map((_, o) => (blank ? q.grades.length - 1 : o % q.grades.length)) };
		return blank && q.blank ? { blank: true } : { options: q.options.map((_, o) => o).slice(0, blank ? q.min : q.max) };
	});
}

for (const name of Object.keys(EXAMPLES)) {
	const { manifest, tokens, ours, theirs } = open(name);
	const channel = theirs.manifest.channels.at(-1);

	test(`${name}: election, credentials and trackers are the same`, () => {
		assert.equal(ours.id, second.b64(theirs.id));
		assert.equal(ours.fingerprint, theirs.fingerprint);
		for (const { written } of tokens) {
			const secret = second.secretOf(theirs.id, second.readToken(written));
			assert.equal(ours.credential(written), second.credentialOf(secret));
		}
	});

	for (const blank of [false, true]) {
		const answers = someAnswers(theirs.manifest.questions, blank);

		test(`${name}: theirs is good to ours (${JSON.stringify(answers)})`, () => {
			const secret = second.secretOf(theirs.id, second.readToken(tokens[0].written));
			const line = second.makeBallot(theirs, secret, channel, second.cellsOf(theirs, answers));
			assert.equal(verdict(() => ours.checkBallot(line)), "ok");
			assert.deepEqual(native(manifest, [line]), ["ok"]);
			assert.equal(core.tracker(line), second.trackerOf(line));
			assert.equal(core.armour(line), second.armourOf(line));
		});

		test(`${name}: ours is good to theirs (${JSON.stringify(answers)})`, () => {
			const { line, tracker, credential } = ours.makeBallot(tokens[1].written, "", channel, answers);
			assert.equal(verdict(() => second.checkBallot(theirs, line)), "ok");
			assert.deepEqual(native(manifest, [line]), ["ok"]);
			assert.equal(tracker, second.trackerOf(line));
			assert.equal(credential, ours.credential(tokens[1].written));
		});
	}

	test(`${name}: all ballots of the example are good to both`, () => {
		for (const line of vector(name, "board.ndjson").split("\n").filter((l) => l.startsWith('{"type":"ballot"'))) {
			assert.equal(verdict(() => second.checkBallot(theirs, line)), "ok");
			assert.equal(verdict(() => ours.checkBallot(line)), "ok");
		}
	});
}

test("a second factor: the same credential, and its ballots hold", () => {
	const manifest = second.makeManifest({ second_factor: true });
	const theirs = second.election(manifest), ours = core.election(manifest);
	const token = randomBytes(16), written = second.writeToken(token);
	const secret = second.secretOf(theirs.id, token, second.factorOf(theirs.id, token, "ab-12 cd.34"));
	assert.equal(ours.credential(written, "AB12 cd34"), second.credentialOf(secret));
	const { line } = ours.makeBallot(written, "ab12cd34", "link", [{ options: [1] }]);
	assert.equal(verdict(() => second.checkBallot(theirs, line)), "ok");
	assert.throws(() => ours.makeBallot(written, "abc", "link", [{ options: [1] }]), { check: "factor" });
	assert.throws(() => ours.makeBallot(written, "", "link", [{ options: [1] }]), { check: "factor" });
});

test("approval, nothing marked and the widest grades: both agree", () => {
	const texts = (n) => Array.from({ length: n }, (_, i) => ({ en: `T${i}` }));
	const manifest = second.makeManifest({ questions: [
		{ id: "a", kind: "choice", title: { en: "A" }, options: texts(24), min: 0, max: 24, blank: false },
		{ id: "g", kind: "grades", title: { en: "G" }, options: texts(3), grades: texts(12) },
	] });
	const theirs = second.election(manifest), ours = core.election(manifest), written = second.writeToken(randomBytes(16));
	for (const options of [[], [23], [0, 5, 7, 23]]) {
		const { line } = ours.makeBallot(written, "", "sealed-reply", [{ options }, { grades: [0, 11, 5] }]);
		assert.equal(verdict(() => second.checkBallot(theirs, line)), "ok");
		assert.deepEqual(native(manifest, [line]), ["ok"]);
	}
});

test("answers that no ballot may hold are not encrypted", () => {
	const { ours, tokens } = open("three-questions");
	const token = tokens[0].written, channel = "link", good = [{ options: [0] }, { options: [0] }, { grades: [0, 0] }];
	assert.ok(ours.makeBallot(token, "", channel, good).line);
	const bad = [[], good.slice(0, 2), [...good, { options: [0] }], [{ options: [0, 1] }, ...good.slice(1)],
		[{ options: [0], blank: true }, ...good.slice(1)], [{ options: [99] }, ...good.slice(1)], [{ options: [0, 0] }, ...good.slice(1)],
		[{ options: [-1] }, ...good.slice(1)], [{ options: [0.5] }, ...good.slice(1)], [good[0], good[1], { grades: [0] }],
		[good[0], good[1], { grades: [0, 12] }], [good[0], good[1], { blank: true }]];
	for (const answers of bad)
		assert.throws(() => ours.makeBallot(token, "", channel, answers), { check: "answers" }, JSON.stringify(answers));
	for (const other of ["post", "", undefined])
		assert.throws(() => ours.makeBallot(token, "", other, good), { check: "channel" });
	assert.throws(() => core.election(vector("edges", "board.ndjson").split("\n")[0]).makeBallot(token, "", "reply", [{ options: [0] }]), { check: "channel" });
});

test("what no member could have marked is refused by both", () => {
	const { manifest, tokens, ours, theirs } = open("one-question");
	const secret = second.secretOf(theirs.id, second.readToken(tokens[0].written));
	const none = [0, 0, 0, 0];
	for (const [cells, check] of [[none, "row proof"], [[1, 1, 0, 0], "row proof"], [[1, 0, 0, 1], "row proof"], [[2, 0, 0, 0], "cell proof"]]) {
		const line = second.makeBallot(theirs, secret, "link", [cells]);
		assert.equal(verdict(() => second.checkBallot(theirs, line)), check);
		assert.equal(verdict(() => ours.checkBallot(line)), check);
		assert.deepEqual(native(manifest, [line]), [check]);
	}
});
