import { useMemo, useState } from "react";
import { graphql, useSubscription } from "react-relay";
import { Refused } from "../../shared/parts";
import type { TripSubscription } from "./__generated__/TripSubscription.graphql";
import { refusals } from "./refusals";

const WATCH = graphql`
  subscription TripSubscription($id: ID!) {
    trip(id: $id) {
      title
      nights
      status
    }
  }
`;

/** A trip as it is, and as it becomes, whoever changes it. */
export function Trip({ id }: { id: string }) {
  const [trip, setTrip] = useState<TripSubscription["response"]["trip"]>();
  const [error, setError] = useState<Error>();
  useSubscription<TripSubscription>(
    useMemo(
      () => ({ subscription: WATCH, variables: { id }, onNext: (event) => setTrip(event?.trip), onError: setError }),
      [id],
    ),
  );
  return (
    <>
      <Refused by={error && refusals(error)} />
      {trip && <output>{`${trip.title}: ${trip.nights} nights, ${trip.status.toLowerCase()}.`}</output>}
    </>
  );
}
