-- The outbox last: an act writes its own tables first and the outbox then, and other instances may be at work.
ALTER TABLE "schedules" DROP COLUMN "beat";--> statement-breakpoint
ALTER TABLE "schedules" DROP COLUMN "payload";--> statement-breakpoint
DROP INDEX "candidate_changes_candidate";--> statement-breakpoint
CREATE INDEX "releases_owing" ON "releases" USING btree ("id") WHERE on_one is not null and reviewed_by is null;--> statement-breakpoint
CREATE INDEX "releases_prod_issue" ON "releases" USING btree ("prod_issue") WHERE prod_issue is not null;--> statement-breakpoint
CREATE INDEX "prod_issues_bug" ON "prod_issues" USING btree ("bug_id");--> statement-breakpoint
CREATE INDEX "outbox_thread" ON "outbox" USING btree ("thread_id") WHERE role = 'card';
