import assert from "node:assert/strict";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { answering, chance, World } from "./standin.mjs";

const { connect, SocketError } = await import(pathToFileURL(process.env.GATELEG_CLIENT));
const MINUTE = 60_000;
const URL = "wss://chat.example.com/live";

function opened(world, options = {}) {
  const heard = { messages: [], states: [], errors: [] };
  const client = connect({
    url: () => URL,
    onmessage: message => heard.messages.push(message),
    onstatechange: state => heard.states.push(state),
    onerror: error => heard.errors.push(error),
    ...options,
  });
  return Object.assign(heard, { client });
}

function settling(promise) {
  const seen = { done: false };
  promise.then(value => Object.assign(seen, { done: true, value }), error => Object.assign(seen, { done: true, error }));
  return seen;
}

test("what is called before there is a connection is sent once there is one, and its answer is given", async () => {
  const world = new World({ serve: (socket, { action, request_id, body }) => socket.tell({ action, request_id, data: { said: body } }) });
  const { client, states } = opened(world);
  const answer = settling(client.call("send", { body: "hello" }));
  assert.equal(client.state, "connecting");
  await world.pass(100);
  assert.deepEqual(answer, { done: true, value: { said: "hello" } });
  assert.deepEqual(states, ["open"]);
  assert.deepEqual(Object.keys(world.socket.sent[0]).sort(), ["action", "body", "request_id"]);
});

test("calls go one after the other, in their order", async () => {
  const world = new World({ serve: (socket, { action, request_id, n }) => socket.tell({ action, request_id, data: n }, n === 1 ? 900 : 10) });
  const { client } = opened(world);
  await world.pass(20);
  const answers = [1, 2, 3].map(n => settling(client.call("send", { n })));
  await world.pass(800);
  assert.deepEqual(world.socket.sent.map(({ n }) => n), [1]);
  await world.pass(200);
  assert.deepEqual(answers.map(({ value }) => value), [1, 2, 3]);
});

test("what was not answered when the line fell is sent again with the same id and the same words", async () => {
  const world = new World();
  const { client, states } = opened(world);
  const payload = { body: "once" };
  const answer = settling(client.call("send", payload));
  await world.pass(100);
  payload.body = "changed meanwhile";
  const [first] = world.sockets;
  world.serve = answering("done");
  first.fall();
  await world.pass(1_000);
  assert.equal(answer.value, "done");
  assert.deepEqual(first.sent, world.socket.sent);
  assert.equal(first.sent[0].body, "once");
  assert.deepEqual(states, ["open", "waiting", "connecting", "open"]);
});

test("what may not come twice is not sent twice, and its caller is told that nobody knows", async () => {
  const world = new World();
  const { client } = opened(world);
  const [unknown, next] = [settling(client.call("join", { room: "a" })), settling(client.call("join", { room: "b" }))];
  await world.pass(100);
  world.serve = answering();
  world.socket.fall();
  await world.pass(1_000);
  assert.ok(unknown.error instanceof SocketError);
  assert.equal(unknown.error.code, "client.unanswered");
  assert.deepEqual(world.socket.sent.map(({ room }) => room), ["b"]);
  assert.equal(next.value, null);
});

test("what was never sent waits for the next connection, whether it may come twice or not", async () => {
  const world = new World();
  const { client } = opened(world);
  await world.pass(100);
  world.socket.readyState = 2; // the browser closes, and has not said so
  const answer = settling(client.call("join", { room: "a" }));
  world.serve = answering("joined");
  world.socket.fall();
  await world.pass(1_000);
  assert.equal(answer.value, "joined");
});

test("a line that says nothing is given up when an answer is overdue", async () => {
  const world = new World();
  const { client } = opened(world, { answerWithin: 5_000 });
  const answer = settling(client.call("send", {}));
  await world.pass(4_900);
  assert.equal(world.sockets.length, 1);
  world.serve = answering("heard");
  await world.pass(700);
  assert.equal(world.sockets[0].readyState, 3);
  assert.equal(answer.value, "heard");
});

test("a connection that does not open in time is given up, and so is an address that does not come", async () => {
  const world = new World({ knock: () => 10 ** 9 });
  opened(world, { answerWithin: 5_000 });
  await world.pass(12_000);
  assert.ok(world.sockets.length >= 2);
  const other = new World({ serve: answering() });
  let asked = 0;
  const { client } = opened(other, { answerWithin: 5_000, url: () => (++asked === 1 ? new Promise(() => {}) : URL) });
  await other.pass(7_000);
  assert.deepEqual([asked, client.state], [2, "open"]);
});

test("the address is asked for before each connection, and what it fails with is told", async () => {
  const world = new World();
  let number = 0;
  const { errors, client } = opened(world, {
    url: async () => {
      if (++number === 2) throw new Error("no token today");
      return `${URL}?token=${number}`;
    },
  });
  await world.pass(100);
  world.socket.fall();
  await world.pass(2_000);
  assert.deepEqual(world.sockets.map(({ url }) => url), [`${URL}?token=1`, `${URL}?token=3`]);
  assert.deepEqual(errors.map(String), ["Error: no token today"]);
  assert.equal(client.state, "open");
});

test("pauses are random parts of a time that doubles up to the longest", async () => {
  for (const [part, wanted] of [[0.5, [250, 500, 1_000, 2_000, 4_000, 5_000, 5_000]], [0, [0, 0, 0]]]) {
    const world = new World({ random: () => part, knock: () => null });
    opened(world, { maxDelay: 10_000 });
    await world.pass(part ? 25_000 : 20);
    const began = world.sockets.map(({ at }) => at);
    assert.deepEqual(began.slice(1, wanted.length + 1).map((at, index) => at - began[index] - 5), wanted);
  }
});

test("the pauses begin anew once something was heard, and not because a connection opened", async () => {
  const world = new World({ random: () => 0.999 });
  opened(world);
  for (let fallen = 0; fallen < 5; fallen++) {
    await world.pass(20_000);
    world.socket.fall();
  }
  await world.pass(7_000);
  assert.equal(world.sockets.length, 5, "the sixth waits for eight seconds");
  await world.pass(9_000);
  world.socket.tell({ event: "hello" });
  await world.pass(10);
  world.socket.fall();
  await world.pass(600);
  assert.equal(world.sockets.length, 7);
});

test("a connection is renewed between three quarters and the whole of its longest age, at a random time", async () => {
  const ages = [];
  for (let seed = 1; seed <= 200; seed++) {
    const world = new World({ seed, serve: answering() });
    const { client } = opened(world);
    while (world.sockets.length < 2) await world.pass(MINUTE);
    ages.push(world.socket.at);
    assert.equal(world.sockets[0].readyState, 3);
    await world.pass(1_000);
    assert.equal(client.state, "open");
  }
  assert.ok(Math.min(...ages) >= 86.25 * MINUTE);
  assert.ok(Math.max(...ages) < 116 * MINUTE);
  assert.ok(Math.min(...ages) < 90 * MINUTE);
  assert.ok(Math.max(...ages) > 112 * MINUTE);
});

test("a connection that is due is renewed when what is under way was answered", async () => {
  const world = new World({ random: () => 0 });
  const { client } = opened(world, { renewAfter: 8_000 });
  await world.pass(5_990);
  world.serve = (socket, { request_id, action }) => socket.tell({ action, request_id, data: 1 }, 5_000);
  const [first, second] = [settling(client.call("join", {})), settling(client.call("join", {}))];
  await world.pass(4_000);
  assert.equal(world.sockets.length, 1);
  await world.pass(1_200);
  assert.equal(first.value, 1);
  assert.equal(world.sockets.length, 2);
  await world.pass(6_000);
  assert.equal(second.value, 1);
  assert.deepEqual(world.sockets.slice(0, 2).map(({ sent }) => sent.length), [1, 1]);
});

test("a ping is sent when nothing was for five minutes, and no sooner", async () => {
  const world = new World({ serve: answering() });
  const { client } = opened(world);
  await world.pass(4 * MINUTE);
  client.send("join", { room: "a" });
  await world.pass(4 * MINUTE);
  assert.deepEqual(world.socket.sent.map(({ action }) => action), ["join"]);
  await world.pass(2 * MINUTE);
  assert.deepEqual(world.socket.sent.map(({ action }) => action), ["join", "ping"]);
  await world.pass(20 * MINUTE);
  assert.equal(world.socket.sent.length, 6);
  assert.equal(world.sockets.length, 1);
});

test("a ping that is not answered ends a dead line", async () => {
  const world = new World();
  opened(world);
  await world.pass(5 * MINUTE + 29_000);
  assert.equal(world.sockets.length, 1);
  await world.pass(3_000);
  assert.equal(world.sockets.length, 2);
});

test("an error that passes is tried again with the same id, and one that does not is told", async () => {
  const errors = ["internal", "store.throttled", "store.transaction_conflict", "websocket.in_progress", "websocket.invalid_payload"];
  const world = new World({ serve: (socket, { request_id }) => socket.tell({ error: { code: errors.shift(), message: "m", details: [{ loc: ["a"] }] }, request_id }) });
  const { client } = opened(world);
  const answer = settling(client.call("send", {}));
  await world.pass(20_000);
  assert.equal(answer.error.code, "websocket.invalid_payload");
  assert.deepEqual([answer.error.name, answer.error.message, answer.error.details], ["SocketError", "m", [{ loc: ["a"] }]]);
  assert.equal(new Set(world.socket.sent.map(({ request_id }) => request_id)).size, 1);
  assert.equal(world.sockets.length, 1);
});

test("a route that may not be repeated is not, whatever the error, but for one that says that nothing was done", async () => {
  const errors = ["websocket.too_often", "internal"];
  const world = new World({ serve: (socket, { request_id }) => socket.tell({ error: { code: errors.shift(), message: "m" }, request_id }) });
  const { client } = opened(world);
  const answer = settling(client.call("join", {}));
  await world.pass(20_000);
  assert.equal(answer.error.code, "internal");
  assert.equal(world.socket.sent.length, 2);
});

test("a call is not tried more often than it may be, and does not hold up the next", async () => {
  const world = new World({ serve: (socket, { poison, request_id, action }) => (poison ? socket.fall() : socket.tell({ action, request_id, data: "well" })) });
  const { client } = opened(world, { tries: 3 });
  const [poison, next] = [settling(client.call("send", { poison: true })), settling(client.call("send", {}))];
  await world.pass(60_000);
  assert.equal(poison.error.code, "client.unanswered");
  assert.equal(world.sockets.flatMap(({ sent }) => sent).filter(message => message.poison).length, 3);
  assert.equal(next.value, "well");
});

test("API Gateway's own word that a handler failed is taken for no answer", async () => {
  let failing = true;
  const world = new World({
    serve(socket, { action, request_id }) {
      if (failing) socket.tell({ message: "Internal server error", connectionId: "c", requestId: "r" });
      else socket.tell({ action, request_id, data: "done" });
      failing = false;
    },
  });
  const { client, messages } = opened(world);
  const answer = settling(client.call("send", {}));
  await world.pass(1_500);
  assert.equal(answer.value, "done");
  assert.deepEqual(messages, []);
  assert.equal(world.sockets.length, 1);
});

test("what the API says unasked is handed on, but for answers that nobody waits for", async () => {
  const world = new World();
  const { client, messages, errors } = opened(world);
  await world.pass(100);
  for (const frame of [{ event: "a" }, { action: "join", data: 1, request_id: "old" }, { error: { code: "c", message: "m" } }, "no JSON", "null", { event: "b" }]) world.socket.tell(frame);
  await world.pass(100);
  assert.deepEqual(messages, [{ event: "a" }, null, { event: "b" }]);
  assert.deepEqual(errors.map(({ code, name }) => code ?? name), ["c", "SyntaxError"]);
  assert.equal(client.state, "open");
});

test("what was missed is handed on before what comes meanwhile, once, and from where it ended", async () => {
  const asked = [];
  const world = new World({ serve: answering("joined") });
  const store = [1, 2, 3].map(n => ({ n: `${n}` }));
  const { messages } = opened(world, {
    id: ({ n }) => n,
    async resume(lastId, call) {
      asked.push([lastId, await call("join", { room: "a" })]);
      await new Promise(done => world.later(500, done));
      return store;
    },
  });
  await world.pass(200);
  world.socket.tell({ n: "3" });
  world.socket.tell({ n: "4" });
  await world.pass(100);
  assert.deepEqual(messages, []);
  await world.pass(1_000);
  assert.deepEqual(messages.map(({ n }) => n), ["1", "2", "3", "4"]);
  store.push({ n: "4" }, { n: "5" });
  world.socket.fall();
  await world.pass(2_000);
  assert.deepEqual(messages.map(({ n }) => n), ["1", "2", "3", "4", "5"]);
  assert.deepEqual(asked, [[undefined, "joined"], ["4", "joined"]]);
});

test("calls wait until what was missed is there", async () => {
  const world = new World({ serve: answering() });
  const { client } = opened(world, { resume: async (_, call) => { await call("join", {}); await new Promise(done => world.later(500, done)); } });
  const answer = settling(client.call("send", {}));
  await world.pass(400);
  assert.deepEqual([client.state, world.socket.sent.length, answer.done], ["connecting", 1, false]);
  await world.pass(400);
  assert.deepEqual([client.state, answer.done], ["open", true]);
});

test("a resumption that fails is told, and tried on the next connection", async () => {
  const world = new World({ serve: answering() });
  let failing = 2;
  const { client, errors } = opened(world, { resume: async () => { if (failing-- > 0) throw new Error("no history"); } });
  await world.pass(5_000);
  assert.deepEqual(errors.map(({ message }) => message), ["no history", "no history"]);
  assert.deepEqual([client.state, world.sockets.length], ["open", 3]);
  assert.deepEqual(world.sockets.map(({ readyState }) => readyState), [3, 3, 1]);
});

test("a line that falls while it is resumed fails the resumption's calls, and no error is told", async () => {
  const world = new World();
  const calls = [];
  const { errors, client } = opened(world, { resume: async (_, call) => { calls.push(settling(call("join", {}))); await call("join", {}); } });
  await world.pass(100);
  world.serve = answering();
  world.socket.fall();
  await world.pass(2_000);
  assert.equal(calls[0].error.code, "client.unanswered");
  assert.deepEqual(errors, []);
  assert.equal(client.state, "open");
});

test("what is sent without waiting goes now or never", async () => {
  const world = new World();
  const { client } = opened(world);
  assert.equal(client.send("join", { room: "a" }), false);
  await world.pass(100);
  assert.equal(client.send("join", { room: "b" }), true);
  assert.deepEqual(world.socket.sent, [{ room: "b", action: "join" }]);
  world.socket.fall();
  assert.equal(client.send("join", { room: "c" }), false);
  await world.pass(2_000);
  assert.deepEqual(world.socket.sent, []);
});

test("after close nothing is sent, nothing runs and every call has failed", async () => {
  const world = new World();
  const { client, states, messages } = opened(world);
  const calls = [settling(client.call("send", {})), settling(client.call("send", {}))];
  await world.pass(100);
  world.socket.tell({ event: "late" });
  client.close();
  client.close();
  const late = settling(client.call("send", {}));
  world.listeners.get("online")?.();
  await world.pass(10 * MINUTE);
  assert.deepEqual([...calls, late].map(({ error }) => error.code), ["client.closed", "client.closed", "client.closed"]);
  assert.deepEqual(states, ["open", "closed"]);
  assert.deepEqual([messages, world.sockets.length, world.timers, world.listeners.size], [[], 1, 0, 0]);
  assert.equal(world.socket.readyState, 3);
});

test("close ends a client that waits, that connects, and that hands messages on", async () => {
  const waiting = new World({ knock: () => null });
  const one = opened(waiting);
  await waiting.pass(6);
  one.client.close();
  await waiting.pass(MINUTE);
  assert.deepEqual([one.client.state, waiting.sockets.length], ["closed", 1]);
  const connecting = new World();
  const two = opened(connecting, { url: () => new Promise(done => connecting.later(100, () => done(URL))) });
  await connecting.pass(50);
  two.client.close();
  await connecting.pass(MINUTE);
  assert.deepEqual([two.client.state, connecting.sockets.length], ["closed", 0]);
  const handing = new World();
  const heard = [];
  const three = opened(handing, { resume: async () => [{ n: 1 }, { n: 2 }], onmessage: message => { heard.push(message); three.client.close(); } });
  await handing.pass(MINUTE);
  assert.deepEqual([three.client.state, heard, handing.timers], ["closed", [{ n: 1 }], 0]);
});

test("the browser's word that it is online again ends a pause, and tests a line that seems open", async () => {
  const world = new World({ random: () => 0.999, knock: () => null });
  opened(world);
  await world.pass(20_000);
  const tried = world.sockets.length;
  Object.assign(world, { knock: () => 10, serve: answering() });
  world.listeners.get("online")();
  await world.pass(20);
  assert.equal(world.sockets.length, tried + 1);
  world.listeners.get("online")();
  assert.deepEqual(world.socket.sent.map(({ action }) => action), ["ping"]);
  await world.pass(MINUTE);
  assert.equal(world.sockets.length, tried + 1, "the pause is over");
});

test("what a page does wrong in its own functions ends no connection", async () => {
  const thrown = [];
  const microtask = globalThis.queueMicrotask;
  globalThis.queueMicrotask = reported => { try { reported(); } catch (error) { thrown.push(error.message); } };
  const world = new World();
  const { client } = opened(world, { onmessage: () => { throw new Error("the page's own"); } });
  await world.pass(100);
  world.socket.tell({ event: "a" });
  await world.pass(100);
  globalThis.queueMicrotask = microtask;
  assert.deepEqual([thrown, client.state], [["the page's own"], "open"]);
});

test("protocols are offered, and what is no option is refused", async () => {
  const world = new World();
  opened(world, { protocols: ["chat.v2", "chat.v1"] });
  await world.pass(10);
  assert.deepEqual(world.socket.protocols, ["chat.v2", "chat.v1"]);
  assert.throws(() => connect({ url: () => URL, onmesage() {} }), /there is no option onmesage/);
  assert.throws(() => connect({ url: URL }), /url is a function/);
});

test("a payload that cannot be written is told to its caller, and holds up nobody", async () => {
  const world = new World({ serve: answering("well") });
  const { client } = opened(world);
  const circle = {};
  circle.own = circle;
  const [wrong, right] = [settling(client.call("send", circle)), settling(client.call("send", {}))];
  await world.pass(200);
  assert.ok(wrong.error instanceof TypeError);
  assert.equal(right.value, "well");
});

test("what the API could not read, and what would end the connection, is told to its caller and not sent", async () => {
  const world = new World({ serve: answering("well") });
  const { client, states } = opened(world);
  const smile = "\u{1f600}", empty = JSON.stringify({ body: "", action: "send" }).length;
  const wrong = ["hello " + smile[0], smile[1], "\\" + smile[0], { [smile[0]]: 1 }].map(body => settling(client.call("send", { body })));
  const large = [settling(client.call("send", { body: "x".repeat(32_768) })), settling(client.call("send", { body: "\u00e9".repeat(16_384) }))];
  const right = [smile, "\\ud83d", "\\\\ud83d \\n", "x".repeat(32_600)].map(body => settling(client.call("send", { body })));
  await world.pass(300);
  assert.deepEqual(wrong.map(({ error }) => [error instanceof SocketError, error.code]), wrong.map(() => [true, "client.ill_formed"]));
  assert.deepEqual(large.map(({ error }) => [error instanceof SocketError, error.code]), large.map(() => [true, "client.too_large"]));
  assert.deepEqual(right.map(({ value }) => value), right.map(() => "well"));
  assert.deepEqual([world.socket.sent.length, states], [right.length, ["open"]]);
  assert.throws(() => client.send("send", { body: smile[0] }), { code: "client.ill_formed" });
  assert.throws(() => client.send("send", { body: "x".repeat(32_769 - empty) }), { code: "client.too_large", message: /has 32769 bytes, 32768 can be sent; send less/ });
  assert.equal(client.send("send", { body: "x".repeat(32_768 - empty) }), true);
});

// Whatever the line and the server do: each call settles, what may be repeated is done once, in order, and what may not at most once.
async function storm(seed) {
  const random = chance(seed);
  const done = new Map(), order = [], said = [];
  const world = new World({
    seed: seed + 1_000_000,
    knock: () => (random() < 0.3 ? null : random() < 0.1 ? 10 ** 9 : random() * 300),
    serve(socket, { action, n, request_id }) {
      const fate = random();
      if (fate < 0.1) return void socket.fall(); // before it came
      if (fate < 0.15) return; // swallowed: the line is dead
      const again = done.get(n) ?? 0;
      if (action === "send" ? !again : true) order.push(n);
      done.set(n, action === "send" ? 1 : again + 1);
      if (fate < 0.3) return void socket.fall(); // before its answer came
      if (fate < 0.4) return void socket.tell({ error: { code: "internal", message: "m" }, action, request_id }, random() * 100);
      if (fate < 0.45) return void socket.tell({ message: "Internal server error", connectionId: "c", requestId: "r" }, random() * 100);
      socket.tell({ action, data: n, request_id }, random() * 2_000);
    },
  });
  const { client, errors } = opened(world, { answerWithin: 5_000, tries: 1_000, renewAfter: 60_000, maxDelay: 2_000 });
  for (let n = 0; n < 40; n++) {
    const action = random() < 0.7 ? "send" : "join";
    said.push({ n, action, seen: settling(client.call(action, { n })) });
    await world.pass(random() * 3_000);
  }
  await world.pass(60 * MINUTE);
  for (const { n, action, seen } of said) {
    assert.ok(seen.done, `seed ${seed}: call ${n} never settled`);
    if (action === "send") assert.deepEqual([seen.value, done.get(n)], [n, 1], `seed ${seed}: call ${n}`);
    else {
      assert.ok((done.get(n) ?? 0) <= 1, `seed ${seed}: ${n} was done twice`);
      if (seen.value === n) assert.equal(done.get(n), 1);
      else assert.ok(["client.unanswered", "internal"].includes(seen.error.code), seen.error.code);
    }
  }
  assert.deepEqual(order, [...order].sort((a, b) => a - b), `seed ${seed}: in order`);
  assert.deepEqual(errors, []);
  client.close();
  await world.pass(MINUTE);
  assert.equal(world.timers, 0, `seed ${seed}: a timer is left`);
}

test("in any storm nothing is lost, nothing is done twice, and everything is in order", async () => {
  const first = Number(process.env.GATELEG_SEED ?? 1);
  for (let seed = first; seed < first + Number(process.env.GATELEG_SEEDS ?? 20); seed++) await storm(seed);
});
