import type { RequestActKind, RequestState } from './types.ts';

/** In which states an act makes sense (R18); in all others it is refused. What was approved before it was withdrawn or denied may have gone out all the same. */
export const REQUEST_TABLE: Record<RequestActKind, readonly RequestState[]> = {
  approve: ['requested'],
  deny: ['requested', 'approved'],
  sent: ['approved', 'withdrawn', 'denied'],
  agree: ['sent', 'closed'],
  return: ['sent'],
  settle: ['sent'],
  withdraw: ['requested', 'approved'],
  edit: [],
};

export const STATE_SAYS: Record<RequestState, string> = {
  requested: 'waiting for approval',
  approved: 'approved, to be sent',
  sent: 'sent',
  closed: 'closed',
  denied: 'denied',
  withdrawn: 'withdrawn',
};
