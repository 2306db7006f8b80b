// What cloudfront-js-2.0 gives a function beyond the language: Buffer, crypto, console.log, require, the call of its
// handler. Restricted as there: no dynamic code, no timers, Date stands still during a run.
(() => {
    'use strict';
    const evaluate = globalThis.eval, source = globalThis.__library;
    let loaded;
    const library = () => loaded || (loaded = evaluate(source));
    const crypto = {
        createHash: (...given) => library().crypto.createHash(...given),
        createHmac: (...given) => library().crypto.createHmac(...given),
    };
    const modules = { crypto: crypto, buffer: { get Buffer() { return library().Buffer; } } };
    const logs = [];
    const parse = JSON.parse, stringify = JSON.stringify;
    const now = Date.now(), RealDate = Date;

    class FixedDate extends RealDate {
        constructor(...given) { given.length ? super(...given) : super(now); }
        static now() { return now; }
    }

    function forbidden() { throw new TypeError('dynamic code is not supported'); }
    for (const one of [() => 0, async () => 0, function* () {}, async function* () {}]) {
        Object.defineProperty(Object.getPrototypeOf(one), 'constructor', { value: forbidden });
    }
    delete globalThis.eval;
    delete globalThis.performance;
    globalThis.Function = forbidden;
    globalThis.Date = FixedDate;
    Object.defineProperty(globalThis, 'Buffer', { get: () => library().Buffer });
    delete globalThis.__library;
    globalThis.console = { log: (...given) => { logs.push(given.map(String).join(' ')); } };
    globalThis.require = (name) => {
        if (!Object.hasOwn(modules, name)) throw new TypeError('Cannot load module "' + name + '"');
        return modules[name];
    };

    // The result as JSON: {value} or {error}, and the logs; undefined while the handler's promise is pending.
    let result;
    const settled = (key) => (value) => {
        result = stringify({ [key]: key === 'error' ? String(value) : value, logs: logs });
    };
    globalThis.__run = (handler, event) => {
        const given = parse(event), raw = given.rawQueryString;
        if (given.event.request) {
            const rawQueryString = { value: () => raw === null ? undefined : raw, enumerable: false };
            Object.defineProperty(given.event.request, 'rawQueryString', rawQueryString);
        }
        Promise.resolve().then(() => handler(given.event)).then(settled('value')).catch(settled('error'));
    };
    globalThis.__result = () => result;
})();
