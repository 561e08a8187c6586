-- The releases first: an act locks its release, and writes its claims then, and other instances may be at work.
ALTER TABLE "releases" ADD COLUMN "reconciled_as" text;--> statement-breakpoint
ALTER TABLE "claims" ADD COLUMN "given" text;
