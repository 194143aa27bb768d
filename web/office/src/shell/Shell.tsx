/** The program behind the door: queries, live stream, router. Everything here is fetched while the person signs in. */
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { useState } from "react";
import { Problem } from "../api/client";
import { LiveProvider } from "../live/Live";
import { makeRouter } from "./router";

/** Refusals are answers; only silence and busy servers are asked again. */
const isWorthAsking = (failures: number, error: Error) =>
  failures < 2 && error instanceof Problem && (error.status === 0 || error.status === 503);

export default function Shell() {
  const [router] = useState(makeRouter);
  const [queries] = useState(
    () => new QueryClient({ defaultOptions: { queries: { retry: isWorthAsking, staleTime: 5_000, refetchOnWindowFocus: true } } }),
  );
  return (
    <QueryClientProvider client={queries}>
      <LiveProvider>
        <RouterProvider router={router} />
      </LiveProvider>
    </QueryClientProvider>
  );
}
