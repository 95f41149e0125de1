// A client of this WebSocket API. What it sends and gets is in socket.d.ts; what it does, in docs/websocket.md of gateleg.
const API = { action: "action", ping: null, repeatable: [] };
const nothing = () => {};
const DEFAULTS = {
  url: null, protocols: [], resume: nothing, id: nothing, onmessage: nothing, onstatechange: nothing, onerror: nothing,
  answerWithin: 30_000, pingEvery: 300_000, renewAfter: 6_900_000, maxDelay: 30_000, tries: 10,
};
const MIN_DELAY = 500, REMEMBERED = 1_000, OPEN = 1;
const LARGEST = 32_768; // bytes: API Gateway closes the connection for a larger frame, and a page cannot split its messages into frames
const UNANSWERED = "client.unanswered", CLOSED = "client.closed";
const PASSING = ["internal", "store.throttled", "store.transaction_conflict", "store.outcome_unknown", "websocket.in_progress", UNANSWERED];

export class SocketError extends Error {
  constructor({ code, message = "it may have been done, and no answer came", details = [] }) {
    super(message);
    Object.assign(this, { name: "SocketError", code, details });
  }
}

// What would be refused whoever sends it again, or end the connection, is not sent.
function encoded(message) {
  const text = JSON.stringify(message);
  const refuse = (code, said) => { throw new SocketError({ code, message: said }); };
  if (/(^|[^\\])(\\\\)*\\ud/.test(text)) refuse("client.ill_formed", "half a character cannot be sent; cut texts between characters");
  const size = new TextEncoder().encode(text).length;
  if (size > LARGEST) refuse("client.too_large", `the message has ${size} bytes, ${LARGEST} can be sent; send less`);
  return text;
}

export function connect(options) {
  const given = { ...DEFAULTS }, queue = [], seen = new Set();
  let state = "connecting", line = null, attempt = 0, pause, lastId;
  for (const name in options) {
    if (!(name in DEFAULTS)) throw new TypeError(`there is no option ${name}`);
    given[name] = options[name] ?? DEFAULTS[name];
  }
  if (typeof given.url !== "function") throw new TypeError("url is a function that gives the address");

  const failed = code => new SocketError({ code });
  // Full jitter: https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
  const delay = times => Math.random() * Math.min(given.maxDelay, MIN_DELAY * 2 ** times);

  function written(action, payload) {
    const id = crypto.randomUUID();
    return { action, id, text: encoded({ ...payload, [API.action]: action, request_id: id }) };
  }

  function tell(name, value) {
    try { given[name](value); } catch (error) { queueMicrotask(() => { throw error; }); }
  }

  function change(next) {
    if (next === state) return;
    state = next;
    tell("onstatechange", state);
  }

  function stop(own, timer) {
    clearTimeout(timer);
    own.timers.delete(timer);
  }

  function after(own, milliseconds, then) {
    const timer = setTimeout(() => { own.timers.delete(timer); then(); }, milliseconds);
    own.timers.add(timer);
    return timer;
  }

  async function open() {
    clearTimeout(pause);
    const own = line = { calls: new Map(), held: [], timers: new Set() }; // a connection, and what waits for it
    change("connecting");
    try {
      const late = after(own, given.answerWithin, () => lost(own));
      const address = await given.url();
      if (line !== own) return;
      const socket = own.socket = new WebSocket(address, given.protocols);
      socket.onmessage = ({ data }) => received(own, data);
      socket.onclose = () => lost(own);
      await new Promise(done => { socket.onopen = done; });
      stop(own, late);
      // API Gateway ends each connection after two hours.
      after(own, given.renewAfter * (0.75 + Math.random() / 4), () => { own.due = true; next(); });
      spoken(own);
      const missed = await given.resume(lastId, async (action, payload) => ask(own, written(action, payload)));
      if (line !== own) return;
      for (const message of [...missed ?? [], ...own.held]) handOn(message);
      if (line !== own) return; // closed by whom it was handed to
      own.held = null;
      change("open");
      next();
    } catch (error) {
      if (line !== own) return;
      tell("onerror", error);
      lost(own);
    }
  }

  function lost(own) {
    if (line !== own) return;
    drop();
    pause = setTimeout(open, delay(attempt++));
    change("waiting");
  }

  function drop() {
    const own = line;
    line = null;
    if (!own) return;
    own.timers.forEach(timer => clearTimeout(timer));
    own.socket?.close();
    unanswered(own);
  }

  async function next() {
    const own = line, [first] = queue;
    if (state !== "open" || own.busy || own.socket.readyState !== OPEN) return;
    if (own.due) {
      drop();
      return void open();
    }
    if (!first) return;
    own.busy = true;
    try {
      first.answer(await ask(own, first));
    } catch (error) {
      const again = error.code === "websocket.too_often" || (API.repeatable.includes(first.action) && PASSING.includes(error.code));
      if (again && ++first.tried < given.tries) {
        if (line === own) after(own, delay(first.tried), () => { own.busy = false; next(); });
        return;
      }
      first.fail(error);
    }
    if (queue[0] === first) queue.shift(); // or it was closed
    own.busy = false;
    next();
  }

  function ask(own, { id, text }) {
    return new Promise((answer, fail) => {
      if (line !== own) throw failed(UNANSWERED);
      own.calls.set(id, { answer, fail, timer: after(own, given.answerWithin, () => lost(own)) });
      spoken(own, text);
    });
  }

  function spoken(own, text) {
    if (text) own.socket.send(text);
    stop(own, own.ping);
    own.ping = after(own, given.pingEvery, () => ping(own));
  }

  function ping(own) { if (API.ping) ask(own, written(API.ping)).catch(nothing); }

  function received(own, data) {
    if (line !== own) return;
    attempt = 0; // it carries both ways
    let frame;
    try { frame = JSON.parse(data); } catch (error) { return tell("onerror", error); }
    const { error, request_id: id } = frame ?? {};
    if (own.calls.has(id)) settle(own, id, error && new SocketError(error), frame.data);
    else if (error) tell("onerror", new SocketError(error));
    else if (frame?.connectionId && frame.requestId) unanswered(own); // API Gateway says that a handler failed, and not of which message
    else if (id !== undefined && API.action in frame) return; // the answer to what nobody waits for
    else if (own.held) own.held.push(frame);
    else handOn(frame);
  }

  function settle(own, id, error, data) {
    const { timer, fail, answer } = own.calls.get(id);
    own.calls.delete(id);
    stop(own, timer);
    if (error) fail(error); else answer(data);
  }

  function unanswered(own) { for (const id of own.calls.keys()) settle(own, id, failed(UNANSWERED)); }

  function handOn(message) {
    if (state === "closed") return;
    const id = given.id(message);
    if (id != null) {
      if (seen.has(id)) return;
      seen.add(lastId = id);
      if (seen.size > REMEMBERED) seen.delete(seen.values().next().value);
    }
    tell("onmessage", message);
  }

  function online() {
    if (state === "waiting") open();
    else if (state === "open") ping(line);
  }

  globalThis.addEventListener?.("online", online);
  open();
  return {
    get state() { return state; },
    call: (action, payload) => new Promise((answer, fail) => {
      if (state === "closed") throw failed(CLOSED);
      queue.push({ ...written(action, payload), answer, fail, tried: 0 });
      next();
    }),
    send(action, payload) {
      if (line?.socket?.readyState !== OPEN) return false;
      spoken(line, encoded({ ...payload, [API.action]: action }));
      return true;
    },
    close() {
      globalThis.removeEventListener?.("online", online);
      clearTimeout(pause);
      drop();
      change("closed");
      for (const { fail } of queue.splice(0)) fail(failed(CLOSED));
    },
  };
}
