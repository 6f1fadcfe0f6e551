import { useState } from "react";
import { useQuery } from "urql";
import { Refused } from "../../shared/parts";
import { graphql } from "./gql";
import { refusals } from "./refusals";

const CITIES = graphql(`
  query Cities($country: ID!, $after: String) {
    cities(country: $country, first: 5, after: $after) {
      edges {
        node {
          id
          name
          population
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`);

/** The page after a cursor, and those that follow: each is a query of its own, and stays in the cache. */
export function Cities({ country, after = null }: { country: string; after?: string | null }) {
  const [more, setMore] = useState(false);
  const [{ data, error }] = useQuery({ query: CITIES, variables: { country, after } });
  const { edges = [], pageInfo } = data?.cities ?? {};
  return (
    <>
      <Refused by={refusals(error)} />
      <ul>
        {edges.map(({ node }) => (
          <li key={node.id}>
            {node.name}: {node.population.toLocaleString("en")}
          </li>
        ))}
      </ul>
      {more && <Cities country={country} after={pageInfo?.endCursor ?? null} />}
      {pageInfo?.hasNextPage && !more && <button onClick={() => setMore(true)}>More cities</button>}
    </>
  );
}
