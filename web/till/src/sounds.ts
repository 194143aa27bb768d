/** The five sounds of UX §4: told apart by rhythm, not only by pitch. The scanner's own beep means "read", ours means "accepted". */

export type Sound = "accepted" | "look" | "refused" | "paid" | "alarm";

/** [frequency Hz, start ms, length ms] */
type Tone = readonly [number, number, number];

export const tones: Record<Sound, readonly Tone[]> = {
  accepted: [[1760, 0, 70]],
  look: [[880, 0, 90], [880, 170, 90]],
  refused: [[220, 0, 450]],
  paid: [[660, 0, 90], [880, 110, 90], [1175, 220, 140]],
  alarm: [[880, 0, 220], [440, 260, 320]],
};

/** The alarm comes back this often until a person answers. */
export const alarmEveryMs = 5_000;

/** Short ramps, or each tone begins and ends with a click. */
const rampS = 0.008;

/** Plays nothing until the first key or touch: browsers keep silent before. */
export class Sounds {
  private context: AudioContext | null = null;

  constructor(
    private readonly openContext: () => AudioContext,
    /** 0 to 1. */
    private volume = 0.7,
  ) {}

  /** Of this till, as head office has set it. */
  setVolume(percent: number): void {
    this.volume = percent / 100;
  }

  play(sound: Sound): void {
    const context = (this.context ??= this.openContext());
    if (context.state === "suspended") void context.resume();
    const now = context.currentTime;
    for (const [frequency, startMs, lengthMs] of tones[sound]) {
      this.tone(context, frequency, now + startMs / 1000, lengthMs / 1000);
    }
  }

  private tone(context: AudioContext, frequency: number, start: number, length: number): void {
    const gain = context.createGain();
    gain.gain.setValueAtTime(0, start);
    gain.gain.linearRampToValueAtTime(this.volume * 0.5, start + rampS);
    gain.gain.setValueAtTime(this.volume * 0.5, start + length - rampS);
    gain.gain.linearRampToValueAtTime(0, start + length);
    gain.connect(context.destination);
    const oscillator = context.createOscillator();
    oscillator.frequency.value = frequency;
    oscillator.connect(gain);
    oscillator.start(start);
    oscillator.stop(start + length);
  }
}
