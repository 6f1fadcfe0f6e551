import { useMutation } from "@apollo/client/react";
import { Refused, TripForm } from "../../shared/parts";
import { graphql } from "./gql";
import { refusals } from "./refusals";
import { Trip } from "./Trip";

const CREATE = graphql(`
  mutation CreateTrip($input: CreateTripInput!) {
    createTrip(input: $input) {
      __typename
      ... on Trip {
        id
      }
      ... on TripInvalid {
        mistakes {
          path
          message
        }
      }
    }
  }
`);

export function NewTrip() {
  const [create, { data, error }] = useMutation(CREATE, { onError: () => {} }); // shown below, not thrown
  const made = data?.createTrip;
  return (
    <section>
      <TripForm onPlan={(trip) => void create({ variables: { input: { ...trip, stops: [] } } })} />
      <Refused by={refusals(error)} />
      {made?.__typename === "Trip" && <Trip key={made.id} id={made.id} />}
      {made?.__typename === "TripInvalid" &&
        made.mistakes.map(({ path, message }) => <p key={path} role="alert">{`${path}: ${message}`}</p>)}
    </section>
  );
}
