import { Refused } from "../../shared/parts";
import { refusals } from "./execute";
import { graphql } from "./gql";
import { useEvents } from "./useEvents";

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
  const { answer, error } = useEvents(WATCH, { id });
  const trip = answer?.data?.trip;
  return (
    <>
      <Refused by={refusals(answer, error)} />
      {trip && <output>{`${trip.title}: ${trip.nights} nights, ${trip.status.toLowerCase()}.`}</output>}
    </>
  );
}
