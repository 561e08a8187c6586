CREATE TABLE "release_flags" (
	"release_id" bigint NOT NULL,
	"flag" text NOT NULL,
	"asked" boolean NOT NULL,
	"person" text NOT NULL,
	"at" timestamp with time zone NOT NULL,
	CONSTRAINT "release_flags_release_id_flag_pk" PRIMARY KEY("release_id","flag")
);
--> statement-breakpoint
ALTER TABLE "test_runs" ADD COLUMN "carried_from" bigint;--> statement-breakpoint
ALTER TABLE "bugs" ADD COLUMN "failed_candidate_id" bigint;--> statement-breakpoint
ALTER TABLE "release_flags" ADD CONSTRAINT "release_flags_release_id_releases_id_fk" FOREIGN KEY ("release_id") REFERENCES "public"."releases"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "test_runs" ADD CONSTRAINT "test_runs_carried_from_test_runs_id_fk" FOREIGN KEY ("carried_from") REFERENCES "public"."test_runs"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "bugs" ADD CONSTRAINT "bugs_failed_candidate_id_candidates_id_fk" FOREIGN KEY ("failed_candidate_id") REFERENCES "public"."candidates"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
-- Before, a bug whose retest failed kept that fix as the one the next had to be later than.
UPDATE "bugs" SET "failed_candidate_id" = "fix_candidate_id" WHERE "state" = 'confirmed' AND "fix_candidate_id" IS NOT NULL;
