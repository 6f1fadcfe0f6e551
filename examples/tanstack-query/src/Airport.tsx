import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Refused, Search } from "../../shared/parts";
import { Cities } from "./Cities";
import { execute, refusals } from "./execute";
import { graphql } from "./gql";

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
  const { data: answer, error } = useQuery({
    queryKey: ["airport", iata],
    queryFn: ({ signal }) => execute(AIRPORT, { iata }, signal),
  });
  const airport = answer?.data.airport;
  const country = airport?.city?.country;
  return (
    <section>
      <Search value={iata} onSearch={setIata} />
      <Refused by={refusals(answer, error)} />
      {answer && !airport && <p>There is no airport {iata}.</p>}
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
