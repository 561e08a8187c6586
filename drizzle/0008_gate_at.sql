ALTER TABLE "releases" ADD COLUMN "gate_at" timestamp with time zone;--> statement-breakpoint
-- What is heard of late is judged against that time. The audit trail knows it; where it does not, it was at the latest now.
UPDATE "releases" r SET "gate_at" = coalesce((
    SELECT max(e.record_time) FROM audit_events e WHERE e.subject = 'REL-' || r.id
      AND e.data @? '$.changes[*] ? (@.kind == "held" || @.kind == "unheld" || @.kind == "candidate" || @.kind == "blocked" || @.kind == "unblocked" || @.kind == "push_failed")'
  ), now()) WHERE r.gate_act > 0 OR r.interrupted_act > 0;
