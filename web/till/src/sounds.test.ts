import { expect, test, vi } from "vitest";
import { type Sound, Sounds, tones } from "./sounds";

test("no two sounds share a rhythm", () => {
  const rhythms = Object.values(tones).map((sound) => sound.map(([, start, length]) => `${start}+${length}`).join(" "));
  expect(new Set(rhythms).size).toBe(Object.keys(tones).length);
});

test.each(Object.keys(tones) as Sound[])("%s plays its tones at their times", (sound) => {
  const played: [number, number, number][] = [];
  const context = {
    state: "running",
    currentTime: 10,
    destination: {},
    createGain: () => ({ gain: { setValueAtTime: vi.fn(), linearRampToValueAtTime: vi.fn() }, connect: vi.fn() }),
    createOscillator: () => {
      const tone = { frequency: { value: 0 }, connect: vi.fn(), start: (at: number) => (tone.at = at), stop: (end: number) => played.push([tone.frequency.value, Math.round((tone.at - 10) * 1000), Math.round((end - tone.at) * 1000)]), at: 0 };
      return tone;
    },
  };
  new Sounds(() => context as unknown as AudioContext).play(sound);
  expect(played).toEqual(tones[sound]);
});
