import { useInfiniteQuery } from "@tanstack/react-query";
import { Refused } from "../../shared/parts";
import { execute, refusals } from "./execute";
import { graphql } from "./gql";

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
  const { data, error, hasNextPage, fetchNextPage } = useInfiniteQuery({
    queryKey: ["cities", country],
    queryFn: ({ pageParam, signal }) => execute(CITIES, { country, after: pageParam }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: ({ data }) => (data.cities?.pageInfo.hasNextPage ? data.cities.pageInfo.endCursor : null),
  });
  const pages = data?.pages ?? [];
  return (
    <>
      <Refused by={refusals(pages.at(-1), error)} />
      <ul>
        {pages
          .flatMap((page) => page.data.cities?.edges ?? [])
          .map(({ node }) => (
            <li key={node.id}>
              {node.name}: {node.population.toLocaleString("en")}
            </li>
          ))}
      </ul>
      {hasNextPage && <button onClick={() => void fetchNextPage()}>More cities</button>}
    </>
  );
}
