/** Set this sale aside under a name, or bring one back. */
import { useLingui } from "@lingui/react";
import { useState } from "react";
import { Button } from "../../../kit/Button";
import { TextField } from "../../../kit/fields";
import { useBasket } from "../basket";
import { useSurrounding } from "../context";
import { Panel } from "../parts/Panel";
import { useView } from "../till";
import css from "./panels.module.css";

export function ParkPanel() {
  const { i18n } = useLingui();
  const { acts, gateway } = useSurrounding();
  const parked = useView((view) => view.parked);
  const hasLines = useBasket(({ state, line_count }) => state === "open" && line_count > 0);
  const [name, setName] = useState("");

  async function park(): Promise<void> {
    if (!hasLines) return;
    const outcome = await gateway.send("park", { name: name.trim() });
    if (outcome.ok) acts.close();
  }

  async function retrieve(basketId: string): Promise<void> {
    const outcome = await gateway.send("retrieve", { basket_id: basketId });
    if (outcome.ok) acts.close();
  }

  return (
    <Panel
      title={i18n._({ id: "park.title", message: "Park the sale" })}
      onSubmit={() => void park()}
      footer={
        <Button type="submit" look="primary" size="pay" hint="Enter" disabled={!hasLines}>
          {i18n._({ id: "park.park", message: "Park this sale" })}
        </Button>
      }
    >
      {hasLines ? (
        <TextField
          label={i18n._({ id: "park.name", message: "Name, so that you know it again" })}
          placeholder={i18n._({ id: "park.example", message: "Red jacket" })}
          value={name}
          maxLength={40}
          onChange={(event) => setName(event.target.value)}
          data-main-field
        />
      ) : (
        <p className={css.hint}>{i18n._({ id: "park.empty", message: "This sale has no lines, so there is nothing to park." })}</p>
      )}
      <h3>{i18n._({ id: "park.parked", message: "Parked sales" })}</h3>
      {parked.length === 0 && <p className={css.hint}>{i18n._({ id: "park.none", message: "None. A parked sale waits here until it is opened." })}</p>}
      <ul className={css.list}>
        {parked.map((sale) => (
          <li key={sale.id}>
            <Button onClick={() => void retrieve(sale.id)}>
              {i18n._({
                id: "park.open",
                message: "{lines, plural, one {Open {name}, # line, {total}} other {Open {name}, # lines, {total}}}",
                values: { name: sale.name, lines: sale.lines, total: sale.total_text },
              })}
            </Button>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
