import relay from "vite-plugin-relay";
import { app } from "../shared/vite.ts";

export default app(relay);
