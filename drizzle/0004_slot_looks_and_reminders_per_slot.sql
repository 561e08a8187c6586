CREATE TABLE "slot_looks" (
	"id" integer PRIMARY KEY DEFAULT 1 NOT NULL,
	"until" timestamp with time zone NOT NULL,
	CONSTRAINT "slot_looks_one" CHECK ("slot_looks"."id" = 1)
);
--> statement-breakpoint
ALTER TABLE "reminders" DROP CONSTRAINT "reminders_kind_subject_target_day_part_pk";--> statement-breakpoint
ALTER TABLE "reminders" ADD CONSTRAINT "reminders_kind_subject_target_day_part_since_pk" PRIMARY KEY("kind","subject","target","day","part","since");