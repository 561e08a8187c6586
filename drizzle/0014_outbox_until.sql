ALTER TABLE "outbox" ADD COLUMN "until" timestamp with time zone;--> statement-breakpoint
CREATE INDEX "reminders_outbox" ON "reminders" USING btree ("outbox_id");