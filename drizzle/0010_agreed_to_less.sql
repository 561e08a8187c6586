-- What 0007 left out: two had approved less, and more was sent. Nobody was asked then, and who agreed to less has not agreed to more. Those sends that were judged
-- when they were recorded say so in the audit trail: theirs stands.
UPDATE fund_requests r SET sent_over = over_limit
WHERE sent_amount > amount AND over_limit IS NOT NULL AND first_at <> approved_at AND sent_over IS NULL
  AND NOT EXISTS (SELECT FROM audit_events e WHERE e.subject = 'FR-' || r.id AND e.verb = 'sent'
    AND e.data->'txId' = to_jsonb(r.sent_tx) AND e.data->'patch' ? 'sentOver');
