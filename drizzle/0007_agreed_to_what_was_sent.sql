ALTER TABLE "fund_requests" ADD COLUMN "sent_over" text;--> statement-breakpoint
ALTER TABLE "fund_requests" ADD COLUMN "agreed_by" text;--> statement-breakpoint
ALTER TABLE "fund_requests" ADD COLUMN "agreed_at" timestamp with time zone;--> statement-breakpoint
CREATE INDEX "fund_requests_unagreed" ON "fund_requests" USING btree ("id") WHERE sent_over is not null and agreed_by is null;--> statement-breakpoint
ALTER TABLE "fund_requests" ADD CONSTRAINT "fund_requests_agreed" CHECK (agreed_by is null or (agreed_by <> requester and agreed_by <> sent_by and sent_over is not null));--> statement-breakpoint
-- Who recorded that more was sent than approved, over a limit, counted as the second to have approved the request itself, with the first one's time. From now on both
-- are told apart: one approved it, and to what was sent nobody has agreed yet; whoever recorded it last, also after a reversal. The first approved less, so they are asked too.
UPDATE fund_requests SET approved_by = first_by, first_by = NULL, first_at = NULL, over_limit = NULL,
  sent_over = CASE WHEN sent_amount > amount THEN over_limit END
WHERE first_at = approved_at;
