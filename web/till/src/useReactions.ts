import { useEffect } from "react";
import { severity } from "../../kit/codes";
import { useSurrounding } from "./context";
import { isOutcome } from "./parts/Banners";
import { alarmEveryMs } from "./sounds";
import { type TillState, till, useTill } from "./till";
import { ui } from "./ui";

/** A gateway that restarts is back before this; only a longer silence is worth an alarm. */
const lostAlarmAfterMs = 3_000;

/** What the page does by itself when something new arrives: sounds, and opening Return for a scanned receipt. */
export function useReactions(): void {
  const { sounds } = useSurrounding();

  const volume = useTill((state) => state.view?.till.volume_percent);
  useEffect(() => {
    if (volume !== undefined) sounds.setVolume(volume);
  }, [sounds, volume]);

  useEffect(() => {
    let before = till.get();
    return till.subscribe(() => {
      const now = till.get();
      const sound = soundOf(before, now);
      if (sound) sounds.play(sound);
      const receipt = newScan(before, now)?.sale_number;
      if (receipt !== undefined) ui.set({ panel: "return", returnOf: receipt });
      before = now;
    });
  }, [sounds]);

  const isAlarmed = useTill((state) => state.view?.problems.some((problem) => isOutcome(problem.code)) ?? false);
  const isLost = useTill((state) => state.link === "lost");
  useEffect(() => {
    if (!isAlarmed && !isLost) return undefined;
    let repeat: ReturnType<typeof setInterval> | undefined;
    const first = setTimeout(
      () => {
        sounds.play("alarm");
        repeat = setInterval(() => sounds.play("alarm"), alarmEveryMs);
      },
      isAlarmed ? 0 : lostAlarmAfterMs,
    );
    return () => {
      clearTimeout(first);
      clearInterval(repeat);
    };
  }, [sounds, isAlarmed, isLost]);
}

function newScan(before: TillState, now: TillState) {
  const scan = now.view?.last_scan ?? null;
  const isNew = before.view !== null && scan !== null && scan.id !== before.view.last_scan?.id;
  return isNew ? scan : null;
}

/** The sound of what is new; a first view after a reload is silent. */
function soundOf(before: TillState, now: TillState) {
  const scan = newScan(before, now);
  if (scan) return scan.kind;
  if (before.view && before.view.basket.state !== "done" && now.view?.basket.state === "done") return "paid" as const;
  const refusal = now.refusal !== before.refusal ? now.refusal : null;
  return refusal ? severity(refusal.error.code) : null;
}
