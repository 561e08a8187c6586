CREATE INDEX "candidate_facts_tree" ON "candidate_facts" USING btree ("tree");--> statement-breakpoint
CREATE INDEX "candidates_commit" ON "candidates" USING btree (left("commit", 7));--> statement-breakpoint
CREATE INDEX "bugs_verified_found" ON "bugs" USING btree ("candidate_id") WHERE blocking and state = 'verified';--> statement-breakpoint
CREATE INDEX "bugs_verified_failed" ON "bugs" USING btree ("product","failed_candidate_id") WHERE blocking and state = 'verified';