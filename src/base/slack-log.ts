import { LogLevel, type Logger as SlackLogger } from '@slack/web-api';
import type { Logger } from './log.ts';

/**
 * Slack's libraries write through this into our log. Their info is our debug: they announce every connection, and what
 * matters of it is logged by us. Debug is dropped, it holds whole request bodies.
 */
export function slackLog(log: Logger): SlackLogger {
  const child = log.child({ from: 'slack-sdk' });
  const text = (parts: unknown[]): string => parts.map(String).join(' ');
  return {
    debug: () => {},
    info: (...parts) => child.debug(text(parts)),
    warn: (...parts) => child.warn(text(parts)),
    error: (...parts) => child.error(text(parts)),
    setLevel: () => {},
    getLevel: () => LogLevel.INFO,
    setName: () => {},
  };
}
