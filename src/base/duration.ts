/** Minutes in `30m`, `4h` or `1h30m`; undefined when it is none of these, is zero, or has over 59 minutes beside hours. */
export function parseDuration(text: string): number | undefined {
  const match = /^(?:(\d{1,5})h)?(?:(\d{1,5})m)?$/.exec(text.trim().toLowerCase());
  if (!match) return undefined;
  const hours = Number(match[1] ?? 0);
  const minutes = Number(match[2] ?? 0);
  if (match[1] !== undefined && minutes > 59) return undefined;
  return hours * 60 + minutes || undefined;
}

/** Minutes as people say them: `45 min`, `3 h 20 min`, from two days on `2 d 3 h`. Parts of a minute are dropped. */
export function showDuration(minutes: number): string {
  const whole = Math.max(0, Math.floor(minutes));
  if (whole < 60) return `${whole} min`;
  const hours = Math.floor(whole / 60);
  if (hours < 48) return `${hours} h${whole % 60 ? ` ${whole % 60} min` : ''}`;
  return `${Math.floor(hours / 24)} d${hours % 24 ? ` ${hours % 24} h` : ''}`;
}

/** The time from `from` to `to` for people: `3 h 20 min`, or `less than a minute` (also when the order is reversed). */
export function ago(from: Date, to: Date): string {
  const minutes = (to.getTime() - from.getTime()) / 60_000;
  return minutes < 1 ? 'less than a minute' : showDuration(minutes);
}
