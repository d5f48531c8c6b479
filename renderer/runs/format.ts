// Numbers, sizes, durations and times as the reader's language writes them.
import { useMemo } from 'react';
import { type Language, translate, useLanguage } from '../words/index.ts';

export interface Format {
  /** Five significant digits, or all before the decimal point: "3.2148", "12,408". Very small ones as "3.0e-5". */
  number(value: number): string;
  /** A whole number with separators: "1,234,567". */
  count(value: number): string;
  /** Short: "1.2M", in Chinese "120万". */
  compact(value: number): string;
  /** "42%", "0.3%", "99.9%". */
  percent(fraction: number): string;
  /** "312 MB". Powers of ten, as disks are sold. */
  bytes(value: number): string;
  /** "3.1 TFLOP": an amount of work with a decimal prefix. */
  scaled(value: number, unit: string): string;
  /** "0.4 s", "42 s", "3 min 12 s", "2 h 05 min". */
  duration(seconds: number): string;
  /** As a duration, but coarse, so that it does not flicker while it counts down: "about 3 min". */
  left(seconds: number): string;
  /** A moment, with the day where it is not today. */
  time(iso: string): string;
}

const prefixes = ['', 'k', 'M', 'G', 'T', 'P', 'E', 'Z', 'Y'];

export function formatOf(language: Language): Format {
  const locale = language === 'zh' ? 'zh-CN' : 'en';
  const precise = new Intl.NumberFormat(locale, { maximumSignificantDigits: 5 });
  const whole = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });
  const short = new Intl.NumberFormat(locale, { notation: 'compact', maximumFractionDigits: 1 });
  const tenth = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 });
  const clock = new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit' });
  const day = new Intl.DateTimeFormat(locale, { month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit' });
  const word = (key: Parameters<typeof translate>[1], values: Record<string, string | number>) =>
    translate(language, key, values);
  const scaled = (value: number, unit: string) => {
    let index = 0;
    let rest = value;
    while (Math.abs(rest) >= 999.5 && index < prefixes.length - 1) {
      rest /= 1000;
      index++;
    }
    return `${Math.abs(rest) >= 9.95 || index === 0 ? whole.format(rest) : tenth.format(rest)} ${prefixes[index]}${unit}`;
  };
  const duration = (seconds: number) => {
    if (seconds > 0 && seconds < 0.0995) return word('runs.time.ms', { ms: String(Math.ceil(1000 * seconds)) });
    if (seconds < 9.95) return word('runs.time.s', { s: tenth.format(Math.max(0, seconds)) });
    const all = Math.round(seconds);
    if (all < 60) return word('runs.time.s', { s: String(all) });
    const two = (value: number) => String(value).padStart(2, '0');
    if (all < 3600) return word('runs.time.min', { min: String(Math.floor(all / 60)), s: two(all % 60) });
    return word('runs.time.h', { h: String(Math.floor(all / 3600)), min: two(Math.floor((all % 3600) / 60)) });
  };
  return {
    number(value) {
      if (!Number.isFinite(value)) return String(value);
      const size = Math.abs(value);
      if (size !== 0 && size < 1e-3) return Number(value.toPrecision(3)).toExponential();
      return size < 10_000 ? precise.format(value) : whole.format(value);
    },
    count: (value) => whole.format(value),
    compact: (value) => short.format(value),
    percent(fraction) {
      // What is nearly all is not 100%, and what is nearly nothing is not 0%.
      const almost = fraction >= 0.995 && fraction < 1;
      const shown = almost ? Math.floor(1000 * fraction) / 10 : 100 * fraction;
      return `${(almost || (fraction > 0 && fraction < 0.0995) ? tenth : whole).format(shown)}%`;
    },
    bytes: (value) => scaled(value, 'B'),
    scaled,
    duration,
    left(seconds) {
      if (seconds < 10) return word('runs.time.s', { s: String(Math.max(1, Math.round(seconds))) });
      if (seconds < 60) return word('runs.time.s', { s: String(5 * Math.round(seconds / 5)) });
      if (seconds < 600) return duration(10 * Math.round(seconds / 10));
      if (seconds < 3600) return word('runs.time.minutes', { min: String(Math.round(seconds / 60)) });
      return duration(300 * Math.round(seconds / 300));
    },
    time(iso) {
      const date = new Date(iso);
      return (date.toDateString() === new Date().toDateString() ? clock : day).format(date);
    },
  };
}

/** For components: they are drawn again when the language changes. */
export function useFormat(): Format {
  const language = useLanguage((state) => state.language);
  return useMemo(() => formatOf(language), [language]);
}
