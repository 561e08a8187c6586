ALTER TABLE "releases" ADD COLUMN "reconciled_as" text;--> statement-breakpoint
ALTER TABLE "claims" ADD COLUMN "given" text;
