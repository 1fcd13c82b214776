// SPDX-License-Identifier: MIT
//
// common - what the tests of the module share: the module as it was built, with its memory in view,
// and the worked examples.

import { spawnSync } from "node:child_process";
import { webcrypto } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { CoreError, loadCore } from "../../receiver/web/core.js";
import { ROOT } from "./second.mjs";

globalThis.crypto ??= webcrypto; // node 18 has it under another name

export const BUILD = process.env.VOTEPOST_BUILD ?? path.join(ROOT, "build/release");
export const VECTORS = path.join(ROOT, "tests/vectors");
export { CoreError };

export function moduleFile(name) {
	return fs.readFileSync(path.join(BUILD, "web", `${name}.wasm`));
}

// {core, memory(): all of the module's memory}
export async function openModule(name) {
	const real = WebAssembly.instantiate;
	let seen;
	WebAssembly.instantiate = async (...args) => (seen = await real(...args));
	const core = await loadCore(moduleFile(name));
	WebAssembly.instantiate = real;
	return { core, memory: () => new Uint8Array(seen.instance.exports.memory.buffer) };
}

export function vector(...names) {
	return fs.readFileSync(path.join(VECTORS, ...names), "utf8");
}

// The board's lines as bytes, and whether each had its line feed.
export function boardLines(folder) {
	const raw = fs.readFileSync(path.join(folder, "board.ndjson"));
	const lines = [];
	for (let at = 0; at < raw.length;) {
		const end = raw.indexOf(10, at);
		lines.push({ line: raw.subarray(at, end < 0 ? raw.length : end), whole: end >= 0 });
		at = end < 0 ? raw.length : end + 1;
	}
	return lines;
}

export function folders(...names) {
	const dir = path.join(VECTORS, ...names);
	return fs.readdirSync(dir).map((name) => path.join(dir, name))
		.filter((folder) => fs.existsSync(path.join(folder, "board.ndjson")));
}

// What core, compiled for this machine, says of ballot lines: "ok" or the check's name for each.
export function native(manifest, lines) {
	const done = spawnSync(path.join(BUILD, "tests/web/web-judge"), {
		input: [manifest, ...lines].map((line) => line + "\n").join(""), encoding: "utf8", maxBuffer: 1 << 26,
	});
	if (done.status !== 0)
		throw new Error(`web-judge: ${done.error ?? done.stderr}`);
	return done.stdout.trimEnd().split("\n");
}

// The name of the check that refuses, or "ok".
export function verdict(call) {
	try {
		call();
		return "ok";
	} catch (error) {
		if (error instanceof CoreError || error.constructor.name === "Refused")
			return error.check ?? error.message;
		throw error;
	}
}
