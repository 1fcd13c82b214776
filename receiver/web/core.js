// SPDX-License-Identifier: MIT
//
// core.js - the ballot core for a page: loads the WebAssembly module and says in JavaScript what
// its functions do. No rule of the protocol stands here; every check is core's own, in C.
//
// Bytes are Uint8Array; where a text is taken, a string or its bytes. base64 is URL-safe and
// without padding. What fails throws a CoreError: `check` is the broken rule's name ("cell proof",
// "token", ...), `message` a sentence in English. The module can keep no secret: after each call
// its stack and whatever was handed in are wiped.

export class CoreError extends Error {
	constructor(check, message) {
		super(message);
		this.name = "CoreError";
		this.check = check;
	}
}

const coreChannels = { reply: 0, "sealed-reply": 1, link: 2 };
const coreBlank = 255;
const coreEncoder = new TextEncoder();
const coreDecoder = new TextDecoder("utf-8", { fatal: true });

// The module as it stands in a page: hexadecimal, white space between.
export function wasmBytes(hex) {
	const digits = hex.replace(/\s+/g, "");
	const bytes = new Uint8Array(digits.length / 2);
	for (let i = 0; i < bytes.length; i++)
		bytes[i] = parseInt(digits.slice(2 * i, 2 * i + 2), 16);
	return bytes;
}

// The module and its memory. Arguments that are texts go in as pointer and length.
class WasmModule {
	async load(bytes) {
		const random = (at, length) => this.random(at, length);
		const { instance } = await WebAssembly.instantiate(bytes, { env: { random } });
		this.exports = instance.exports;
		this.exports._initialize();
		return this;
	}

	get memory() {
		return new Uint8Array(this.exports.memory.buffer);
	}

	random(at, length) {
		const most = 65536; // at a time, by the standard
		for (let done = 0; done < length; done += most) {
			const n = Math.min(most, length - done);
			crypto.getRandomValues(this.memory.subarray(at + done, at + done + n));
		}
	}

	// Into the module's memory without a copy on the way.
	put(value) {
		const isText = typeof value === "string";
		const room = isText ? 3 * value.length : value.length;
		const at = this.exports.room(room);
		if (at === 0)
			throw new CoreError("memory", "out of memory");
		const place = this.memory.subarray(at, at + room);
		let length = room;
		if (isText)
			length = coreEncoder.encodeInto(value, place).written;
		else
			place.set(value);
		return { at, room, length };
	}

	answer() {
		const at = this.exports.answer_at();
		return coreDecoder.decode(this.memory.slice(at, at + this.exports.answer_len()));
	}

	// What the export returns, and the answer.
	run(name, args) {
		if (this.broken)
			throw new CoreError("broken", "the module stopped before; load the page again");
		if (!this.exports[name])
			throw new CoreError("missing", `this module has no ${name}`);
		const held = [];
		try {
			const words = args.flatMap((arg) => {
				if (typeof arg === "number")
					return [arg];
				const put = this.put(arg);
				held.push(put);
				return [put.at, put.length];
			});
			const result = this.exports[name](...words);
			return { result, answer: this.answer() };
		} catch (error) {
			if (error instanceof CoreError)
				throw error;
			this.broken = true; // a trap: nothing in there can be relied on
			this.memory.fill(0);
			throw new CoreError("broken", `the module stopped: ${error.message}`);
		} finally {
			if (!this.broken) {
				for (const { at, room } of held)
					this.exports.release(at, room);
				this.exports.forget();
			}
		}
	}

	fail(answer) {
		const cut = answer.indexOf("\n");
		throw new CoreError(answer.slice(0, cut), answer.slice(cut + 1));
	}

	// An export that answers 0, or an error.
	call(name, ...args) {
		const { result, answer } = this.run(name, args);
		return result === 0 ? answer : this.fail(answer);
	}

	// An export that answers an address, or 0 for an error.
	open(name, ...args) {
		const { result, answer } = this.run(name, args);
		return result !== 0 ? { handle: result, answer } : this.fail(answer);
	}
}

// The members' answers as core takes them: question, option and grade of each mark.
function coreMarks(answers) {
	const out = [];
	const number = (n, limit) => {
		if (!Number.isInteger(n) || n < 0 || n >= limit)
			throw new CoreError("answers", "an answer's number is out of range");
		return n;
	};
	answers.forEach((answer, question) => {
		number(question, 256);
		if (answer.blank)
			out.push(question, coreBlank, 0);
		for (const option of answer.options ?? [])
			out.push(question, number(option, coreBlank), 0);
		(answer.grades ?? []).forEach((grade, option) => {
			out.push(question, number(option, coreBlank), number(grade, 256));
		});
	});
	return Uint8Array.from(out);
}

// The scrutineer's whole check of a record. First the heads, then the board's lines in order from
// the manifest on (without their line feed), then shares and result, then end(). Files are given as
// they stand, line feed included. One audit at a time. A board line with a ballot takes some
// milliseconds: let the page breathe between a few of them.
class CoreAudit {
	constructor(module, handle) {
		this._module = module;
		this._handle = handle;
		module.run("audit_new", []);
	}

	file(name, content) {
		this._module.call("audit_file", name, content);
	}

	head(content) {
		this.file("head.json", content);
	}

	share(trustee, content) {
		this.file(`share-${trustee}.json`, content);
	}

	result(content) {
		this.file("result.json", content);
	}

	line(line, whole = true) {
		this._module.call("audit_line", this._handle, line, whole ? 1 : 0);
	}

	// {stage, failures, findings, ballots, weight, issued, replaced, root, size, counts}; a finding
	// that does not fail the record (a share that is left out) has `fails` false.
	end() {
		return JSON.parse(this._module.call("audit_end"));
	}
}

class CoreElection {
	constructor(module, manifest) {
		const { handle, answer } = module.open("election", manifest);
		this._module = module;
		this._handle = handle;
		Object.assign(this, JSON.parse(answer)); // id, fingerprint, cells
		const line = typeof manifest === "string" ? manifest : coreDecoder.decode(manifest);
		this.manifest = JSON.parse(line);
	}

	_call(name, ...args) {
		return this._module.call(name, this._handle, ...args);
	}

	credential(token, factor = "") {
		return this._call("credential", token, factor);
	}

	makeBallot(token, factor, channel, answers) {
		const number = coreChannels[channel] ?? -1;
		const made = this._call("ballot", token, factor ?? "", number, coreMarks(answers));
		const [credential, tracker, line] = made.split("\n");
		return { line, tracker, credential };
	}

	checkBallot(line) {
		this._call("ballot_check", line);
		return true;
	}

	checkHead(line) {
		return JSON.parse(this._call("head_check", line));
	}

	checkReceipt(receipt, line) {
		return JSON.parse(this._call("receipt_check", receipt, line ?? ""));
	}

	audit() {
		return new CoreAudit(this._module, this._handle);
	}
}

class Core {
	constructor(module) {
		this._module = module;
	}

	normalToken(typed) {
		return this._module.call("token_fold", typed);
	}

	tokenOk(typed) {
		try {
			this._module.call("token_check", typed);
			return true;
		} catch (error) {
			if (error instanceof CoreError && error.check === "token")
				return false;
			throw error;
		}
	}

	election(manifest) {
		return new CoreElection(this._module, manifest);
	}

	armour(line) {
		return this._module.call("armour", line);
	}

	tracker(line) {
		return this._module.call("tracker", line);
	}

	// Nodes go in one text, a comma after each; the roots stand first.
	checkInclusion(line, index, size, root, proof) {
		const nodes = [root, ...proof].map((node) => node + ",").join("");
		this._module.call("inclusion", line, String(index), String(size), nodes);
		return true;
	}

	checkConsistency(first, firstRoot, second, secondRoot, proof) {
		const nodes = [firstRoot, secondRoot, ...proof].map((node) => node + ",").join("");
		this._module.call("consistency", String(first), String(second), nodes);
		return true;
	}
}

export async function loadCore(bytes) {
	return new Core(await new WasmModule().load(bytes));
}
