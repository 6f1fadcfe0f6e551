// graphql-sse 2 and graphql-ws 6 with @defer and @stream: both hand on what comes, part by part.
import assert from "node:assert/strict";
import { createClient } from "graphql-sse";
import { hold, run, url } from "./cases.mjs";
import { DEFER, POSTS, STREAM } from "./parts.mjs";
import { socket } from "./subscribing/shared.mjs";

const clients = { "graphql-sse": () => createClient({ url, retryAttempts: 0 }), "graphql-ws": () => socket() };
const cases = {};

for (const [how, client] of Object.entries(clients)) {
  cases[`a deferred part comes after what is fast, by ${how}`] = async () => {
    await hold(true);
    const parts = client().iterate({ query: DEFER });
    const first = (await parts.next()).value;
    assert.deepEqual([first.data, first.hasNext], [{ user: { id: "1", name: "user 1" } }, true]);
    await hold(false);
    const last = (await parts.next()).value;
    assert.deepEqual(last.incremental[0].data.posts.map(({ name }) => name), POSTS);
    assert.equal((await parts.next()).done, true);
  };
  cases[`a streamed list, by ${how}`] = async () => {
    const found = [];
    for await (const { data, incremental = [] } of client().iterate({ query: STREAM }))
      found.push(...(data?.posts ?? []), ...incremental.flatMap(({ items }) => items));
    assert.deepEqual(found.map(({ name }) => name), [0, 1, 2, 3, 4].map((at) => `post ${at}`));
  };
}

await run(cases);
