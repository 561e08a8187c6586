CREATE SEQUENCE "public"."blocking_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1;--> statement-breakpoint
CREATE TABLE "audit_chain" (
	"position" bigint PRIMARY KEY NOT NULL,
	"event_id" bigint NOT NULL,
	"previous" text NOT NULL,
	"hash" text NOT NULL,
	"sealed_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "audit_chain_event_id_unique" UNIQUE("event_id")
);
--> statement-breakpoint
CREATE TABLE "audit_events" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "audit_events_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"actor" text NOT NULL,
	"verb" text NOT NULL,
	"subject" text NOT NULL,
	"event_time" timestamp (3) with time zone NOT NULL,
	"record_time" timestamp (3) with time zone NOT NULL,
	"source" text NOT NULL,
	"cause" text NOT NULL,
	"data" jsonb NOT NULL,
	"canonical" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "audit_unsealed" (
	"event_id" bigint PRIMARY KEY NOT NULL
);
--> statement-breakpoint
CREATE TABLE "candidate_changes" (
	"candidate_id" bigint NOT NULL,
	"position" integer NOT NULL,
	"title" text NOT NULL,
	"number" integer,
	"url" text,
	"login" text,
	"labels" jsonb NOT NULL,
	CONSTRAINT "candidate_changes_candidate_id_position_pk" PRIMARY KEY("candidate_id","position")
);
--> statement-breakpoint
CREATE TABLE "candidate_facts" (
	"candidate_id" bigint PRIMARY KEY NOT NULL,
	"sha" text,
	"tree" text,
	"develop_ahead" integer,
	"loaded_at" timestamp with time zone,
	"problem" text
);
--> statement-breakpoint
CREATE TABLE "causes" (
	"key" text PRIMARY KEY NOT NULL,
	"result" jsonb,
	"at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "threads" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "threads_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"kind" text NOT NULL,
	"title" text NOT NULL,
	"responsible" text NOT NULL,
	"channel" text NOT NULL,
	"root_ts" text,
	"url" text,
	"opened_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "slack_events" (
	"event_id" text PRIMARY KEY NOT NULL,
	"type" text NOT NULL,
	"body" jsonb NOT NULL,
	"received_at" timestamp with time zone DEFAULT now() NOT NULL,
	"handled_at" timestamp with time zone,
	"failed_at" timestamp with time zone,
	"error" text
);
--> statement-breakpoint
CREATE TABLE "note_checks" (
	"note_id" bigint NOT NULL,
	"position" integer NOT NULL,
	"text" text NOT NULL,
	"done" boolean DEFAULT false NOT NULL,
	"by" text,
	"at" timestamp with time zone,
	CONSTRAINT "note_checks_note_id_position_pk" PRIMARY KEY("note_id","position")
);
--> statement-breakpoint
CREATE TABLE "notes" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "notes_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"kind" text NOT NULL,
	"title" text NOT NULL,
	"description" text,
	"responsible" text NOT NULL,
	"state" text NOT NULL,
	"due" date,
	"opened_by" text NOT NULL,
	"opened_at" timestamp with time zone NOT NULL,
	"closed_by" text,
	"closed_at" timestamp with time zone,
	"summary" text,
	"close_reason" text,
	"thread_id" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "blocked_channels" (
	"channel" text PRIMARY KEY NOT NULL,
	"until" timestamp with time zone NOT NULL,
	"reason" text NOT NULL,
	"told_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "outbox" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "outbox_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"lane" text NOT NULL,
	"role" text NOT NULL,
	"thread_id" bigint,
	"target" text NOT NULL,
	"subject" text,
	"text" text DEFAULT '' NOT NULL,
	"blocks" jsonb,
	"broadcast" boolean DEFAULT false NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"attempted_at" timestamp with time zone,
	"attempts" integer DEFAULT 0 NOT NULL,
	"posted_at" timestamp with time zone,
	"posted_ts" text,
	"posted_channel" text,
	"failed_at" timestamp with time zone,
	"error" text,
	"shown_hash" text,
	"due_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "homes" (
	"person" text PRIMARY KEY NOT NULL,
	"opened_at" timestamp with time zone NOT NULL,
	"shown_hash" text
);
--> statement-breakpoint
CREATE TABLE "people" (
	"id" text PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"zone" text,
	"bot" boolean NOT NULL,
	"deactivated" boolean NOT NULL,
	"guest" boolean NOT NULL,
	"outsider" boolean NOT NULL,
	"refreshed_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "usergroup_members" (
	"usergroup" text NOT NULL,
	"person" text NOT NULL,
	CONSTRAINT "usergroup_members_usergroup_person_pk" PRIMARY KEY("usergroup","person")
);
--> statement-breakpoint
CREATE TABLE "usergroups" (
	"id" text PRIMARY KEY NOT NULL,
	"refreshed_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "candidates" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "candidates_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"release_id" bigint NOT NULL,
	"seq" integer NOT NULL,
	"commit" text NOT NULL,
	"tree" text,
	"named_by" text NOT NULL,
	"named_at" timestamp with time zone NOT NULL,
	"shown_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "claims" (
	"channel" text NOT NULL,
	"ts" text NOT NULL,
	"person" text NOT NULL,
	"road" text NOT NULL,
	"release_id" bigint NOT NULL,
	"present" boolean NOT NULL,
	"event_ts" text NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"outcome" text NOT NULL,
	"changed_at" timestamp with time zone NOT NULL,
	CONSTRAINT "claims_channel_ts_person_road_pk" PRIMARY KEY("channel","ts","person","road")
);
--> statement-breakpoint
CREATE TABLE "holds" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "holds_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"release_id" bigint NOT NULL,
	"person" text NOT NULL,
	"reason" text,
	"road" text NOT NULL,
	"emergency_id" bigint,
	"set_at" timestamp with time zone NOT NULL,
	"act" integer NOT NULL,
	"lifted_at" timestamp with time zone,
	"lifted_by" text
);
--> statement-breakpoint
CREATE TABLE "presences" (
	"release_id" bigint NOT NULL,
	"stage" text NOT NULL,
	"person" text NOT NULL,
	"since" timestamp with time zone NOT NULL,
	"renewed_at" timestamp with time zone NOT NULL,
	"left_at" timestamp with time zone,
	CONSTRAINT "presences_release_id_stage_person_pk" PRIMARY KEY("release_id","stage","person")
);
--> statement-breakpoint
CREATE TABLE "releases" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "releases_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"product" text NOT NULL,
	"version" text NOT NULL,
	"kind" text NOT NULL,
	"state" text NOT NULL,
	"thread_id" bigint NOT NULL,
	"opened_by" text NOT NULL,
	"opened_at" timestamp with time zone NOT NULL,
	"manager" text NOT NULL,
	"ops_owner" text,
	"product_owner" text,
	"authors" text[] DEFAULT '{}' NOT NULL,
	"environment_url" text,
	"changes" text,
	"risks" text,
	"flags" text,
	"reason" text,
	"prod_issue" text,
	"acts" integer DEFAULT 0 NOT NULL,
	"interrupted_act" integer DEFAULT 0 NOT NULL,
	"gate_act" integer DEFAULT 0 NOT NULL,
	"state_since" timestamp with time zone NOT NULL,
	"approved_at" timestamp with time zone,
	"shipping_at" timestamp with time zone,
	"shipped_at" timestamp with time zone,
	"done_at" timestamp with time zone,
	"ended_at" timestamp with time zone,
	"end_reason" text,
	"on_one" text,
	"review_due_at" timestamp with time zone,
	"reviewed_by" text,
	"reviewed_at" timestamp with time zone,
	"reconciled_at" timestamp with time zone,
	"reconciled_gate" integer,
	"lost_at" timestamp with time zone,
	"known_blockers" bigint[] DEFAULT '{}' NOT NULL
);
--> statement-breakpoint
CREATE TABLE "sign_offs" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "sign_offs_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"release_id" bigint NOT NULL,
	"candidate_id" bigint NOT NULL,
	"stage" text NOT NULL,
	"person" text NOT NULL,
	"road" text NOT NULL,
	"given_at" timestamp with time zone NOT NULL,
	"act" integer NOT NULL,
	"retracted_at" timestamp with time zone,
	"late_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "schedule_runs" (
	"name" text NOT NULL,
	"occurrence" timestamp with time zone NOT NULL,
	"started_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "schedule_runs_name_occurrence_pk" PRIMARY KEY("name","occurrence")
);
--> statement-breakpoint
CREATE TABLE "case_results" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "case_results_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"run_id" bigint NOT NULL,
	"case_id" text NOT NULL,
	"person" text NOT NULL,
	"result" text NOT NULL,
	"note" text,
	"at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "ci_reports" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "ci_reports_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"release_id" bigint NOT NULL,
	"candidate_id" bigint NOT NULL,
	"suite" text NOT NULL,
	"passed" integer NOT NULL,
	"failed" integer NOT NULL,
	"skipped" integer NOT NULL,
	"failures" jsonb NOT NULL,
	"gates" boolean NOT NULL,
	"at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "run_cases" (
	"run_id" bigint NOT NULL,
	"case_id" text NOT NULL,
	"position" integer NOT NULL,
	"title" text NOT NULL,
	"area" text NOT NULL,
	"spec" jsonb NOT NULL,
	"required" boolean NOT NULL,
	"passes_required" integer DEFAULT 1 NOT NULL,
	"state" text NOT NULL,
	"taken_by" text,
	"taken_at" timestamp with time zone,
	CONSTRAINT "run_cases_run_id_case_id_pk" PRIMARY KEY("run_id","case_id")
);
--> statement-breakpoint
CREATE TABLE "spec_counts" (
	"product" text NOT NULL,
	"stage" text NOT NULL,
	"required" integer NOT NULL,
	"flagged" integer DEFAULT 0 NOT NULL,
	"hash" text NOT NULL,
	CONSTRAINT "spec_counts_product_stage_pk" PRIMARY KEY("product","stage")
);
--> statement-breakpoint
CREATE TABLE "test_runs" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "test_runs_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"release_id" bigint NOT NULL,
	"candidate_id" bigint NOT NULL,
	"stage" text NOT NULL,
	"started_at" timestamp with time zone NOT NULL,
	"reported" text,
	"reporting" jsonb
);
--> statement-breakpoint
CREATE TABLE "bugs" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "bugs_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"product" text NOT NULL,
	"release_id" bigint,
	"candidate_id" bigint,
	"found_in" text NOT NULL,
	"title" text NOT NULL,
	"steps" text,
	"answers" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"reporter" text NOT NULL,
	"reported_at" timestamp with time zone NOT NULL,
	"link" text,
	"blocking" boolean NOT NULL,
	"blocking_seq" bigint,
	"state" text NOT NULL,
	"owner" text,
	"recreated_by" text,
	"recreated_at" timestamp with time zone,
	"in_production" text DEFAULT 'not_yet' NOT NULL,
	"tried_by" text,
	"tried_at" timestamp with time zone,
	"fix_candidate_id" bigint,
	"fix_named_by" text,
	"asked_for" text,
	"asked_by" text,
	"asked_reason" text,
	"asked_at" timestamp with time zone,
	"agreed_by" text,
	"downgraded_at" timestamp with time zone,
	"priority" text,
	"priority_reason" text,
	"ticket" text,
	"duplicate_of" bigint,
	"ended_at" timestamp with time zone,
	"ended_by" text,
	"end_reason" text,
	"thread_id" bigint
);
--> statement-breakpoint
CREATE TABLE "prod_issues" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "prod_issues_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"bug_id" bigint,
	"product" text NOT NULL,
	"title" text NOT NULL,
	"state" text NOT NULL,
	"why" text NOT NULL,
	"release_id" bigint,
	"attributed_by" text,
	"declared_by" text NOT NULL,
	"declared_at" timestamp with time zone NOT NULL,
	"mitigated_at" timestamp with time zone,
	"resolved_at" timestamp with time zone,
	"reviewed_at" timestamp with time zone,
	"owner" text,
	"engineer" text,
	"communication" text,
	"review" jsonb,
	"reviewed_by" text,
	"thread_id" bigint NOT NULL
);
--> statement-breakpoint
ALTER TABLE "audit_chain" ADD CONSTRAINT "audit_chain_event_id_audit_events_id_fk" FOREIGN KEY ("event_id") REFERENCES "public"."audit_events"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "candidate_changes" ADD CONSTRAINT "candidate_changes_candidate_id_candidates_id_fk" FOREIGN KEY ("candidate_id") REFERENCES "public"."candidates"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "candidate_facts" ADD CONSTRAINT "candidate_facts_candidate_id_candidates_id_fk" FOREIGN KEY ("candidate_id") REFERENCES "public"."candidates"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "note_checks" ADD CONSTRAINT "note_checks_note_id_notes_id_fk" FOREIGN KEY ("note_id") REFERENCES "public"."notes"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "notes" ADD CONSTRAINT "notes_thread_id_threads_id_fk" FOREIGN KEY ("thread_id") REFERENCES "public"."threads"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "outbox" ADD CONSTRAINT "outbox_thread_id_threads_id_fk" FOREIGN KEY ("thread_id") REFERENCES "public"."threads"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "usergroup_members" ADD CONSTRAINT "usergroup_members_usergroup_usergroups_id_fk" FOREIGN KEY ("usergroup") REFERENCES "public"."usergroups"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "candidates" ADD CONSTRAINT "candidates_release_id_releases_id_fk" FOREIGN KEY ("release_id") REFERENCES "public"."releases"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "claims" ADD CONSTRAINT "claims_release_id_releases_id_fk" FOREIGN KEY ("release_id") REFERENCES "public"."releases"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "holds" ADD CONSTRAINT "holds_release_id_releases_id_fk" FOREIGN KEY ("release_id") REFERENCES "public"."releases"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "holds" ADD CONSTRAINT "holds_emergency_id_releases_id_fk" FOREIGN KEY ("emergency_id") REFERENCES "public"."releases"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "presences" ADD CONSTRAINT "presences_release_id_releases_id_fk" FOREIGN KEY ("release_id") REFERENCES "public"."releases"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "releases" ADD CONSTRAINT "releases_thread_id_threads_id_fk" FOREIGN KEY ("thread_id") REFERENCES "public"."threads"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sign_offs" ADD CONSTRAINT "sign_offs_release_id_releases_id_fk" FOREIGN KEY ("release_id") REFERENCES "public"."releases"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sign_offs" ADD CONSTRAINT "sign_offs_candidate_id_candidates_id_fk" FOREIGN KEY ("candidate_id") REFERENCES "public"."candidates"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "case_results" ADD CONSTRAINT "case_results_run_id_test_runs_id_fk" FOREIGN KEY ("run_id") REFERENCES "public"."test_runs"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "ci_reports" ADD CONSTRAINT "ci_reports_release_id_releases_id_fk" FOREIGN KEY ("release_id") REFERENCES "public"."releases"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "ci_reports" ADD CONSTRAINT "ci_reports_candidate_id_candidates_id_fk" FOREIGN KEY ("candidate_id") REFERENCES "public"."candidates"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "run_cases" ADD CONSTRAINT "run_cases_run_id_test_runs_id_fk" FOREIGN KEY ("run_id") REFERENCES "public"."test_runs"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "test_runs" ADD CONSTRAINT "test_runs_release_id_releases_id_fk" FOREIGN KEY ("release_id") REFERENCES "public"."releases"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "test_runs" ADD CONSTRAINT "test_runs_candidate_id_candidates_id_fk" FOREIGN KEY ("candidate_id") REFERENCES "public"."candidates"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "bugs" ADD CONSTRAINT "bugs_release_id_releases_id_fk" FOREIGN KEY ("release_id") REFERENCES "public"."releases"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "bugs" ADD CONSTRAINT "bugs_candidate_id_candidates_id_fk" FOREIGN KEY ("candidate_id") REFERENCES "public"."candidates"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "bugs" ADD CONSTRAINT "bugs_fix_candidate_id_candidates_id_fk" FOREIGN KEY ("fix_candidate_id") REFERENCES "public"."candidates"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "bugs" ADD CONSTRAINT "bugs_thread_id_threads_id_fk" FOREIGN KEY ("thread_id") REFERENCES "public"."threads"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "prod_issues" ADD CONSTRAINT "prod_issues_bug_id_bugs_id_fk" FOREIGN KEY ("bug_id") REFERENCES "public"."bugs"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "prod_issues" ADD CONSTRAINT "prod_issues_release_id_releases_id_fk" FOREIGN KEY ("release_id") REFERENCES "public"."releases"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "prod_issues" ADD CONSTRAINT "prod_issues_thread_id_threads_id_fk" FOREIGN KEY ("thread_id") REFERENCES "public"."threads"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "audit_events_subject" ON "audit_events" USING btree ("subject","id");--> statement-breakpoint
CREATE INDEX "audit_events_record_time" ON "audit_events" USING btree ("record_time");--> statement-breakpoint
CREATE INDEX "candidate_changes_candidate" ON "candidate_changes" USING btree ("candidate_id");--> statement-breakpoint
CREATE INDEX "causes_at" ON "causes" USING btree ("at");--> statement-breakpoint
CREATE UNIQUE INDEX "threads_root" ON "threads" USING btree ("channel","root_ts");--> statement-breakpoint
CREATE INDEX "slack_events_received_at" ON "slack_events" USING btree ("received_at");--> statement-breakpoint
CREATE INDEX "slack_events_unhandled" ON "slack_events" USING btree ("received_at") WHERE "slack_events"."handled_at" is null;--> statement-breakpoint
CREATE INDEX "slack_events_failed" ON "slack_events" USING btree ("failed_at") WHERE "slack_events"."failed_at" is not null;--> statement-breakpoint
CREATE INDEX "notes_state" ON "notes" USING btree ("state","id");--> statement-breakpoint
CREATE INDEX "notes_thread" ON "notes" USING btree ("thread_id");--> statement-breakpoint
CREATE INDEX "outbox_waiting" ON "outbox" USING btree ("lane","id") WHERE posted_ts is null and failed_at is null;--> statement-breakpoint
CREATE INDEX "outbox_posted" ON "outbox" USING btree ("posted_channel","posted_ts") WHERE role in ('card', 'check');--> statement-breakpoint
CREATE INDEX "outbox_subject" ON "outbox" USING btree ("subject","role") WHERE role in ('card', 'check');--> statement-breakpoint
CREATE UNIQUE INDEX "candidates_seq" ON "candidates" USING btree ("release_id","seq");--> statement-breakpoint
CREATE INDEX "claims_release" ON "claims" USING btree ("release_id");--> statement-breakpoint
CREATE INDEX "holds_release" ON "holds" USING btree ("release_id");--> statement-breakpoint
CREATE UNIQUE INDEX "releases_version" ON "releases" USING btree ("product","version") WHERE state <> 'cancelled';--> statement-breakpoint
CREATE UNIQUE INDEX "releases_open" ON "releases" USING btree ("product","kind") WHERE state in ('waiting', 'testing', 'approved', 'shipping', 'verifying');--> statement-breakpoint
CREATE INDEX "releases_thread" ON "releases" USING btree ("thread_id");--> statement-breakpoint
CREATE INDEX "releases_live" ON "releases" USING btree ("state") WHERE state in ('waiting', 'testing', 'approved', 'shipping', 'verifying');--> statement-breakpoint
CREATE INDEX "releases_done" ON "releases" USING btree ("done_at") WHERE state = 'done';--> statement-breakpoint
CREATE UNIQUE INDEX "sign_offs_once" ON "sign_offs" USING btree ("candidate_id","stage","person") WHERE retracted_at is null;--> statement-breakpoint
CREATE INDEX "sign_offs_release" ON "sign_offs" USING btree ("release_id");--> statement-breakpoint
CREATE INDEX "schedule_runs_occurrence" ON "schedule_runs" USING btree ("occurrence");--> statement-breakpoint
CREATE INDEX "case_results_case" ON "case_results" USING btree ("run_id","case_id");--> statement-breakpoint
CREATE UNIQUE INDEX "ci_reports_suite" ON "ci_reports" USING btree ("candidate_id","suite");--> statement-breakpoint
CREATE INDEX "run_cases_state" ON "run_cases" USING btree ("run_id","required","state");--> statement-breakpoint
CREATE UNIQUE INDEX "test_runs_once" ON "test_runs" USING btree ("candidate_id","stage");--> statement-breakpoint
CREATE INDEX "test_runs_release" ON "test_runs" USING btree ("release_id");--> statement-breakpoint
CREATE INDEX "bugs_blocking" ON "bugs" USING btree ("product") WHERE blocking and ended_at is null;--> statement-breakpoint
CREATE INDEX "bugs_open" ON "bugs" USING btree ("product","id") WHERE ended_at is null;--> statement-breakpoint
CREATE INDEX "bugs_release" ON "bugs" USING btree ("release_id");--> statement-breakpoint
CREATE INDEX "bugs_reported" ON "bugs" USING btree ("reported_at");--> statement-breakpoint
CREATE INDEX "bugs_thread" ON "bugs" USING btree ("thread_id");--> statement-breakpoint
CREATE INDEX "prod_issues_open" ON "prod_issues" USING btree ("product") WHERE state <> 'reviewed';--> statement-breakpoint
CREATE INDEX "prod_issues_release" ON "prod_issues" USING btree ("release_id");--> statement-breakpoint
CREATE INDEX "prod_issues_thread" ON "prod_issues" USING btree ("thread_id");