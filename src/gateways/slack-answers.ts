import { type Person, SlackError } from '../base/slack.ts';

/** The answer's fields we read; each reader checks what it needs, for any of them may be missing. */
export type Answer = Record<string, unknown>;

export function person(user: Answer, asked: string): Person {
  const profile = (user.profile ?? {}) as { display_name?: string; real_name?: string };
  const names = [profile.display_name, profile.real_name, user.real_name, user.name];
  return {
    id: asked,
    name: names.find((name): name is string => typeof name === 'string' && name !== '') ?? asked,
    tz: typeof user.tz === 'string' && user.tz !== '' ? user.tz : 'UTC',
    // Slackbot calls itself a person.
    isBot: user.is_bot === true || asked === 'USLACKBOT',
    deleted: user.deleted === true,
    guest: user.is_restricted === true || user.is_ultra_restricted === true,
    teamId: typeof user.team_id === 'string' ? user.team_id : '',
    stranger: user.is_stranger === true,
  };
}

export function part(answer: Answer, key: string): Answer {
  const value = answer[key];
  if (typeof value === 'object' && value !== null) return value as Answer;
  throw new SlackError('doubtful', { method: 'answer', code: `no_${key}` });
}

export function text(answer: Answer, key: string): string {
  const value = answer[key];
  if (typeof value === 'string') return value;
  throw new SlackError('doubtful', { method: 'answer', code: `no_${key}` });
}

export function list<T>(answer: Answer, key: string, method = 'answer'): T[] {
  const value = answer[key];
  if (Array.isArray(value)) return value as T[];
  throw new SlackError('doubtful', { method, code: `no_${key}` });
}
