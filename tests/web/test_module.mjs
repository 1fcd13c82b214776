// SPDX-License-Identifier: MIT
// The module's interface, and its size.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import test from "node:test";
import zlib from "node:zlib";
import { BUILD, moduleFile, openModule, vector } from "./common.mjs";

const OF_BOTH = ["memory", "_initialize", "room", "release", "answer_at", "answer_len", "forget",
	"token_fold", "token_check", "election", "election_end", "credential", "ballot", "ballot_check",
	"armour", "tracker", "head_check", "receipt_check", "inclusion", "consistency"];
const OF_CHECK = ["audit_new", "audit_file", "audit_line", "audit_end"];
// Compressed, of what a browser must fetch: a second and a bit on a slow phone.
const MODULE_MOST = { vote: 52_000, check: 98_000 };
// With the words of all seven languages, 36 kB of it; what is served has those of its election.
const PAGE_MOST = { vote: 115_000, check: 165_000 };

for (const [name, own] of [["vote", []], ["check", OF_CHECK]]) {
	test(`${name}: chance is all that it asks of the world`, () => {
		const module = new WebAssembly.Module(moduleFile(name));
		assert.deepEqual(WebAssembly.Module.imports(module), [{ module: "env", name: "random", kind: "function" }]);
		const exported = WebAssembly.Module.exports(module).map((e) => e.name);
		assert.deepEqual(exported.sort(), [...OF_BOTH, ...own].sort());
	});

	test(`${name}: the module stays small`, () => {
		const size = zlib.gzipSync(moduleFile(name), { level: 9 }).length;
		assert.ok(size <= MODULE_MOST[name], `${size} bytes, at most ${MODULE_MOST[name]}`);
	});

	test(`${name}: no path of a machine stands in it`, () => {
		const text = moduleFile(name).toString("latin1");
		assert.ok(!/[\w/]+\/(?:core|src|receiver)\/\w+\.[ch]\b/.test(text));
	});

	test(`${name}: the page stays small and loads nothing`, () => {
		const page = fs.readFileSync(path.join(BUILD, "web", `${name}.html`));
		const size = zlib.gzipSync(page, { level: 9 }).length;
		assert.ok(size <= PAGE_MOST[name], `${size} bytes, at most ${PAGE_MOST[name]}`);
		assert.doesNotMatch(page.toString(), /<(?:script|link|img|iframe|object|source)\b[^>]*\s(?:src|href)="(?!data:)/);
		assert.doesNotMatch(page.toString(), /@import|\burl\((?!"?data:)/);
		assert.equal(page.toString().split("@MANIFEST@").length, 2);
	});
}

test("a trap breaks the module for good, and empties it", async () => {
	const { core, memory } = await openModule("vote");
	const election = core.election(vector("one-question", "board.ndjson").split("\n")[0]);
	crypto.getRandomValues = () => {
		throw new Error("no chance today");
	};
	const { written } = JSON.parse(vector("one-question", "secrets.json")).tokens[0];
	const make = () => election.makeBallot(written, "", "link", [{ options: [0] }]);
	try {
		assert.throws(make, { check: "broken" });
		assert.ok(memory().every((byte) => byte === 0));
	} finally {
		delete crypto.getRandomValues;
	}
	assert.throws(make, { check: "broken" });
});
