/** The result of the last scan or of a refused act, in one place under the basket; the next one replaces it. */
import { useLingui } from "@lingui/react";
import { memo, useState } from "react";
import { Button } from "../../../kit/Button";
import { StateMark } from "../../../kit/StateMark";
import { explain, severity } from "../../../kit/codes";
import type { State } from "../../../kit/tokens";
import { useBasket } from "../basket";
import { useSurrounding } from "../context";
import type { LastScan } from "../protocol";
import { useTill, useView } from "../till";
import css from "./Strip.module.css";

const marks: Record<LastScan["kind"], State> = { accepted: "ok", look: "attention", refused: "stopped", alarm: "unknown" };

export const Strip = memo(function Strip() {
  const { i18n } = useLingui();
  const { acts } = useSurrounding();
  const refusal = useTill((state) => state.refusal);
  const scan = useView((view) => view.last_scan);
  const canUndo = useBasket(({ state, line_count }) => state === "open" && line_count > 0);
  const mine = useView((view) => view.lease.mine);
  if (refusal) return <RefusalStrip key={refusal.at} />;
  if (!scan) return <div className={css.strip} data-kind="none" role="status" />;
  return (
    <div className={css.strip} data-kind={scan.kind} key={scan.id} role={scan.kind === "alarm" ? "alert" : "status"}>
      <StateMark state={marks[scan.kind]} />
      <span className={css.text}>{scan.text}</span>
      {scan.code && <Code code={scan.code} />}
      {scan.code === "SAL-230" && scan.raw !== undefined && (
        <Button disabled={!mine} onClick={() => acts.addToThis(scan.raw!)}>
          {i18n._({ id: "strip.add-to-this", message: "Add to this sale" })}
        </Button>
      )}
      {canUndo && mine && scan.kind === "accepted" && (
        <Button className={css.undo} look="quiet" hint="Ctrl+Z" onClick={() => acts.undo()}>
          {i18n._({ id: "strip.undo", message: "Undo" })}
        </Button>
      )}
    </div>
  );
});

function RefusalStrip() {
  const { i18n } = useLingui();
  const refusal = useTill((state) => state.refusal);
  const [shown] = useState(refusal);
  if (!shown) return null;
  const words = explain(i18n, shown.error.code, shown.error.parameters);
  const kind = severity(words.code);
  return (
    <div className={css.strip} data-kind={kind} role={kind === "alarm" ? "alert" : "status"}>
      <StateMark state={marks[kind]} />
      <span className={css.text}>
        {words.what} {words.kept} {words.do}
      </span>
      <Code code={words.code} {...(shown.error.maker_code && { maker: shown.error.maker_code })} />
    </div>
  );
}

/** One tap from the code to its help page. The maker's own code stands beside ours. */
function Code({ code, maker }: { code: string; maker?: string }) {
  const { acts } = useSurrounding();
  return (
    <button type="button" className={css.code} onClick={() => acts.help(code)}>
      {code}
      {maker && ` (${maker})`}
    </button>
  );
}
