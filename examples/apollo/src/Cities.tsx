import { useQuery } from "@apollo/client/react";
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

export function Cities({ country }: { country: string }) {
  const { data, error, fetchMore } = useQuery(CITIES, { variables: { country } });
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
      {pageInfo?.hasNextPage && (
        <button onClick={() => void fetchMore({ variables: { after: pageInfo.endCursor } })}>More cities</button>
      )}
    </>
  );
}
