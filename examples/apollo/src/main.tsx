import { ApolloClient, ApolloLink, HttpLink, InMemoryCache } from "@apollo/client";
import { SetContextLink } from "@apollo/client/link/context";
import { PersistedQueryLink } from "@apollo/client/link/persisted-queries";
import { ApolloProvider } from "@apollo/client/react";
import { relayStylePagination } from "@apollo/client/utilities";
import { generatePersistedQueryIdsFromManifest } from "@apollo/persisted-query-lists";
import { credentials, trusted, url } from "../../shared/gateway";
import { show } from "../../shared/parts";
import { Airport } from "./Airport";
import { NewTrip } from "./NewTrip";

const named = new PersistedQueryLink(
  generatePersistedQueryIdsFromManifest({ loadManifest: () => import("./gql/persisted-query-manifest.json") }),
);

const client = new ApolloClient({
  link: ApolloLink.from([
    new SetContextLink(() => ({ headers: credentials() })),
    ...(trusted ? [named] : []),
    new HttpLink({ uri: url }),
  ]),
  cache: new InMemoryCache({ typePolicies: { Query: { fields: { cities: relayStylePagination(["country"]) } } } }),
});

show(
  "Apollo Client",
  <ApolloProvider client={client}>
    <Airport />
    <NewTrip />
  </ApolloProvider>,
);
