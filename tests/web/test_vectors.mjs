// SPDX-License-Identifier: MIT
// The module against the worked examples.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import test from "node:test";
import { boardLines, CoreError, folders, openModule, vector } from "./common.mjs";

const { core } = await openModule("check");

function auditOf(folder) {
	const lines = boardLines(folder);
	let election;
	try {
		election = core.election(lines[0].line);
	} catch (error) {
		assert.ok(error instanceof CoreError);
		return { failures: 1, checks: [error.check] };
	}
	const audit = election.audit();
	for (const name of fs.readdirSync(folder))
		if (/^(heads\.ndjson|head\.json|result\.json|share-\d+\.json)$/.test(name))
			audit.file(name, fs.readFileSync(path.join(folder, name)));
	for (const { line, whole } of lines)
		audit.line(line, whole);
	const end = audit.end();
	return { ...end, checks: end.findings.filter((f) => f.fails).map((f) => f.check) };
}

for (const folder of folders()) {
	test(`${path.basename(folder)} holds`, () => {
		const end = auditOf(folder), result = JSON.parse(vector(path.basename(folder), "result.json"));
		assert.deepEqual(end.checks, []);
		assert.equal(end.stage, "counted");
		assert.deepEqual(end.counts, result.counts);
		assert.equal(end.root, result.head);
	});
}

for (const folder of folders("bad")) {
	const check = fs.readFileSync(path.join(folder, "check.txt"), "utf8").trim();
	test(`bad/${path.basename(folder)} is refused: ${check}`, () => {
		const end = auditOf(folder);
		assert.ok(end.failures > 0);
		assert.ok(end.checks.includes(check), `found ${end.checks}`);
	});
}

test("a board that is still open is told as that", () => {
	const lines = boardLines(path.join(path.dirname(folders("bad")[0]), "../one-question"));
	const audit = core.election(lines[0].line).audit();
	for (const { line } of lines.slice(0, 8))
		audit.line(line);
	const end = audit.end();
	assert.equal(end.stage, "open");
	assert.equal(end.failures, 0);
	assert.equal(end.counts, null);
});

test("the board of another election is not audited", () => {
	const [one] = boardLines(path.join(folders()[0], "../one-question"));
	const [other] = boardLines(path.join(folders()[0], "../rotated"));
	const audit = core.election(one.line).audit();
	assert.throws(() => audit.line(other.line), { check: "manifest other" });
});

test("a token gives its credential and nothing else does", () => {
	for (const name of ["one-question", "three-questions", "edges", "rotated"]) {
		const election = core.election(vector(name, "board.ndjson").split("\n")[0]);
		for (const { written, credential } of JSON.parse(vector(name, "secrets.json")).tokens) {
			const expected = Buffer.from(credential, "hex").toString("base64url");
			assert.equal(election.credential(written), expected);
			assert.equal(election.credential(written.toLowerCase().replace(/-/g, " ")), expected);
			assert.ok(core.tokenOk(written));
			const wrong = written.slice(0, -1) + (written.endsWith("0") ? "1" : "0");
			assert.ok(!core.tokenOk(wrong));
			assert.throws(() => election.credential(wrong), { check: "token" });
		}
	}
});

test("a token that is being typed is shown as it is read", () => {
	assert.equal(core.normalToken("oil-9"), "0119");
	assert.equal(core.normalToken(" a b-c "), "ABC");
	assert.equal(core.normalToken("abu"), "");
	assert.equal(core.normalToken("é"), "");
	assert.equal(core.normalToken("0".repeat(28)), "0".repeat(28));
	assert.equal(core.normalToken("0".repeat(29)), "");
});

test("trackers and the sealed reply are those of the examples", () => {
	const { trackers } = JSON.parse(vector("one-question", "secrets.json"));
	const ballots = vector("one-question", "board.ndjson").split("\n").filter((l) => l.startsWith('{"type":"ballot"'));
	assert.deepEqual(ballots.map((line) => core.tracker(line)), trackers);
	assert.equal(core.armour(ballots[0]).trim(), vector("sealed.txt").replace(/\r/g, "").trim());
});

test("a receipt holds for its ballot alone", () => {
	const lines = vector("one-question", "board.ndjson").split("\n");
	const election = core.election(lines[0]), receipt = vector("receipt.json").trim();
	const told = election.checkReceipt(receipt, lines[4]);
	const { index, tracker, credential, head } = JSON.parse(receipt);
	assert.deepEqual(told, { index, size: head.size, tracker, credential });
	assert.deepEqual(election.checkReceipt(receipt, null), told);
	assert.throws(() => election.checkReceipt(receipt, lines[5]), { check: "receipt tracker" });
	const others = JSON.stringify({ ...JSON.parse(receipt), credential: JSON.parse(lines[5]).credential });
	assert.throws(() => election.checkReceipt(others, lines[4]), { check: "receipt credential" });
	const head1 = JSON.stringify({ ...head, size: 18 });
	assert.throws(() => election.checkHead(head1), { check: "head signature" });
	assert.deepEqual(election.checkHead(JSON.stringify(head)), { size: head.size, root: head.root, time: head.time });
});

test("proofs of the tree hold, and no other", () => {
	const merkle = JSON.parse(vector("merkle.json"));
	const b64 = (hex) => Buffer.from(hex, "hex").toString("base64url");
	for (const { size, index, path: nodes } of merkle.inclusion) {
		const check = (i, root) => core.checkInclusion(merkle.leaves[i], index, size, b64(root), nodes.map(b64));
		assert.ok(check(index, merkle.roots[size]));
		assert.throws(() => check(index, merkle.roots[size - 1]), { check: "inclusion proof" });
		if (size > 1)
			assert.throws(() => check((index + 1) % size, merkle.roots[size]), { check: "inclusion proof" });
	}
	for (const { first, second, path: nodes } of merkle.consistency) {
		const check = (root) => core.checkConsistency(first, b64(root), second, b64(merkle.roots[second]), nodes.map(b64));
		assert.ok(check(merkle.roots[first]));
		assert.throws(() => check(merkle.roots[first - 1]), { check: "consistency proof" });
	}
	assert.throws(() => core.checkInclusion("x", 0.5, 1, b64(merkle.roots[1]), []), { check: "inclusion proof" });
});
