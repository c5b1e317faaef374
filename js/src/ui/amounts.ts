// Amounts and times in words, for people who wait.
import type { ProgressData } from "../protocol";

const UNITS = ["B", "kB", "MB", "GB", "TB"];

export function bytes(count: number): string {
  let value = count;
  let unit = 0;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  const digits = unit === 0 || value >= 99.5 ? 0 : 1;
  return `${value.toFixed(digits)} ${UNITS[unit]}`;
}

/** A number of tokens, rounded to be read at a glance: "8,192", "131k", "2.0M". */
export function count(tokens: number): string {
  if (tokens < 10_000) return tokens.toLocaleString("en");
  return tokens < 999_500
    ? `${Math.round(tokens / 1000)}k`
    : `${(tokens / 1e6).toFixed(1)}M`;
}

/** "$0.0123": to two digits that count, so that small sums can be told apart. */
export function dollars(cost: number): string {
  if (cost > 0 && cost < 0.0001) return "<$0.0001";
  return cost >= 1 || cost === 0 ? `$${cost.toFixed(2)}` : `$${cost.toFixed(4)}`;
}

export function duration(seconds: number): string {
  const whole = Math.max(1, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

const amount = (value: number, unit: ProgressData["unit"]) =>
  unit === "bytes" ? bytes(value) : value.toLocaleString("en");

/** The part that is done, from 0 to 1; null while the total is not known. */
export function fraction({ done, total, percent }: ProgressData): number | null {
  const part = percent != null ? percent / 100 : total ? done / total : null;
  return part === null ? null : Math.min(1, Math.max(0, part));
}

/** "32.1 MB of 90.2 MB · 5.4 MB/s · about 11 s left". */
export function progressLine({ done, total, unit, rate, eta }: ProgressData): string {
  const parts: string[] = [];
  if (total) parts.push(`${amount(done, unit)} of ${amount(total, unit)}`);
  else if (done) parts.push(amount(done, unit));
  if (rate) parts.push(`${amount(unit === "bytes" ? rate : Math.round(rate), unit)}/s`);
  if (eta != null && Number.isFinite(eta)) parts.push(`about ${duration(eta)} left`);
  return parts.join(" · ");
}

export const words = (text: string) => text.match(/\S+/g)?.length ?? 0;
