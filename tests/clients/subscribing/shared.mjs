// What the subscriptions of every client stand on.
import WebSocket from "ws";
import { createClient } from "graphql-ws";
import { url } from "../cases.mjs";

export const COUNT = "subscription Count { count(to: 3) }";
export const USERS = "subscription Users($ids: [ID!]!) { user(ids: $ids) { id name friends { name } } }";
export const SILENCE = "subscription Silence { silence }";
export const BROKEN = 'subscription Broken { broken(how: "ours") }';
export const REFUSED = "subscription Refused { refused }";
export const TICK = "subscription Tick { tick }";

export const ann = { id: "1", name: "user 1", friends: [{ name: "user 2" }, { name: "user 3" }] };

globalThis.WebSocket ??= WebSocket; // Node 20 has none of its own

/** A client of graphql-ws. */
export const socket = (options = {}) => createClient({ url: url.replace("http", "ws"), retryAttempts: 0, ...options });
