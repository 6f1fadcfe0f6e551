// How every app is built and, while it is written, served: /graphql is the gateway's, so no page asks another origin.
import react from "@vitejs/plugin-react";
import { defineConfig, type PluginOption } from "vite";

const proxy = { "/graphql": process.env.GATEWAY ?? "http://127.0.0.1:4000" };

export const app = (...plugins: PluginOption[]) =>
  defineConfig({ plugins: [react(), ...plugins], server: { proxy }, preview: { proxy } });
