/** The exception before the total: what asks for a person, each with where to look. */
import { useLingui } from "@lingui/react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { StateMark } from "../../../kit/StateMark";
import { explain } from "../../../kit/codes";
import type { Exception, Page, Panel as Figures } from "../api/types";
import { count, span } from "../format";
import { actionClass } from "../parts/Action";
import { Panel } from "../parts/Panel";
import { useNow } from "../parts/useNow";
import { useMay, useSurrounding } from "../surrounding";
import css from "./Home.module.css";
import { type Need, needs, stateOf } from "./needs";

/** Unknown outcomes are few; more than this and the list itself is the place to look. */
const unknownAtMost = 20;

export function NeedsYou({ panel }: { panel: Figures }) {
  const { i18n } = useLingui();
  const { api } = useSurrounding();
  const maySee = useMay("see_exceptions");
  const { data } = useQuery({
    queryKey: ["/exceptions", "needs"],
    queryFn: ({ signal }) => api.ask<Page<Exception>>("/exceptions", { query: { state: "open", limit: unknownAtMost, sort: "raised_at", order: "desc" }, signal }),
    enabled: maySee,
  });
  const list = needs(panel.branches, data?.items ?? []);
  const nameOf = (id: string) => panel.branches.find((branch) => branch.branch === id)?.name ?? id;
  return (
    <Panel title={i18n._({ id: "needs.title", message: "Needs you: {count}", values: { count: count(list.length, i18n.locale) } })}>
      {list.length === 0 ? (
        <p className={css.allWell}>
          <StateMark state="ok" />
          {i18n._({ id: "needs.none", message: "Nothing waits for you" })}
        </p>
      ) : (
        <ul className={css.needs}>
          {list.map((need) => (
            <NeedRow key={keyOf(need)} need={need} nameOf={nameOf} />
          ))}
        </ul>
      )}
    </Panel>
  );
}

const keyOf = (need: Need) => (need.kind === "unknown" ? need.exception.id : `${need.kind} ${need.branch}`);

function NeedRow({ need, nameOf }: { need: Need; nameOf: (id: string) => string }) {
  const { i18n } = useLingui();
  const text = useText(need, nameOf);
  const [to, search] = placeOf(need);
  return (
    <li className={css.need}>
      <StateMark state={stateOf(need)} />
      <span className={css.needText}>{text}</span>
      <Link to={to} search={search as never} className={actionClass} data-look="quiet" aria-label={i18n._({ id: "needs.open-what", message: "Open: {what}", values: { what: text } })}>
        {i18n._({ id: "action.open", message: "Open" })}
      </Link>
    </li>
  );
}

function placeOf(need: Need): [string, Record<string, string>] {
  if (need.kind === "silent") return ["/branches", {}];
  if (need.kind === "devices") return ["/devices", { branch: need.branch }];
  if (need.kind === "exceptions") return ["/exceptions", { branch: need.branch }];
  return ["/exceptions", { branch: need.exception.branch, q: need.exception.code }];
}

function useText(need: Need, nameOf: (id: string) => string): string {
  const { i18n } = useLingui();
  const { locale } = i18n;
  const now = useNow();
  if (need.kind === "unknown") {
    const { code, parameters, branch } = need.exception;
    return `${nameOf(branch)}: ${explain(i18n, code, parameters).what} ${code}`;
  }
  const branch = nameOf(need.branch);
  if (need.kind === "silent") {
    if (need.since === null) return i18n._({ id: "needs.never", message: "{branch} has not been heard yet", values: { branch } });
    const values = { branch, span: span(i18n, need.since, now), count: count(need.unsynced ?? 0, locale) };
    return need.unsynced
      ? i18n._({ id: "needs.silent", message: "{branch} silent {span}, {count} or more to come", values })
      : i18n._({ id: "needs.silent-unknown", message: "{branch} silent {span}, queue unknown", values });
  }
  if (need.kind === "devices") {
    const values = { branch, stopped: need.stopped, attention: need.attention };
    if (need.stopped > 0) {
      return i18n._({ id: "needs.stopped", message: "{branch}: {stopped, plural, one {# device} other {# devices}} stopped", values });
    }
    return i18n._({ id: "needs.attention", message: "{branch}: {attention, plural, one {# device wants} other {# devices want}} attention", values });
  }
  return i18n._({ id: "needs.exceptions", message: "{branch}: {count, plural, one {# exception} other {# exceptions}} to settle", values: { branch, count: need.count } });
}
