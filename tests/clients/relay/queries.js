// What relay-compiler compiles for relay.mjs.
import { graphql } from "relay-runtime";

export const user = graphql`
  query queriesUserQuery($id: ID!) {
    user(id: $id) {
      name
      ...queriesFriends
    }
  }
`;

export const friends = graphql`
  fragment queriesFriends on User {
    friends {
      name
    }
  }
`;

export const boom = graphql`
  query queriesBoomQuery {
    user(id: 1) {
      name
      boom
    }
  }
`;

export const never = graphql`
  query queriesNeverQuery {
    never
  }
`;

export const create = graphql`
  mutation queriesCreateMutation($input: PostInput!) {
    createPost(input: $input) {
      __typename
      ... on Post {
        name
      }
      ... on Invalid {
        detail
      }
    }
  }
`;
