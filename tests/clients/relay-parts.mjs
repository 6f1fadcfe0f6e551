// Relay 21 with @defer and @stream. Its network is the application's: this one reads parts as they come.
import assert from "node:assert/strict";
import { join } from "node:path";
import relay from "relay-runtime";
import { fetch, hold, run, url } from "./cases.mjs";
import { FRIENDS, POSTS } from "./parts.mjs";

const { createOperationDescriptor, Environment, getSelector, Network, Observable, RecordSource, Store } = relay;

const compiled = (name) => import(join(process.argv[4], "__generated__", `${name}.graphql.js`)).then((found) => found.default);
const [slow, boom, defer, list, stream, lost] = await Promise.all(
  ["queriesSlow", "queriesBoom", "queriesDeferQuery", "queriesListQuery", "queriesStreamQuery", "queriesLostQuery"].map(compiled),
);

const ACCEPT = "multipart/mixed;deferSpec=20220824, application/json";

/** The JSON of each part of a body, as soon as the delimiter behind it is there. */
async function* parts(response) {
  if (!response.headers.get("content-type").startsWith("multipart/mixed")) return yield await response.json();
  let text = "\r\n";
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    const pieces = text.split("\r\n---");
    text = pieces.pop();
    for (const piece of pieces.filter((each) => each.includes("\r\n\r\n"))) yield JSON.parse(piece.split("\r\n\r\n")[1]);
  }
}

/** What Relay reads: the first part, and then each fragment and each item as a payload of its own. */
function* payloads({ data, errors, incremental = [], hasNext = false }) {
  if (data !== undefined) yield { data, errors, extensions: { is_final: !hasNext } };
  const flat = incremental.flatMap(({ items, path, ...rest }) =>
    items ? items.map((item, at) => ({ ...rest, data: item, path: [...path.slice(0, -1), path.at(-1) + at] })) : [{ ...rest, path }],
  );
  for (const [at, payload] of flat.entries()) {
    yield { ...payload, extensions: { is_final: !hasNext && at === flat.length - 1 } };
  }
}

function environment() {
  const post = (asked, variables) =>
    Observable.create((sink) => {
      const leaving = new AbortController();
      const read = async () => {
        const headers = { "content-type": "application/json", accept: ACCEPT };
        const body = JSON.stringify({ query: asked.text, variables });
        const response = await fetch(url, { method: "POST", headers, body, signal: leaving.signal });
        for await (const part of parts(response)) for (const payload of payloads(part)) sink.next(payload);
        sink.complete();
      };
      read().catch((error) => sink.error(error));
      return () => leaving.abort();
    });
  return new Environment({ network: Network.create(post), store: new Store(new RecordSource()) });
}

/** What the store has for a query after everything has come. `first` is called after the first payload. */
const watched = (query, variables = {}, first = () => {}) =>
  new Promise((resolve, reject) => {
    const one = environment();
    const operation = createOperationDescriptor(query, variables);
    const held = one.retain(operation);
    let seen = 0;
    const read = () => one.lookup(operation.fragment).data;
    one.execute({ operation }).subscribe({
      next: async () => (seen += 1) === 1 && (await first(read())),
      error: reject,
      complete: () => resolve({ data: read(), of: (fragment, user) => one.lookup(getSelector(fragment, user)), held }),
    });
  });

await run({
  async "a deferred fragment comes after what is fast"() {
    await hold(true);
    const { data, of } = await watched(defer, { id: "1" }, async ({ user }) => {
      assert.equal(user.name, "user 1");
      await hold(false);
    });
    const found = of(slow, data.user);
    assert.equal(found.isMissingData, false);
    assert.deepEqual(found.data, { posts: POSTS.map((name) => ({ name })), friends: FRIENDS.map(({ name }) => ({ name })) });
  },
  async "a deferred fragment on all items of a list"() {
    const { data, of } = await watched(list);
    assert.deepEqual(data.users.map((user) => of(slow, user).data.posts.length), [2, 2]);
  },
  async "a streamed list"() {
    const { data } = await watched(stream);
    assert.deepEqual(data.users.map(({ name }) => name), [1, 2, 3, 4, 5].map((at) => `user ${at}`));
  },
  async "an error in a deferred fragment: Relay gives what there is"() {
    const { data, of } = await watched(lost);
    assert.deepEqual(of(boom, data.user).data, { boom: null });
  },
});
