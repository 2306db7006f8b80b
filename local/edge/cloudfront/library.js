// The modules buffer and crypto of cloudfront-js-2.0, loaded by runtime.js when a function first uses one of them.
(() => {
    'use strict';
    const HEX = '0123456789abcdef';
    const PLAIN = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
    const URL_SAFE = PLAIN.slice(0, 62) + '-_';

    function utf8(text) {
        const bytes = [];
        for (const character of text) {
            let code = character.codePointAt(0);
            if (code >= 0xd800 && code <= 0xdfff) code = 0xfffd;
            if (code < 0x80) bytes.push(code);
            else if (code < 0x800) bytes.push(0xc0 | code >> 6, 0x80 | code & 63);
            else if (code < 0x10000) bytes.push(0xe0 | code >> 12, 0x80 | code >> 6 & 63, 0x80 | code & 63);
            else bytes.push(0xf0 | code >> 18, 0x80 | code >> 12 & 63, 0x80 | code >> 6 & 63, 0x80 | code & 63);
        }
        return bytes;
    }

    function text(bytes) {
        let out = '';
        for (let i = 0; i < bytes.length;) {
            const first = bytes[i++];
            const more = first < 0x80 ? 0 : first >= 0xc2 && first < 0xe0 ? 1 : first >= 0xe0 && first < 0xf0 ? 2
                : first >= 0xf0 && first < 0xf5 ? 3 : -1;
            let code = more < 1 ? first : first & (0x3f >> more);
            let read = 0;
            while (read < more && (bytes[i + read] & 0xc0) === 0x80) code = code << 6 | bytes[i + read++] & 63;
            const least = [0, 0x80, 0x800, 0x10000][more];
            if (more < 0 || read < more || code < least || code > 0x10ffff || code >= 0xd800 && code <= 0xdfff) {
                out += '\ufffd';
                continue;
            }
            i += more;
            out += String.fromCodePoint(code);
        }
        return out;
    }

    function toBase64(bytes, alphabet) {
        let out = '';
        for (let i = 0; i < bytes.length; i += 3) {
            const word = bytes[i] << 16 | (bytes[i + 1] || 0) << 8 | (bytes[i + 2] || 0);
            out += alphabet[word >> 18] + alphabet[word >> 12 & 63];
            out += i + 1 < bytes.length ? alphabet[word >> 6 & 63] : alphabet === PLAIN ? '=' : '';
            out += i + 2 < bytes.length ? alphabet[word & 63] : alphabet === PLAIN ? '=' : '';
        }
        return out;
    }

    function fromBase64(given) {
        const bytes = [];
        let word = 0, bits = 0;
        for (const character of given) {
            if (character === '=') break;
            const plain = PLAIN.indexOf(character);
            const value = plain < 0 ? URL_SAFE.indexOf(character) : plain;
            if (value < 0) continue;
            word = (word << 6 | value) & 0xffff;
            bits += 6;
            if (bits >= 8) bytes.push(word >> (bits -= 8) & 255);
        }
        return bytes;
    }

    function decoded(given, encoding) {
        if (encoding === 'base64' || encoding === 'base64url') return fromBase64(given);
        if (encoding === 'latin1' || encoding === 'binary') return Array.from(given, (one) => one.charCodeAt(0) & 255);
        if (encoding === 'hex') {
            const pairs = /^(?:[0-9a-f]{2})*/i.exec(given)[0].match(/../g);
            return (pairs || []).map((pair) => parseInt(pair, 16));
        }
        if (encoding === undefined || /^utf-?8$/i.test(encoding)) return utf8(given);
        throw new TypeError('unknown encoding: ' + encoding);
    }

    function encoded(bytes, encoding) {
        if (encoding === 'base64') return toBase64(bytes, PLAIN);
        if (encoding === 'base64url') return toBase64(bytes, URL_SAFE);
        if (encoding === 'latin1' || encoding === 'binary') return String.fromCharCode(...bytes);
        if (encoding === 'hex') return Array.from(bytes, (one) => HEX[one >> 4] + HEX[one & 15]).join('');
        if (encoding === undefined || /^utf-?8$/i.test(encoding)) return text(bytes);
        throw new TypeError('unknown encoding: ' + encoding);
    }

    class Buffer extends Uint8Array {
        static from(given, encoding) {
            return super.from(typeof given === 'string' ? decoded(given, encoding) : given);
        }
        static concat(list) {
            return Buffer.from(list.reduce((all, one) => all.concat(Array.from(one)), []));
        }
        static isBuffer(given) { return given instanceof Buffer; }
        static byteLength(given, encoding) { return decoded(given, encoding).length; }
        equals(other) { return this.length === other.length && this.every((one, i) => one === other[i]); }
        toString(encoding, start, end) { return encoded(this.subarray(start, end), encoding); }
    }

    const rotate = (word, count) => word << count | word >>> (32 - count);

    function blocks(bytes, bigEndian) {
        const size = (bytes.length + 9 + 63) & ~63;
        const padded = new DataView(new ArrayBuffer(size));
        bytes.forEach((one, i) => padded.setUint8(i, one));
        padded.setUint8(bytes.length, 0x80);
        padded.setUint32(size - (bigEndian ? 4 : 8), bytes.length * 8, !bigEndian);
        return padded;
    }

    function words(state, littleEndian) {
        const out = new DataView(new ArrayBuffer(state.length * 4));
        state.forEach((word, i) => out.setUint32(i * 4, word, littleEndian));
        return new Uint8Array(out.buffer);
    }

    function firstPrimes() {
        const primes = [];
        for (let n = 2; primes.length < 64; n++) if (primes.every((prime) => n % prime)) primes.push(n);
        return primes;
    }

    const fraction = (value) => (value - Math.floor(value)) * 0x100000000 | 0;

    function sha256(bytes) {
        const data = blocks(bytes, true), primes = firstPrimes(), k = primes.map((prime) => fraction(Math.cbrt(prime)));
        const state = primes.slice(0, 8).map((prime) => fraction(Math.sqrt(prime))), w = new Int32Array(64);
        for (let at = 0; at < data.byteLength; at += 64) {
            for (let i = 0; i < 16; i++) w[i] = data.getInt32(at + i * 4);
            for (let i = 16; i < 64; i++) {
                const x = w[i - 15], y = w[i - 2];
                w[i] = w[i - 16] + w[i - 7] + (rotate(x, 25) ^ rotate(x, 14) ^ x >>> 3)
                    + (rotate(y, 15) ^ rotate(y, 13) ^ y >>> 10);
            }
            let [a, b, c, d, e, f, g, h] = state;
            for (let i = 0; i < 64; i++) {
                const one = h + (rotate(e, 26) ^ rotate(e, 21) ^ rotate(e, 7)) + (e & f ^ ~e & g) + k[i] + w[i];
                const two = (rotate(a, 30) ^ rotate(a, 19) ^ rotate(a, 10)) + (a & b ^ a & c ^ b & c);
                h = g; g = f; f = e; e = d + one | 0; d = c; c = b; b = a; a = one + two | 0;
            }
            [a, b, c, d, e, f, g, h].forEach((word, i) => { state[i] = state[i] + word | 0; });
        }
        return words(state, false);
    }

    function sha1(bytes) {
        const data = blocks(bytes, true), w = new Int32Array(80);
        const state = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0];
        for (let at = 0; at < data.byteLength; at += 64) {
            for (let i = 0; i < 80; i++) {
                w[i] = i < 16 ? data.getInt32(at + i * 4) : rotate(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
            }
            let [a, b, c, d, e] = state;
            for (let i = 0; i < 80; i++) {
                const mixed = i < 20 ? (b & c | ~b & d) + 0x5a827999 : i < 40 ? (b ^ c ^ d) + 0x6ed9eba1
                    : i < 60 ? (b & c | b & d | c & d) + 0x8f1bbcdc : (b ^ c ^ d) + 0xca62c1d6;
                const next = rotate(a, 5) + mixed + e + w[i] | 0;
                e = d; d = c; c = rotate(b, 30); b = a; a = next;
            }
            [a, b, c, d, e].forEach((word, i) => { state[i] = state[i] + word | 0; });
        }
        return words(state, false);
    }

    function md5(bytes) {
        const data = blocks(bytes, false), state = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476];
        const turns = [[7, 12, 17, 22], [5, 9, 14, 20], [4, 11, 16, 23], [6, 10, 15, 21]];
        for (let at = 0; at < data.byteLength; at += 64) {
            let [a, b, c, d] = state;
            for (let i = 0; i < 64; i++) {
                const round = i >> 4;
                const mixed = [b & c | ~b & d, d & b | ~d & c, b ^ c ^ d, c ^ (b | ~d)][round];
                const at_word = [i, 5 * i + 1, 3 * i + 5, 7 * i][round] & 15;
                const sum = a + mixed + Math.floor(Math.abs(Math.sin(i + 1)) * 0x100000000)
                    + data.getInt32(at + at_word * 4, true) | 0;
                a = d; d = c; c = b; b = b + rotate(sum, turns[round][i & 3]) | 0;
            }
            [a, b, c, d].forEach((word, i) => { state[i] = state[i] + word | 0; });
        }
        return words(state, true);
    }

    const digests = { md5: md5, sha1: sha1, sha256: sha256 };

    class Hash {
        constructor(finish) { this.finish = finish; this.parts = []; }
        update(data) {
            for (const one of typeof data === 'string' ? utf8(data) : data) this.parts.push(one);
            return this;
        }
        digest(encoding) {
            const bytes = this.finish(this.parts);
            return encoding === undefined ? Buffer.from(bytes) : encoded(bytes, encoding);
        }
    }

    function algorithm(name) {
        if (!Object.hasOwn(digests, name)) throw new TypeError('not supported algorithm: "' + name + '"');
        return digests[name];
    }

    const crypto = {
        createHash(name) { return new Hash(algorithm(name)); },
        createHmac(name, secret) {
            const digest = algorithm(name);
            let key = Array.from(typeof secret === 'string' ? utf8(secret) : secret);
            if (key.length > 64) key = Array.from(digest(key));
            while (key.length < 64) key.push(0);
            const pad = (mask) => key.map((one) => one ^ mask);
            return new Hash((data) => digest([...pad(0x5c), ...digest(pad(0x36).concat(data))]));
        },
    };

    return { Buffer: Buffer, crypto: crypto };
})();
