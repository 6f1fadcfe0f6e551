import { useState } from "react";
import { graphql, useLazyLoadQuery } from "react-relay";
import { Search } from "../../shared/parts";
import type { AirportQuery } from "./__generated__/AirportQuery.graphql";
import { Boundary } from "./Boundary";
import { Cities } from "./Cities";

export function Airport() {
  const [iata, setIata] = useState("LIS");
  return (
    <section>
      <Search value={iata} onSearch={setIata} />
      <Boundary key={iata}>
        <Found iata={iata} />
      </Boundary>
    </section>
  );
}

function Found({ iata }: { iata: string }) {
  const { airport } = useLazyLoadQuery<AirportQuery>(
    graphql`
      query AirportQuery($iata: ID!) {
        airport(iata: $iata) {
          title
          city {
            name
            country {
              id
              name
              currency {
                code
                rate(base: "USD") @catch(to: RESULT)
              }
            }
          }
        }
      }
    `,
    { iata },
  );
  const country = airport?.city?.country;
  const rate = country?.currency?.rate;
  if (!airport) return <p>There is no airport {iata}.</p>;
  return (
    <>
      <h2>{airport.title}</h2>
      {rate && !rate.ok && <p role="alert">There is no rate just now.</p>}
      {country?.currency && (
        <p>
          {airport.city?.name}, {country.name}: one US dollar is {(rate?.ok && rate.value) || "?"} {country.currency.code}.
        </p>
      )}
      {country && <Cities country={country.id} />}
    </>
  );
}
