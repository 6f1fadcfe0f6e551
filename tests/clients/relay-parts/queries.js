// What relay-compiler compiles for relay-parts.mjs.
import { graphql } from "relay-runtime";

export const slow = graphql`
  fragment queriesSlow on User {
    posts {
      name
    }
    friends {
      name
    }
  }
`;

export const boom = graphql`
  fragment queriesBoom on User {
    boom
  }
`;

export const defer = graphql`
  query queriesDeferQuery($id: ID!) {
    user(id: $id) {
      name
      friends {
        id
      }
      ...queriesSlow @defer
    }
  }
`;

export const list = graphql`
  query queriesListQuery {
    users(ids: [1, 2]) {
      name
      ...queriesSlow @defer
    }
  }
`;

export const stream = graphql`
  query queriesStreamQuery {
    users(ids: [1, 2, 3, 4, 5]) @stream(initialCount: 2) {
      name
    }
  }
`;

export const lost = graphql`
  query queriesLostQuery {
    user(id: 1) {
      name
      ...queriesBoom @defer
    }
  }
`;
