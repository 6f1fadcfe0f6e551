import { useMutation } from "@tanstack/react-query";
import { Refused, TripForm } from "../../shared/parts";
import { execute, refusals } from "./execute";
import { graphql } from "./gql";
import type { CreateTripInput } from "./gql/graphql";
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
  const { data: answer, error, mutate } = useMutation({
    mutationFn: (input: CreateTripInput) => execute(CREATE, { input }),
  });
  const made = answer?.data.createTrip;
  return (
    <section>
      <TripForm onPlan={(trip) => mutate({ ...trip, stops: [] })} />
      <Refused by={refusals(answer, error)} />
      {made?.__typename === "Trip" && <Trip key={made.id} id={made.id} />}
      {made?.__typename === "TripInvalid" &&
        made.mistakes.map(({ path, message }) => <p key={path} role="alert">{`${path}: ${message}`}</p>)}
    </section>
  );
}
