import { QueryCache, QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { connect, readConfig, Refused, sentence, supabase } from "../lib/supabase";
import { App } from "./App";
import "./styles/base.css";
import "./styles/controls.css";
import "./styles/pages.css";
import "./styles/grid.css";
import "./styles/print.css";

/** A request that was refused for its token: renew the session, or sign in again. */
async function onError(error: unknown): Promise<void> {
  if (!(error instanceof Refused) || error.status !== 401) return;
  const { error: gone } = await supabase().auth.refreshSession();
  if (gone) await supabase().auth.signOut({ scope: "local" });
}

const queries = new QueryClient({
  queryCache: new QueryCache({ onError: (error) => void onError(error) }),
  defaultOptions: {
    queries: {
      retry: (failures, error) => failures < 3 && !(error instanceof Refused && error.status >= 400 && error.status < 500),
      retryDelay: (failures) => Math.min(8000, 500 * 2 ** failures),
      refetchOnWindowFocus: true,
      refetchOnReconnect: "always",
    },
    // A click is carried out or refused at once; it is not kept for when the network is back.
    mutations: { networkMode: "always" },
  },
});

const root = createRoot(document.getElementById("root") as HTMLElement);
readConfig()
  .then((config) => {
    connect(config);
    root.render(
      <StrictMode>
        <QueryClientProvider client={queries}>
          <App />
        </QueryClientProvider>
      </StrictMode>,
    );
  })
  .catch((error: unknown) => {
    root.render(
      <main className="alone">
        <h1>The planner is not set up</h1>
        <p>{sentence(error)} See docs/dashboard.md.</p>
      </main>,
    );
  });
