// Relay 21: its network's subscribe function through graphql-ws, as its guide has it.
import assert from "node:assert/strict";
import { join } from "node:path";
import relay from "relay-runtime";
import { arrived, run } from "../cases.mjs";
import { ann, socket } from "./shared.mjs";

const { Environment, Network, Observable, RecordSource, Store, requestSubscription } = relay;

const compiled = (name) => import(join(process.argv[4], "__generated__", `${name}.graphql.js`)).then((found) => found.default);
const [users, broken, silence] = await Promise.all(
  ["subscriptionsUsersSubscription", "subscriptionsBrokenSubscription", "subscriptionsSilenceSubscription"].map(compiled),
);

function environment() {
  const client = socket();
  const subscribe = (operation, variables) =>
    Observable.create((sink) =>
      client.subscribe({ operationName: operation.name, query: operation.text, variables }, sink),
    );
  return new Environment({ network: Network.create(() => assert.fail("no query"), subscribe), store: new Store(new RecordSource()) });
}

const all = (subscription, variables) =>
  new Promise((resolve) => {
    const found = [];
    requestSubscription(environment(), {
      subscription,
      variables,
      onNext: (each) => found.push(each),
      onError: (error) => resolve({ found, error }),
      onCompleted: () => resolve({ found }),
    });
  });

await run({
  async "a subscription to its end, with variables"() {
    const { found, error } = await all(users, { ids: ["1"] });
    assert.equal(error, undefined);
    assert.deepEqual(found, [{ user: ann }]);
  },
  async "a source that fails"() {
    const { found, error } = await all(broken, {});
    assert.deepEqual(found, [{ broken: 1 }]);
    assert.equal(error[0].extensions.code, "UPSTREAM_UNREACHABLE");
  },
  async "a subscription that is ended by its client"() {
    const { dispose } = requestSubscription(environment(), { subscription: silence, variables: {} });
    await arrived();
    dispose();
  },
});
