import { graphql, useLazyLoadQuery, usePaginationFragment } from "react-relay";
import type { Cities_page$key } from "./__generated__/Cities_page.graphql";
import type { CitiesPageQuery } from "./__generated__/CitiesPageQuery.graphql";
import type { CitiesQuery } from "./__generated__/CitiesQuery.graphql";

export function Cities({ country }: { country: string }) {
  const query = useLazyLoadQuery<CitiesQuery>(
    graphql`
      query CitiesQuery($country: ID!) {
        ...Cities_page @arguments(country: $country)
      }
    `,
    { country },
  );
  const { data, hasNext, loadNext } = usePaginationFragment<CitiesPageQuery, Cities_page$key>(
    graphql`
      fragment Cities_page on Query
      @argumentDefinitions(
        country: { type: "ID!" }
        first: { type: "Int", defaultValue: 5 }
        after: { type: "String" }
      )
      @refetchable(queryName: "CitiesPageQuery") {
        cities(country: $country, first: $first, after: $after) @connection(key: "Cities_cities") {
          edges {
            node {
              id
              name
              population
            }
          }
        }
      }
    `,
    query,
  );
  return (
    <>
      <ul>
        {data.cities?.edges.map(({ node }) => (
          <li key={node.id}>
            {node.name}: {node.population.toLocaleString("en")}
          </li>
        ))}
      </ul>
      {hasNext && <button onClick={() => loadNext(5)}>More cities</button>}
    </>
  );
}
