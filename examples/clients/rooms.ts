import createClient from "openapi-fetch";
import type { components, paths } from "./chat.js";

declare const process: { argv: string[] };

const baseUrl = process.argv[2]!.replace(/\/$/, "");
const anybody = createClient<paths>({ baseUrl });
const { data: session } = await anybody.POST("/sessions", { body: { name: "typescript" } });
const chat = createClient<paths>({ baseUrl, headers: { Authorization: `Bearer ${session!.token}` } });

const { data: room } = await chat.POST("/rooms", { body: { room: "typescript" } });
const opened: components["schemas"]["Room"] = room!;
const title: string = opened.title; // a default: nobody has to send it, and it is always answered
console.log(opened.room + title);
const { data: page } = await chat.GET("/rooms", { params: { query: { limit: 100 } } });
const cursor: string | null = page!.cursor; // null: there are no more
console.log(page!.items.some(found => found.room === "typescript"));

// What goes wrong has a type, too: of the data, of a request that is not valid, of the API.
const { error: taken } = await chat.POST("/rooms", { body: { room: "typescript" } });
console.log(taken && "error" in taken ? taken.error.code : taken);
const { error: long } = await chat.POST("/rooms", { body: { room: "x".repeat(500) } });
console.log(long && "detail" in long ? `${long.statusCode} ${long.detail[0]?.loc.join(".")}` : long);
const { error: stranger, response } = await anybody.GET("/rooms");
console.log(response.status, stranger && "message" in stranger ? stranger.message : stranger);

// What the API has not is a mistake before anything runs.
// @ts-expect-error there is no such path
await chat.GET("/chambers");
// @ts-expect-error a room has a name
await chat.POST("/rooms", { body: { title: "" } });
// @ts-expect-error a limit is a number
await chat.GET("/rooms", { params: { query: { limit: "all" } } });
