import { RelayEnvironmentProvider } from "react-relay";
import { Environment, Network, RecordSource, Store } from "relay-runtime";
import { credentials, url } from "../../shared/gateway";
import { show } from "../../shared/parts";
import { Airport } from "./Airport";
import { NewTrip } from "./NewTrip";

const network = Network.create(async ({ id, text }, variables) => {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", accept: "application/graphql-response+json", ...credentials() },
    body: JSON.stringify({ ...(id ? { doc_id: id } : { query: text }), variables }),
  });
  return response.json();
});

const environment = new Environment({ network, store: new Store(new RecordSource()) });

show(
  "Relay",
  <RelayEnvironmentProvider environment={environment}>
    <Airport />
    <NewTrip />
  </RelayEnvironmentProvider>,
);
