import assert from "node:assert/strict";
import { test } from "node:test";
import { World } from "./standin.mjs";

const { subscribe } = await import("../../../gateleg/browser/channel.js");
const URL = "wss://a1b2c3.appsync-realtime-api.eu-north-1.amazonaws.com/event/realtime";
const HOST = "a1b2c3.appsync-api.eu-north-1.amazonaws.com";

function serving(socket, { type }) {
  if (type === "connection_init") socket.tell({ type: "connection_ack", connectionTimeoutMs: 300_000 });
  if (type === "subscribe") socket.tell({ type: "subscribe_success", id: "1" });
}

function subscribed(world, options = {}) {
  const heard = { messages: [], states: [], errors: [], tickets: 0 };
  const subscription = subscribe({
    url: URL,
    ticket: async () => ({ channel: "/topics/troom", token: `token${++heard.tickets}` }),
    onmessage: message => heard.messages.push(message),
    onstatechange: state => heard.states.push(state),
    onerror: error => heard.errors.push(error.message),
    ...options,
  });
  return Object.assign(heard, { subscription });
}

const read = text => JSON.parse(Buffer.from(text, "base64url"));

test("it connects and subscribes with its ticket, and hands on what is sent", async () => {
  const world = new World({ serve: serving });
  const { messages, states } = subscribed(world);
  await world.pass(100);
  const [protocol, header] = world.socket.protocols;
  assert.equal(protocol, "aws-appsync-event-ws");
  assert.match(header, /^header-[A-Za-z0-9_-]+$/);
  assert.deepEqual(read(header.slice(7)), { host: HOST, Authorization: "token1" });
  assert.deepEqual(world.socket.sent, [
    { type: "connection_init" },
    { type: "subscribe", id: "1", channel: "/topics/troom", authorization: { host: HOST, Authorization: "token1" } },
  ]);
  world.socket.tell({ type: "data", id: "1", event: '{"n":1}' });
  world.socket.tell({ type: "data", id: "1", event: ['{"n":2}', '{"n":3}'] }, 2);
  await world.pass(10);
  assert.deepEqual(messages, [{ n: 1 }, { n: 2 }, { n: 3 }]);
  assert.deepEqual(states, ["open"]);
});

test("it asks for another ticket each time that it connects anew", async () => {
  const world = new World({ serve: serving });
  const heard = subscribed(world);
  await world.pass(100);
  world.socket.fall();
  await world.pass(600);
  assert.equal(world.sockets.length, 2);
  assert.deepEqual(heard.states, ["open", "waiting", "connecting", "open"]);
  assert.equal(read(world.socket.protocols[1].slice(7)).Authorization, "token2");
});

test("a line on which nothing comes for as long as AppSync said is given up, and one that is kept alive is not", async () => {
  const world = new World({ serve: serving });
  subscribed(world);
  await world.pass(100);
  const first = world.socket;
  first.tell({ type: "ka" }, 250_000);
  await world.pass(500_000);
  assert.equal(world.sockets.length, 1);
  await world.pass(60_000);
  assert.equal(world.sockets.length, 2);
  assert.equal(first.readyState, 3);
});

test("a line that does not open is given up", async () => {
  const world = new World({ knock: () => 10 ** 9 });
  subscribed(world, { answerWithin: 2_000 });
  await world.pass(2_900);
  assert.equal(world.sockets.length, 2);
});

test("what AppSync refuses is told, and tried again after longer and longer", async () => {
  const world = new World({ random: () => 0.999, serve: (socket, { type }) => socket.tell(type === "subscribe" ? { type: "subscribe_error", errors: [{ errorType: "UnauthorizedException" }] } : { type: "connection_ack" }) });
  const heard = subscribed(world, { maxDelay: 2_000 });
  await world.pass(8_000);
  assert.deepEqual([...new Set(heard.errors)], ["subscribe_error: UnauthorizedException"]);
  const pauses = world.sockets.slice(1).map((socket, index) => Math.round((socket.at - world.sockets[index].at) / 500) * 500);
  assert.deepEqual(pauses.slice(0, 4), [500, 1_000, 2_000, 2_000]);
});

test("after a subscription that stood, pauses are short again", async () => {
  let knocks = 0;
  const world = new World({ random: () => 0.999, serve: serving, knock: () => (++knocks < 4 ? null : 10) });
  subscribed(world);
  await world.pass(5_000);
  assert.equal(world.sockets.length, 4);
  world.socket.fall();
  await world.pass(600);
  assert.equal(world.sockets.length, 5);
});

test("a line that was given up hands nothing on", async () => {
  const world = new World({ serve: serving });
  const heard = subscribed(world);
  await world.pass(100);
  const first = world.socket;
  first.fall();
  first.onmessage({ data: JSON.stringify({ type: "data", event: "1" }) }); // as browsers may, of what had come before
  assert.deepEqual(heard.messages, []);
});

test("a ticket that cannot be had is told, and asked for again", async () => {
  const world = new World({ serve: serving });
  let asked = 0;
  const heard = subscribed(world, { ticket: async () => { if (!asked++) throw new Error("not now"); return { channel: "/topics/a", token: "t" }; } });
  await world.pass(700);
  assert.deepEqual(heard.errors, ["not now"]);
  assert.equal(heard.subscription.state, "open");
});

test("what is closed stays closed and leaves nothing behind", async () => {
  const world = new World({ serve: serving });
  const heard = subscribed(world);
  await world.pass(100);
  heard.subscription.close();
  world.socket.tell({ type: "data", event: "1" });
  await world.pass(10 ** 6);
  assert.deepEqual([world.sockets.length, world.timers, heard.messages, heard.states.at(-1)], [1, 0, [], "closed"]);
});

test("options that are none are refused", () => {
  new World();
  assert.throws(() => subscribe({ url: URL, ticket: () => ({}), onmesage: () => {} }), /there is no option onmesage/);
  assert.throws(() => subscribe({ url: URL }), /ticket is a function that gives a channel and a token/);
});
