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
	"subject" bigint,
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
	"lost_at" timestamp with time zone
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
ALTER TABLE "audit_chain" ADD CONSTRAINT "audit_chain_event_id_audit_events_id_fk" FOREIGN KEY ("event_id") REFERENCES "public"."audit_events"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
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
CREATE INDEX "audit_events_subject" ON "audit_events" USING btree ("subject","id");--> statement-breakpoint
CREATE INDEX "audit_events_record_time" ON "audit_events" USING btree ("record_time");--> statement-breakpoint
CREATE INDEX "causes_at" ON "causes" USING btree ("at");--> statement-breakpoint
CREATE UNIQUE INDEX "threads_root" ON "threads" USING btree ("channel","root_ts");--> statement-breakpoint
CREATE INDEX "slack_events_received_at" ON "slack_events" USING btree ("received_at");--> statement-breakpoint
CREATE INDEX "slack_events_unhandled" ON "slack_events" USING btree ("received_at") WHERE "slack_events"."handled_at" is null;--> statement-breakpoint
CREATE INDEX "slack_events_failed" ON "slack_events" USING btree ("failed_at") WHERE "slack_events"."failed_at" is not null;--> statement-breakpoint
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
CREATE INDEX "schedule_runs_occurrence" ON "schedule_runs" USING btree ("occurrence");