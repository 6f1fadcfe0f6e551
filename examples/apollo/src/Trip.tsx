import { useSubscription } from "@apollo/client/react";
import { Refused } from "../../shared/parts";
import { graphql } from "./gql";
import { refusals } from "./refusals";

const WATCH = graphql(`
  subscription WatchTrip($id: ID!) {
    trip(id: $id) {
      id
      title
      nights
      status
    }
  }
`);

/** A trip as it is, and as it becomes, whoever changes it. */
export function Trip({ id }: { id: string }) {
  const { data, error } = useSubscription(WATCH, { variables: { id } });
  const trip = data?.trip;
  return (
    <>
      <Refused by={refusals(error)} />
      {trip && <output>{`${trip.title}: ${trip.nights} nights, ${trip.status.toLowerCase()}.`}</output>}
    </>
  );
}
