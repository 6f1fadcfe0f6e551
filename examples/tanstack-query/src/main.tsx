import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { show } from "../../shared/parts";
import { Airport } from "./Airport";
import { Refused } from "./execute";
import { NewTrip } from "./NewTrip";

const retry = (times: number, error: Error) => !(error instanceof Refused) && times < 3; // a refusal will be one again

show(
  "TanStack Query",
  <QueryClientProvider client={new QueryClient({ defaultOptions: { queries: { retry } } })}>
    <Airport />
    <NewTrip />
  </QueryClientProvider>,
);
