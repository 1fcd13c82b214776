// SPDX-License-Identifier: MIT
// Every part of a ballot, changed: refused by both, under the same verdict natively.
import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import test from "node:test";
import { native, openModule, vector, verdict } from "./common.mjs";
import * as second from "./second.mjs";

const { core } = await openModule("vote");
const Q = 2n ** 252n + 27742317777372353535851937790883648493n;
const manifest = vector("three-questions", "board.ndjson").split("\n")[0];
const { tokens } = JSON.parse(vector("three-questions", "secrets.json"));
const ours = core.election(manifest), theirs = second.election(manifest);
const secret = second.secretOf(theirs.id, second.readToken(tokens[0].written));
const good = ours.makeBallot(tokens[0].written, "", "link",
	[{ options: [0] }, { options: [0, 3] }, { grades: [0, 1] }]).line;

function flip(bytes, bit) {
	const out = Buffer.from(bytes);
	out[bit >> 3] ^= 1 << (bit & 7);
	return out;
}

// What each 32 bytes of a row are: "alpha", ..., "z"; rows differ in their branches only.
function elements(shape) {
	const n = shape.hi - shape.lo + 1, names = [];
	for (let i = 0; i < shape.weights.length; i++)
		names.push(...["alpha", "beta", "A0", "B0", "A1", "B1", "c0", "z0", "z1"]);
	for (let j = 0; j < n; j++)
		names.push("A", "B");
	return names.concat(Array(n - 1).fill("c"), Array(n).fill("z"));
}

function refusedByBoth(lines) {
	native(manifest, lines.map(([line]) => line)).forEach((check, i) => {
		const [line, what] = lines[i];
		assert.notEqual(check, "ok", `native core takes ${what}`);
		assert.equal(verdict(() => ours.checkBallot(line)), check, what);
		assert.notEqual(verdict(() => second.checkBallot(theirs, line)), "ok", `the second takes ${what}`);
	});
}

test("the ballot that is changed was good", () => {
	assert.equal(verdict(() => second.checkBallot(theirs, good)), "ok");
	assert.deepEqual(native(manifest, [good]), ["ok"]);
});

test("a bit of every element of the body, signed again by the voter", () => {
	const body = Buffer.from(JSON.parse(good).body, "base64url"), lines = [];
	const names = theirs.rows.flatMap(elements);
	assert.equal(names.length * 32, body.length);
	const seen = {};
	names.forEach((name, i) => {
		seen[name] = (seen[name] ?? 0) + 1;
		if (seen[name] > 3)
			return;
		for (const bit of [0, 255, randomInt(1, 255)])
			lines.push([second.signedLine(theirs, secret, "link", flip(body, 256 * i + bit)), `${name}, bit ${bit}`]);
	});
	refusedByBoth(lines);
});

test("a scalar and q more is the same number, and refused", () => {
	const body = Buffer.from(JSON.parse(good).body, "base64url"), lines = [];
	theirs.rows.flatMap(elements).slice(0, 9).forEach((name, i) => {
		if (!/^[cz]/.test(name))
			return;
		const n = BigInt("0x" + Buffer.from(body.subarray(32 * i, 32 * i + 32)).reverse().toString("hex")) + Q;
		const out = Buffer.from(body);
		Buffer.from(n.toString(16).padStart(64, "0"), "hex").reverse().copy(out, 32 * i);
		lines.push([second.signedLine(theirs, secret, "link", out), `${name} + q`]);
	});
	assert.equal(lines.length, 3);
	refusedByBoth(lines);
});

test("a bit anywhere, without a new signature", () => {
	const b = JSON.parse(good), lines = [];
	const change = (key, bits) => bits.forEach((bit) => lines.push([
		JSON.stringify({ ...b, [key]: flip(Buffer.from(b[key], "base64url"), bit).toString("base64url") }), `${key}, bit ${bit}`]));
	change("credential", [0, 100, 255]);
	change("signature", [0, 255, 256, 300, 508, 511]);
	change("body", [0, 8 * Buffer.from(b.body, "base64url").length - 1]);
	lines.push([JSON.stringify({ ...b, channel: "sealed-reply" }), "the channel"]);
	lines.push([good.replace('"link"', '"post"'), "a channel that is none"]);
	refusedByBoth(lines);
});

test("another form of the same line", () => {
	const b = JSON.parse(good);
	refusedByBoth([
		[" " + good, "a space before"], [good + " ", "a space after"], [good.slice(0, -1), "no end"],
		[good.replace('"type"', '"\\u0074ype"'), "an escape"],
		[good.replace("}", ',"more":1}'), "a key more"], [good.replace('"signature"', '"Signature"'), "another key"],
		[good.replace("{", '{"type":"ballot",'), "a key twice"],
		[JSON.stringify({ ...b, body: b.body + "AAAA" }), "a body too long"],
		[JSON.stringify({ ...b, body: b.body.slice(0, -4) }), "a body too short"],
		[JSON.stringify({ ...b, body: b.body.replace(/.$/, "=") }), "padding"],
		[JSON.stringify({ channel: b.channel, type: b.type, credential: b.credential, body: b.body, signature: b.signature }), "another order"],
		["[".repeat(3000), "depth"], ["{}", "nothing"],
	].map(([line, what]) => [line, what]).filter(([line]) => line !== good));
});

test("a ballot of another election", () => {
	const other = vector("one-question", "board.ndjson").split("\n").find((line) => line.startsWith('{"type":"ballot"'));
	refusedByBoth([[other, "another election's"]]);
});
