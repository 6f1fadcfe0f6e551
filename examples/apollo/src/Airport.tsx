import { useQuery } from "@apollo/client/react";
import { useState } from "react";
import { Refused, Search } from "../../shared/parts";
import { Cities } from "./Cities";
import { graphql } from "./gql";
import { refusals } from "./refusals";

const AIRPORT = graphql(`
  query Airport($iata: ID!) {
    airport(iata: $iata) {
      id
      title
      city {
        id
        name
        country {
          id
          name
          currency {
            code
            rate(base: "USD")
          }
        }
      }
    }
  }
`);

export function Airport() {
  const [iata, setIata] = useState("LIS");
  const { data, error } = useQuery(AIRPORT, { variables: { iata }, errorPolicy: "all" }); // what there is, and what failed
  const airport = data?.airport;
  const country = airport?.city?.country;
  return (
    <section>
      <Search value={iata} onSearch={setIata} />
      <Refused by={refusals(error)} />
      {data && !airport && <p>There is no airport {iata}.</p>}
      {airport && <h2>{airport.title}</h2>}
      {country?.currency && (
        <p>
          {airport?.city?.name}, {country.name}: one US dollar is {country.currency.rate ?? "?"} {country.currency.code}.
        </p>
      )}
      {country && <Cities key={country.id} country={country.id} />}
    </section>
  );
}
