// SPDX-License-Identifier: MIT
//
// box - a ballot box of the tests: what the pages see of a receiver, in memory, and able to lie.
// It checks no proof (the receiver's own tests do); it keeps the board, its tree and its heads.

import crypto from "node:crypto";

const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

export const b64 = (bytes) => Buffer.from(bytes).toString("base64url");
export const sha256 = (...parts) => crypto.createHash("sha256").update(Buffer.concat(parts.map((p) => Buffer.from(p)))).digest();

export function le64(n) {
	const out = Buffer.alloc(8);
	out.writeBigUInt64LE(BigInt(n));
	return out;
}

// H of protocol section 1.
export function hash(label, ...parts) {
	const pieces = [Buffer.from(label), ...parts.map((p) => Buffer.from(p))];
	return crypto.createHash("sha512").update(Buffer.concat(pieces.flatMap((p) => [le64(p.length), p]))).digest().subarray(0, 32);
}

export function base32(bytes, bits) {
	let number = BigInt("0x" + Buffer.from(bytes).toString("hex")) >> BigInt(bytes.length * 8 - bits), text = "";
	for (let i = 0; i < bits / 5; i++, number >>= 5n)
		text = ALPHABET[Number(number & 31n)] + text;
	return text;
}

export function trackerOf(line) {
	return base32(sha256(line), 100).match(/.{5}/g).join("-");
}

// A voting code as it stands in a letter, from 16 bytes.
export function tokenText(bytes) {
	const check = sha256("votepost/1 token check", bytes);
	const all = Buffer.concat([bytes, check.subarray(0, 2)]);
	return base32(all, 140).match(/.{4}/g).join("-");
}

// RFC 9162's tree over leaves' hashes.
function rootOf(leaves) {
	if (leaves.length === 0)
		return sha256("");
	if (leaves.length === 1)
		return leaves[0];
	const k = split(leaves.length);
	return sha256([1], rootOf(leaves.slice(0, k)), rootOf(leaves.slice(k)));
}

function split(n) {
	let k = 1;
	while (k * 2 < n)
		k *= 2;
	return k;
}

function pathOf(index, leaves) {
	if (leaves.length <= 1)
		return [];
	const k = split(leaves.length);
	return index < k ? [...pathOf(index, leaves.slice(0, k)), rootOf(leaves.slice(k))]
		: [...pathOf(index - k, leaves.slice(k)), rootOf(leaves.slice(0, k))];
}

function consistencyOf(m, leaves, whole = true) {
	if (m === leaves.length)
		return whole ? [] : [rootOf(leaves)];
	const k = split(leaves.length);
	return m <= k ? [...consistencyOf(m, leaves.slice(0, k), whole), rootOf(leaves.slice(k))]
		: [...consistencyOf(m - k, leaves.slice(k), false), rootOf(leaves.slice(0, k))];
}

export class Box {
	// The manifest's line and the seed of its receiver_key. `lines`: what follows it.
	constructor(manifest, seed, lines = []) {
		this.manifest = manifest;
		this.election = hash("votepost/1 election", manifest);
		const pkcs8 = Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), Buffer.from(seed, "hex")]);
		this.key = crypto.createPrivateKey({ key: pkcs8, format: "der", type: "pkcs8" });
		this.lines = [manifest, ...lines];
		this.now = () => Math.floor(Date.now() / 1000);
		this.files = {}; // the record, once there is one
		this.issued = 271;
	}

	leaves(size = this.lines.length) {
		return this.lines.slice(0, size).map((line) => sha256([0], line));
	}

	head(size = this.lines.length) {
		const root = rootOf(this.leaves(size)), time = this.now();
		const signed = hash("votepost/1 head", this.election, le64(size), le64(time), root);
		const signature = b64(crypto.sign(null, signed, this.key));
		return `{"type":"head","size":${size},"root":"${b64(root)}","time":${time},"signature":"${signature}"}`;
	}

	inclusion(index, size = this.lines.length) {
		return pathOf(index, this.leaves(size)).map(b64);
	}

	consistency(first, second) {
		return consistencyOf(first, this.leaves(second)).map(b64);
	}

	indexOf(credential) {
		return this.lines.findIndex((line) => line.includes(`"type":"ballot"`) && JSON.parse(line).credential === credential);
	}

	receipt(index) {
		const line = this.lines[index], { credential } = JSON.parse(line);
		const proof = this.inclusion(index).map((node) => `"${node}"`).join(",");
		return `{"type":"receipt","tracker":"${trackerOf(line)}","credential":"${credential}","index":${index},`
			+ `"head":${this.head()},"proof":[${proof}]}`;
	}

	receiptOf(tracker) {
		const plain = (text) => text.toUpperCase().replace(/-/g, "");
		const index = this.lines.findIndex((line) => line.includes(`"type":"ballot"`) && plain(trackerOf(line)) === plain(tracker));
		return index < 0 ? null : this.receipt(index);
	}

	// { status, text } for a posted ballot.
	post(line) {
		const { credential } = JSON.parse(line), stands = this.indexOf(credential);
		if (stands < 0) {
			this.lines.push(line);
			return { status: 201, text: this.receipt(this.lines.length - 1) };
		}
		return this.lines[stands] === line ? { status: 200, text: this.receipt(stands) }
			: { status: 409, text: JSON.stringify({ error: "used", tracker: trackerOf(this.lines[stands]) }) };
	}

	turnout() {
		const hours = [];
		for (const line of this.lines) {
			if (line.startsWith(`{"type":"time"`))
				hours.push([JSON.parse(line).at, 0]);
			else if (line.startsWith(`{"type":"ballot"`) && hours.length)
				hours.at(-1)[1]++;
		}
		const ballots = hours.reduce((n, [, more]) => n + more, 0);
		const putOff = this.lines.filter((line) => line.startsWith(`{"type":"extended"`)).at(-1) ?? this.manifest;
		return { size: this.lines.length, ballots, issued: this.issued, closes: JSON.parse(putOff).closes,
			closed: this.lines.at(-1).startsWith(`{"type":"closed"`), hours };
	}
}
