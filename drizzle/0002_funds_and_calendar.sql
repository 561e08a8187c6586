CREATE TABLE "absences" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "absences_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"person" text NOT NULL,
	"from_day" date NOT NULL,
	"to_day" date NOT NULL,
	"set_by" text NOT NULL,
	"set_at" timestamp with time zone NOT NULL,
	"ended_at" timestamp with time zone,
	CONSTRAINT "absences_span" CHECK ("absences"."from_day" <= "absences"."to_day")
);
--> statement-breakpoint
CREATE TABLE "freezes" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "freezes_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"product" text,
	"starts_at" timestamp with time zone NOT NULL,
	"ends_at" timestamp with time zone NOT NULL,
	"reason" text NOT NULL,
	"set_by" text NOT NULL,
	"set_at" timestamp with time zone NOT NULL,
	"thawed_at" timestamp with time zone,
	"thawed_by" text,
	CONSTRAINT "freezes_span" CHECK ("freezes"."starts_at" < "freezes"."ends_at")
);
--> statement-breakpoint
CREATE TABLE "slot_products" (
	"slot_id" bigint NOT NULL,
	"product" text NOT NULL,
	"outcome" text DEFAULT 'planned' NOT NULL,
	"release_id" bigint,
	"skipped_by" text,
	"develop_ahead" integer,
	"settled_at" timestamp with time zone,
	CONSTRAINT "slot_products_slot_id_product_pk" PRIMARY KEY("slot_id","product"),
	CONSTRAINT "slot_products_outcome" CHECK ("slot_products"."outcome" in ('planned', 'done', 'late', 'missed', 'cancelled'))
);
--> statement-breakpoint
CREATE TABLE "slots" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "slots_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"local" text NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"until" timestamp with time zone NOT NULL,
	"proposed_at" timestamp with time zone NOT NULL,
	CONSTRAINT "slots_local_unique" UNIQUE("local")
);
--> statement-breakpoint
CREATE TABLE "regression_assignments" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "regression_assignments_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"month" text NOT NULL,
	"wallet" text NOT NULL,
	"feature" text NOT NULL,
	"day" date NOT NULL,
	"start" integer NOT NULL,
	"tester" text NOT NULL,
	"state" text DEFAULT 'planned' NOT NULL,
	"by" text,
	"at" timestamp with time zone,
	"note" text,
	CONSTRAINT "regression_assignments_state" CHECK (state in ('planned', 'passed', 'failed', 'skipped', 'missed'))
);
--> statement-breakpoint
CREATE TABLE "regression_months" (
	"month" text PRIMARY KEY NOT NULL,
	"planned_at" timestamp with time zone NOT NULL,
	"planned_by" text NOT NULL,
	"replanned_at" timestamp with time zone,
	"roster" jsonb NOT NULL,
	"areas" jsonb NOT NULL,
	"left_out" jsonb NOT NULL,
	"reported" text,
	"reporting" jsonb
);
--> statement-breakpoint
CREATE TABLE "regression_swaps" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "regression_swaps_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"mine" bigint NOT NULL,
	"theirs" bigint NOT NULL,
	"asker" text NOT NULL,
	"asked" text NOT NULL,
	"asked_at" timestamp with time zone NOT NULL,
	"state" text DEFAULT 'open' NOT NULL,
	"answered_at" timestamp with time zone,
	CONSTRAINT "regression_swaps_state" CHECK (state in ('open', 'agreed', 'declined', 'void'))
);
--> statement-breakpoint
CREATE TABLE "accounts" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "accounts_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"name" text NOT NULL,
	"kind" text NOT NULL,
	"key" text NOT NULL,
	CONSTRAINT "accounts_name_unique" UNIQUE("name"),
	CONSTRAINT "accounts_kind" CHECK (kind in ('custody', 'person', 'fees', 'outside'))
);
--> statement-breakpoint
CREATE TABLE "chain_transactions" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "chain_transactions_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"chain" text NOT NULL,
	"hash" text NOT NULL,
	CONSTRAINT "chain_transactions_filled" CHECK (chain <> '' and hash <> '')
);
--> statement-breakpoint
CREATE TABLE "fund_requests" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "fund_requests_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"requester" text NOT NULL,
	"asset" text NOT NULL,
	"amount" numeric(78, 0) NOT NULL,
	"chain" text,
	"address" text,
	"reason" text NOT NULL,
	"link" text,
	"needed_by" date,
	"release_id" bigint,
	"state" text NOT NULL,
	"requested_at" timestamp with time zone NOT NULL,
	"first_by" text,
	"first_at" timestamp with time zone,
	"over_limit" text,
	"approved_by" text,
	"approved_at" timestamp with time zone,
	"sent_by" text,
	"sent_at" timestamp with time zone,
	"sent_tx" bigint,
	"sent_amount" numeric(78, 0),
	"closed_by" text,
	"closed_at" timestamp with time zone,
	"close_reason" text,
	"thread_id" bigint NOT NULL,
	CONSTRAINT "fund_requests_state" CHECK (state in ('requested', 'approved', 'sent', 'closed', 'denied', 'withdrawn')),
	CONSTRAINT "fund_requests_amount" CHECK (amount > 0),
	CONSTRAINT "fund_requests_own" CHECK (approved_by <> requester and first_by <> requester and approved_by <> first_by)
);
--> statement-breakpoint
CREATE TABLE "ledger_transactions" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "ledger_transactions_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"kind" text NOT NULL,
	"request_id" bigint,
	"release_id" bigint,
	"chain_tx_id" bigint,
	"reverses" bigint,
	"replaces" bigint,
	"note" text,
	"actor" text NOT NULL,
	"event_time" timestamp with time zone NOT NULL,
	"record_time" timestamp with time zone NOT NULL,
	"xact" "xid8" DEFAULT pg_current_xact_id() NOT NULL,
	CONSTRAINT "ledger_transactions_kind" CHECK (kind in ('send', 'return', 'spend', 'settle', 'transfer', 'reversal') and (kind = 'reversal') = (reverses is not null)),
	CONSTRAINT "ledger_transactions_refers" CHECK (replaces is null or (reverses is null and chain_tx_id is not null))
);
--> statement-breakpoint
CREATE TABLE "postings" (
	"tx_id" bigint NOT NULL,
	"line" integer NOT NULL,
	"account_id" bigint NOT NULL,
	"asset" text NOT NULL,
	"amount" numeric(78, 0) NOT NULL,
	CONSTRAINT "postings_tx_id_line_pk" PRIMARY KEY("tx_id","line"),
	CONSTRAINT "postings_amount" CHECK (amount <> 0 and asset <> '')
);
--> statement-breakpoint
CREATE TABLE "spends" (
	"tx_id" bigint PRIMARY KEY NOT NULL,
	"tester" text NOT NULL,
	"asset" text NOT NULL,
	"amount" numeric(78, 0) NOT NULL,
	"chain" text,
	"fee_asset" text,
	"fee" numeric(78, 0) NOT NULL,
	"gas_price" text,
	"usd" numeric(78, 0),
	"what" text NOT NULL,
	"release_id" bigint,
	"test_case" text,
	"request_id" bigint,
	CONSTRAINT "spends_amount" CHECK (amount >= 0 and fee >= 0 and amount + fee > 0 and (usd is null or usd >= 0))
);
--> statement-breakpoint
CREATE TABLE "reminder_answers" (
	"kind" text NOT NULL,
	"subject" text NOT NULL,
	"person" text NOT NULL,
	"answer" text NOT NULL,
	"day" date NOT NULL,
	"since" timestamp with time zone NOT NULL,
	"answered_at" timestamp with time zone NOT NULL,
	CONSTRAINT "reminder_answers_kind_subject_person_pk" PRIMARY KEY("kind","subject","person")
);
--> statement-breakpoint
CREATE TABLE "reminders" (
	"kind" text NOT NULL,
	"subject" text NOT NULL,
	"target" text NOT NULL,
	"day" date NOT NULL,
	"part" integer NOT NULL,
	"since" timestamp with time zone NOT NULL,
	"sent_at" timestamp with time zone NOT NULL,
	"outbox_id" bigint NOT NULL,
	"digest" boolean NOT NULL,
	"escalated" boolean NOT NULL,
	CONSTRAINT "reminders_kind_subject_target_day_part_pk" PRIMARY KEY("kind","subject","target","day","part")
);
--> statement-breakpoint
CREATE TABLE "schedules" (
	"name" text PRIMARY KEY NOT NULL,
	"beat" text NOT NULL,
	"cron" text[] NOT NULL,
	"zone" text NOT NULL,
	"workdays" boolean NOT NULL,
	"what" text NOT NULL,
	"after_outage" text NOT NULL,
	"grace_minutes" integer NOT NULL,
	"payload" jsonb NOT NULL,
	"next_at" timestamp with time zone,
	"next_local" text,
	CONSTRAINT "schedules_after_outage" CHECK ("schedules"."after_outage" in ('once', 'skip'))
);
--> statement-breakpoint
CREATE TABLE "sheet_notices" (
	"spreadsheet" text NOT NULL,
	"key" text NOT NULL,
	"text" text NOT NULL,
	"told_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "sheet_notices_spreadsheet_key_pk" PRIMARY KEY("spreadsheet","key")
);
--> statement-breakpoint
CREATE TABLE "sheet_tabs" (
	"spreadsheet" text NOT NULL,
	"tab" text NOT NULL,
	"sheet_id" bigint NOT NULL,
	CONSTRAINT "sheet_tabs_spreadsheet_tab_pk" PRIMARY KEY("spreadsheet","tab")
);
--> statement-breakpoint
ALTER TABLE "schedule_runs" DROP CONSTRAINT "schedule_runs_name_occurrence_pk";--> statement-breakpoint
ALTER TABLE "schedule_runs" ADD COLUMN "local" text;--> statement-breakpoint
ALTER TABLE "schedule_runs" ADD COLUMN "state" text DEFAULT 'fired' NOT NULL;--> statement-breakpoint
ALTER TABLE "schedule_runs" ADD COLUMN "passed" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "slot_products" ADD CONSTRAINT "slot_products_slot_id_slots_id_fk" FOREIGN KEY ("slot_id") REFERENCES "public"."slots"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "slot_products" ADD CONSTRAINT "slot_products_release_id_releases_id_fk" FOREIGN KEY ("release_id") REFERENCES "public"."releases"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "regression_assignments" ADD CONSTRAINT "regression_assignments_month_regression_months_month_fk" FOREIGN KEY ("month") REFERENCES "public"."regression_months"("month") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "regression_swaps" ADD CONSTRAINT "regression_swaps_mine_regression_assignments_id_fk" FOREIGN KEY ("mine") REFERENCES "public"."regression_assignments"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "regression_swaps" ADD CONSTRAINT "regression_swaps_theirs_regression_assignments_id_fk" FOREIGN KEY ("theirs") REFERENCES "public"."regression_assignments"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "fund_requests" ADD CONSTRAINT "fund_requests_release_id_releases_id_fk" FOREIGN KEY ("release_id") REFERENCES "public"."releases"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "fund_requests" ADD CONSTRAINT "fund_requests_thread_id_threads_id_fk" FOREIGN KEY ("thread_id") REFERENCES "public"."threads"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "ledger_transactions" ADD CONSTRAINT "ledger_transactions_request_id_fund_requests_id_fk" FOREIGN KEY ("request_id") REFERENCES "public"."fund_requests"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "ledger_transactions" ADD CONSTRAINT "ledger_transactions_release_id_releases_id_fk" FOREIGN KEY ("release_id") REFERENCES "public"."releases"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "ledger_transactions" ADD CONSTRAINT "ledger_transactions_chain_tx_id_chain_transactions_id_fk" FOREIGN KEY ("chain_tx_id") REFERENCES "public"."chain_transactions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "spends" ADD CONSTRAINT "spends_tx_id_ledger_transactions_id_fk" FOREIGN KEY ("tx_id") REFERENCES "public"."ledger_transactions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "spends" ADD CONSTRAINT "spends_release_id_releases_id_fk" FOREIGN KEY ("release_id") REFERENCES "public"."releases"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "spends" ADD CONSTRAINT "spends_request_id_fund_requests_id_fk" FOREIGN KEY ("request_id") REFERENCES "public"."fund_requests"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "absences_days" ON "absences" USING btree ("to_day") WHERE ended_at is null;--> statement-breakpoint
CREATE INDEX "freezes_end" ON "freezes" USING btree ("ends_at");--> statement-breakpoint
CREATE INDEX "slot_products_open" ON "slot_products" USING btree ("slot_id") WHERE outcome in ('planned', 'missed');--> statement-breakpoint
CREATE INDEX "slots_until" ON "slots" USING btree ("until");--> statement-breakpoint
CREATE INDEX "regression_assignments_month" ON "regression_assignments" USING btree ("month","day","start","id");--> statement-breakpoint
CREATE INDEX "regression_assignments_planned" ON "regression_assignments" USING btree ("day","tester") WHERE state in ('planned', 'missed');--> statement-breakpoint
CREATE UNIQUE INDEX "regression_swaps_open" ON "regression_swaps" USING btree ("mine","theirs") WHERE state = 'open';--> statement-breakpoint
CREATE UNIQUE INDEX "chain_transactions_hash" ON "chain_transactions" USING btree ("chain","hash");--> statement-breakpoint
CREATE INDEX "fund_requests_person" ON "fund_requests" USING btree ("requester","asset","approved_at");--> statement-breakpoint
CREATE INDEX "fund_requests_open" ON "fund_requests" USING btree ("id") WHERE state in ('requested', 'approved', 'sent');--> statement-breakpoint
CREATE INDEX "fund_requests_thread" ON "fund_requests" USING btree ("thread_id");--> statement-breakpoint
CREATE UNIQUE INDEX "ledger_transactions_reverses" ON "ledger_transactions" USING btree ("reverses");--> statement-breakpoint
CREATE UNIQUE INDEX "ledger_transactions_replaces" ON "ledger_transactions" USING btree ("replaces");--> statement-breakpoint
CREATE UNIQUE INDEX "ledger_transactions_original" ON "ledger_transactions" USING btree ("chain_tx_id") WHERE reverses is null and replaces is null;--> statement-breakpoint
CREATE INDEX "ledger_transactions_chain_tx" ON "ledger_transactions" USING btree ("chain_tx_id");--> statement-breakpoint
CREATE INDEX "ledger_transactions_request" ON "ledger_transactions" USING btree ("request_id");--> statement-breakpoint
CREATE INDEX "ledger_transactions_release" ON "ledger_transactions" USING btree ("release_id");--> statement-breakpoint
CREATE INDEX "postings_account" ON "postings" USING btree ("account_id","asset");--> statement-breakpoint
CREATE INDEX "spends_release" ON "spends" USING btree ("release_id");--> statement-breakpoint
CREATE INDEX "spends_tester" ON "spends" USING btree ("tester","tx_id");--> statement-breakpoint
CREATE INDEX "reminder_answers_at" ON "reminder_answers" USING btree ("answered_at");--> statement-breakpoint
CREATE INDEX "reminders_sent_at" ON "reminders" USING btree ("sent_at");--> statement-breakpoint
CREATE INDEX "schedules_next" ON "schedules" USING btree ("next_at");--> statement-breakpoint
CREATE UNIQUE INDEX "schedule_runs_once" ON "schedule_runs" USING btree ("name","local");--> statement-breakpoint
ALTER TABLE "schedule_runs" ADD CONSTRAINT "schedule_runs_state" CHECK ("schedule_runs"."state" in ('fired', 'skipped'));