// What relay-compiler compiles for relay.mjs.
import { graphql } from "relay-runtime";

export const users = graphql`
  subscription subscriptionsUsersSubscription($ids: [ID!]!) {
    user(ids: $ids) {
      id
      name
      friends {
        name
      }
    }
  }
`;

export const broken = graphql`
  subscription subscriptionsBrokenSubscription {
    broken(how: "ours")
  }
`;

export const silence = graphql`
  subscription subscriptionsSilenceSubscription {
    silence
  }
`;
