CREATE TABLE "asset_decimals" (
	"asset" text PRIMARY KEY NOT NULL,
	"decimals" integer NOT NULL
);
