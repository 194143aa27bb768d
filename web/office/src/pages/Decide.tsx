/** Letting withheld records in, or dismissing them, for one reason; says how many before, and what became of each after. */
import { useLingui } from "@lingui/react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { Decided } from "../api/types";
import { ReasonForm } from "../parts/ReasonForm";
import { useSurrounding } from "../surrounding";

type Act = "let_in" | "dismiss";

export function Decide({ ids, done }: { ids: string[]; done: () => void }) {
  const { i18n } = useLingui();
  const { api } = useSurrounding();
  const queries = useQueryClient();
  const { mutate, data, error, isPending } = useMutation({
    mutationFn: ({ act, reason }: { act: Act; reason: string }) => api.ask<Decided[]>("/quarantine/decide", { method: "POST", body: { ids, act, reason } }),
    onSuccess: async (results) => {
      // What is refused again stays selected, with its reason of now beside it.
      if (!results.some((result) => result.outcome === "refused")) done();
      await queries.invalidateQueries({ queryKey: ["/quarantine"] });
    },
  });
  const refused = data?.filter((result) => result.outcome === "refused") ?? [];
  const count = ids.length;
  return (
    <>
      <ReasonForm
        acts={[
          { label: i18n._({ id: "quarantine.let-in-many", message: "Let in ({count})", values: { count } }), look: "primary", act: (reason) => mutate({ act: "let_in", reason }) },
          { label: i18n._({ id: "quarantine.dismiss-many", message: "Dismiss ({count})", values: { count } }), look: "stop", act: (reason) => mutate({ act: "dismiss", reason }) },
        ]}
        disabled={isPending || count === 0}
        problem={error}
      />
      {refused.length > 0 && (
        <p role="status">
          {i18n._({
            id: "quarantine.refused",
            message: "Refused again: {count} ({codes})",
            values: { count: refused.length, codes: [...new Set(refused.map((result) => result.code))].join(", ") },
          })}
        </p>
      )}
    </>
  );
}
