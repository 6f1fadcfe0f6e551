// The graph and its services, for all servers on Node: one keep-alive pool, one loader per field and request.
// CLIENT=http makes the calls with node:http instead of undici.

import DataLoader from "dataloader";
import { Pool } from "undici";

const pool = new Pool(process.env.UPSTREAM, { connections: 128 });

async function byUndici(path) {
  const { statusCode, body } = await pool.request({ path, method: "GET" });
  if (statusCode !== 200) throw new Error(`${path}: ${statusCode}`);
  return body.json();
}

const get = process.env.CLIENT === "http" ? (await import("./by-http.mjs")).get : byUndici;

const batched = (path, name) =>
  new DataLoader(async (keys) => {
    const rows = await get(`${path}?${keys.map((key) => `${name}=${encodeURIComponent(key)}`).join("&")}`);
    const found = new Map(rows.map((row) => [row[name], row]));
    return keys.map((key) => found.get(key) ?? null);
  });

/** New for each request. */
export const loaders = () => ({
  users: batched("/users", "id"),
  authors: new DataLoader((keys) => Promise.all(keys.map((key) => get(`/users/${key}`)))),
  cities: batched("/cities", "id"),
  countries: batched("/countries", "code"),
  rates: batched("/rates", "code"),
});

export const typeDefs = `
  type User { id: Int! name: String! username: String! email: String! phone: String website: String }
  type Post { id: Int! userId: Int! title: String! body: String! user: User author: User }
  type Money { code: String! rate: Float! }
  type Country { code: String! name: String! money: Money }
  type City { name: String! country: Country }
  type Airport { iata: String! name: String! city: City }
  type Row { id: Int! name: String! score: Int! }
  type Query {
    posts(salt: Int): [Post!]!
    airports(salt: Int): [Airport!]!
    rows(count: Int!): [Row!]!
    greet(salt: Int): String!
  }
`;

export const resolvers = {
  Query: {
    posts: (_, { salt }) => get(`/posts?salt=${salt}`),
    airports: (_, { salt }) => get(`/airports?salt=${salt}`),
    rows: (_, { count }) => get(`/rows/${count}`),
    greet: () => "Hello World!",
  },
  Post: {
    user: (post, _, { users }) => users.load(post.userId),
    author: (post, _, { authors }) => authors.load(post.userId),
  },
  Airport: { city: (airport, _, { cities }) => cities.load(airport.cityId) },
  City: { country: (city, _, { countries }) => countries.load(city.countryCode) },
  Country: { money: (country, _, { rates }) => rates.load(country.currency) },
};
