import type { Tx } from './client.ts';
import { threads } from './schema/core.ts';

/** Begins a conversation in a channel, with the one person responsible for it (R24); its first message is the caller's to post. @returns its id */
export async function beginThread(
  tx: Tx,
  thread: { kind: string; title: string; responsible: string; channel: string; openedAt?: Date },
): Promise<number> {
  const [begun] = await tx.insert(threads).values(thread).returning({ id: threads.id });
  return (begun as { id: number }).id;
}
