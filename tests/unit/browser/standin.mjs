// A clock, a source of chance and a WebSocket in the place of the platform's own, all on a seed.

export function chance(seed) { // mulberry32
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32;
  };
}

const settled = () => new Promise(done => setImmediate(done));

export class World {
  now = 0;
  sockets = [];
  listeners = new Map();
  #timers = new Map();
  #last = 0;

  // `serve(socket, message)` is called for each message that comes; `knock(socket)` says whether a connection opens, and after how long.
  constructor({ seed = 1, random, serve = () => {}, knock = () => 10 } = {}) {
    const world = this;
    this.serve = serve;
    this.knock = knock;
    this.random = random ?? chance(seed);
    Math.random = () => this.random();
    globalThis.setTimeout = (then, wait) => this.#set(then, wait, true);
    globalThis.clearTimeout = timer => this.#timers.delete(timer);
    globalThis.addEventListener = (name, heard) => this.listeners.set(name, heard);
    globalThis.removeEventListener = name => this.listeners.delete(name);
    globalThis.WebSocket = class Standin {
      readyState = 0;
      sent = [];
      constructor(url, protocols) {
        Object.assign(this, { url, protocols, at: world.now });
        world.sockets.push(this);
        const wait = world.knock(this);
        if (wait === null) world.#set(() => this.fall(), 5);
        else world.#set(() => { if (this.readyState === 0) { this.readyState = 1; this.onopen?.(); } }, wait);
      }
      send(text) {
        if (this.readyState !== 1) return; // as browsers do
        const message = JSON.parse(text);
        this.sent.push(message);
        world.serve(this, message);
      }
      close() { this.readyState = 3; }
      fall() {
        if (this.readyState === 3) return;
        this.readyState = 3;
        this.onclose?.();
      }
      tell(message, wait = 1) {
        world.#set(() => { if (this.readyState === 1) this.onmessage?.({ data: typeof message === "string" ? message : JSON.stringify(message) }); }, wait);
      }
    };
  }

  get socket() { return this.sockets.at(-1); }
  get timers() { return [...this.#timers.values()].filter(({ own }) => own).length; } // those of the client

  later(wait, then) { this.#set(then, wait); }

  // Lets the time pass, timer by timer.
  async pass(milliseconds) {
    const until = this.now + milliseconds;
    for (;;) {
      await settled();
      const due = [...this.#timers.entries()].filter(([, { at }]) => at <= until).sort(([a, one], [b, other]) => one.at - other.at || a - b)[0];
      if (!due) break;
      this.#timers.delete(due[0]);
      this.now = Math.max(this.now, due[1].at);
      due[1].then();
    }
    this.now = until;
    await settled();
  }

  #set(then, wait = 0, own = false) {
    this.#timers.set(++this.#last, { then, at: this.now + wait, own });
    return this.#last;
  }
}

// Answers every message at once.
export const answering = (data = null) => (socket, { action, request_id }) => socket.tell({ action, data, request_id });
