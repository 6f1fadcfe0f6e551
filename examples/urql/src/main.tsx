import { persistedExchange } from "@urql/exchange-persisted";
import { Client, Provider, cacheExchange, fetchExchange } from "urql";
import { credentials, trusted, url } from "../../shared/gateway";
import { show } from "../../shared/parts";
import { Airport } from "./Airport";
import { NewTrip } from "./NewTrip";

const named = persistedExchange({
  generateHash: async (_, document) => (document as unknown as { __meta__: { hash: string } }).__meta__.hash, // codegen's
  enforcePersistedQueries: true,
  enableForMutation: true,
  enableForSubscriptions: true,
});

const client = new Client({
  url,
  fetchOptions: () => ({ headers: credentials() }),
  fetchSubscriptions: true, // by server-sent events
  exchanges: [cacheExchange, ...(trusted ? [named] : []), fetchExchange],
});

show(
  "urql",
  <Provider value={client}>
    <Airport />
    <NewTrip />
  </Provider>,
);
