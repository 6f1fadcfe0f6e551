import { useState } from "react";
import { graphql, useMutation } from "react-relay";
import { Refused, TripForm } from "../../shared/parts";
import type { Refusal } from "../../shared/words";
import type { NewTripMutation } from "./__generated__/NewTripMutation.graphql";
import { refusals } from "./refusals";
import { Trip } from "./Trip";

type Made = NewTripMutation["response"]["createTrip"];

export function NewTrip() {
  const [made, setMade] = useState<Made>();
  const [refused, setRefused] = useState<readonly Refusal[]>([]);
  const [create] = useMutation<NewTripMutation>(graphql`
    mutation NewTripMutation($input: CreateTripInput!) {
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
  const told = (found: Made, errors: readonly Refusal[]) => (setMade(found), setRefused(errors));
  return (
    <section>
      <TripForm
        onPlan={(trip) =>
          create({
            variables: { input: { ...trip, stops: [] } },
            onCompleted: ({ createTrip }, errors) => told(createTrip, errors ?? []),
            onError: (error) => told(null, refusals(error)),
          })
        }
      />
      <Refused by={refused} />
      {made?.__typename === "Trip" && <Trip key={made.id} id={made.id} />}
      {made?.__typename === "TripInvalid" &&
        made.mistakes.map(({ path, message }) => <p key={path} role="alert">{`${path}: ${message}`}</p>)}
    </section>
  );
}
