// Subscribes to a topic that AppSync Events sends: https://docs.aws.amazon.com/appsync/latest/eventapi/event-api-websocket-protocol.html
const nothing = () => {};
const DEFAULTS = { url: null, host: null, ticket: null, onmessage: nothing, onstatechange: nothing, onerror: nothing, answerWithin: 30_000, maxDelay: 30_000 };
const MIN_DELAY = 500, INIT = JSON.stringify({ type: "connection_init" });

export function subscribe(options) {
  const given = { ...DEFAULTS };
  let state = "connecting", line = null, attempt = 0, pause;
  for (const name in options) {
    if (!(name in DEFAULTS)) throw new TypeError(`there is no option ${name}`);
    given[name] = options[name] ?? DEFAULTS[name];
  }
  if (typeof given.ticket !== "function") throw new TypeError("ticket is a function that gives a channel and a token");
  const host = given.host ?? new URL(given.url).host.replace("appsync-realtime-api", "appsync-api");

  function tell(name, value) {
    try { given[name](value); } catch (error) { queueMicrotask(() => { throw error; }); }
  }

  function change(next) {
    if (next === state) return;
    state = next;
    tell("onstatechange", state);
  }

  async function open() {
    const own = line = { wait: given.answerWithin };
    change("connecting");
    alive(own);
    try {
      const { channel, token } = await given.ticket();
      if (line !== own) return;
      const authorization = { host, Authorization: token };
      const header = btoa(JSON.stringify(authorization)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
      const socket = own.socket = new WebSocket(given.url, ["aws-appsync-event-ws", `header-${header}`]);
      own.asking = JSON.stringify({ type: "subscribe", id: "1", channel, authorization });
      socket.onopen = () => socket.send(INIT);
      socket.onclose = () => lost(own);
      socket.onmessage = ({ data }) => received(own, JSON.parse(data));
    } catch (error) {
      if (line !== own) return;
      tell("onerror", error);
      lost(own);
    }
  }

  // A line on which nothing comes, not even what keeps it alive, is dead.
  function alive(own) {
    clearTimeout(own.timer);
    own.timer = setTimeout(() => lost(own), own.wait);
  }

  function received(own, { type, connectionTimeoutMs, event, errors }) {
    if (line !== own) return;
    if (type === "connection_ack") {
      own.wait = connectionTimeoutMs ?? own.wait;
      own.socket.send(own.asking);
    } else if (type === "subscribe_success") {
      attempt = 0;
      change("open");
    } else if (type === "data") {
      for (const text of [event].flat()) tell("onmessage", JSON.parse(text));
    } else if (errors) {
      tell("onerror", new Error(`${type}: ${errors[0]?.message ?? errors[0]?.errorType}`));
      return lost(own);
    }
    alive(own);
  }

  function lost(own) {
    if (line !== own) return;
    drop();
    // Full jitter, as in socket.js.
    pause = setTimeout(open, Math.random() * Math.min(given.maxDelay, MIN_DELAY * 2 ** attempt++));
    change("waiting");
  }

  function drop() {
    clearTimeout(line?.timer);
    line?.socket?.close();
    line = null;
  }

  open();
  return {
    get state() { return state; },
    close() {
      clearTimeout(pause);
      drop();
      change("closed");
    },
  };
}
