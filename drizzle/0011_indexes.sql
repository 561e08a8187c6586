-- All that this and the migrations run with it change is locked first, in the order in which acts take it: one that is at work (old instances are to be
-- stopped before) is waited for, and neither waits for the other.
LOCK TABLE "schedules", "candidate_changes", "releases", "claims", "prod_issues", "reminders", "outbox" IN ACCESS EXCLUSIVE MODE;--> statement-breakpoint
ALTER TABLE "schedules" DROP COLUMN "beat";--> statement-breakpoint
ALTER TABLE "schedules" DROP COLUMN "payload";--> statement-breakpoint
DROP INDEX "candidate_changes_candidate";--> statement-breakpoint
CREATE INDEX "releases_owing" ON "releases" USING btree ("id") WHERE on_one is not null and reviewed_by is null;--> statement-breakpoint
CREATE INDEX "releases_prod_issue" ON "releases" USING btree ("prod_issue") WHERE prod_issue is not null;--> statement-breakpoint
CREATE INDEX "prod_issues_bug" ON "prod_issues" USING btree ("bug_id");--> statement-breakpoint
CREATE INDEX "outbox_thread" ON "outbox" USING btree ("thread_id") WHERE role = 'card';
