import { createClient, type RequestParams, type Sink } from "graphql-sse";
import { RelayEnvironmentProvider } from "react-relay";
import {
  Environment,
  type GraphQLResponse,
  Network,
  Observable,
  RecordSource,
  type RequestParameters,
  Store,
  type Variables,
} from "relay-runtime";
import { credentials, url } from "../../shared/gateway";
import { show } from "../../shared/parts";
import { Airport } from "./Airport";
import { NewTrip } from "./NewTrip";

const asked = ({ id, text }: RequestParameters, variables: Variables) => ({
  ...(id ? { doc_id: id } : { query: text }),
  variables,
});

async function answer(operation: RequestParameters, variables: Variables) {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", accept: "application/graphql-response+json", ...credentials() },
    body: JSON.stringify(asked(operation, variables)),
  });
  return response.json();
}

const events = createClient({ url, headers: credentials });

const watch = (operation: RequestParameters, variables: Variables) =>
  Observable.create<GraphQLResponse>((sink) =>
    events.subscribe(asked(operation, variables) as RequestParams, sink as Sink<unknown>),
  );

const environment = new Environment({ network: Network.create(answer, watch), store: new Store(new RecordSource()) });

show(
  "Relay",
  <RelayEnvironmentProvider environment={environment}>
    <Airport />
    <NewTrip />
  </RelayEnvironmentProvider>,
);
