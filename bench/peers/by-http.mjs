// The services by node:http.

import { Agent, get as httpGet } from "node:http";

const { hostname, port } = new URL(process.env.UPSTREAM);
const agent = new Agent({ keepAlive: true, maxSockets: 128 });
export const get = (path) =>
  new Promise((resolve, reject) => {
    const answered = (response) => {
      const chunks = [];
      response.on("data", (chunk) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        if (response.statusCode !== 200) return reject(new Error(`${path}: ${response.statusCode}`));
        try {
          resolve(JSON.parse(Buffer.concat(chunks).toString()));
        } catch (error) {
          reject(error);
        }
      });
    };
    httpGet({ hostname, port, path, agent }, answered).on("error", reject);
  });
