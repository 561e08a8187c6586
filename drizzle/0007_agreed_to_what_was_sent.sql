ALTER TABLE "fund_requests" ADD COLUMN "sent_over" text;--> statement-breakpoint
ALTER TABLE "fund_requests" ADD COLUMN "agreed_by" text;--> statement-breakpoint
ALTER TABLE "fund_requests" ADD COLUMN "agreed_at" timestamp with time zone;--> statement-breakpoint
CREATE INDEX "fund_requests_unagreed" ON "fund_requests" USING btree ("id") WHERE sent_over is not null and agreed_by is null;--> statement-breakpoint
ALTER TABLE "fund_requests" ADD CONSTRAINT "fund_requests_agreed" CHECK (agreed_by is null or (agreed_by <> requester and agreed_by <> sent_by and sent_over is not null));--> statement-breakpoint
-- Who recorded that more was sent than approved counted as the second to have approved the request itself. Both are told apart from now on: one approved it, and what was
-- sent was agreed to by two.
UPDATE fund_requests SET approved_by = first_by, first_by = NULL, first_at = NULL, over_limit = NULL,
  sent_over = CASE WHEN sent_tx IS NOT NULL THEN over_limit END,
  agreed_by = CASE WHEN sent_tx IS NOT NULL THEN first_by END,
  agreed_at = CASE WHEN sent_tx IS NOT NULL THEN sent_at END
WHERE first_at = approved_at AND (sent_by IS NULL OR sent_by = approved_by);
