-- R17: the ledger is double-entry and append-only, whoever asks. audit_refuse() is of 0001.
CREATE TRIGGER accounts_keep_rows BEFORE UPDATE OR DELETE ON accounts FOR EACH ROW EXECUTE FUNCTION audit_refuse();
--> statement-breakpoint
CREATE TRIGGER accounts_keep_table BEFORE TRUNCATE ON accounts FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
--> statement-breakpoint
CREATE TRIGGER chain_transactions_keep_rows BEFORE UPDATE OR DELETE ON chain_transactions FOR EACH ROW EXECUTE FUNCTION audit_refuse();
--> statement-breakpoint
CREATE TRIGGER chain_transactions_keep_table BEFORE TRUNCATE ON chain_transactions FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
--> statement-breakpoint
CREATE TRIGGER ledger_transactions_keep_rows BEFORE UPDATE OR DELETE ON ledger_transactions FOR EACH ROW EXECUTE FUNCTION audit_refuse();
--> statement-breakpoint
CREATE TRIGGER ledger_transactions_keep_table BEFORE TRUNCATE ON ledger_transactions FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
--> statement-breakpoint
CREATE TRIGGER postings_keep_rows BEFORE UPDATE OR DELETE ON postings FOR EACH ROW EXECUTE FUNCTION audit_refuse();
--> statement-breakpoint
CREATE TRIGGER postings_keep_table BEFORE TRUNCATE ON postings FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
--> statement-breakpoint
CREATE TRIGGER spends_keep_rows BEFORE UPDATE OR DELETE ON spends FOR EACH ROW EXECUTE FUNCTION audit_refuse();
--> statement-breakpoint
CREATE TRIGGER spends_keep_table BEFORE TRUNCATE ON spends FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
--> statement-breakpoint
-- R18: a request cannot be edited or made to vanish; its state and what follows from acts may change.
CREATE FUNCTION fund_requests_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (NEW.id, NEW.requester, NEW.asset, NEW.amount, NEW.chain, NEW.address, NEW.reason, NEW.link, NEW.needed_by, NEW.release_id, NEW.requested_at)
     IS DISTINCT FROM
     (OLD.id, OLD.requester, OLD.asset, OLD.amount, OLD.chain, OLD.address, OLD.reason, OLD.link, OLD.needed_by, OLD.release_id, OLD.requested_at) THEN
    RAISE EXCEPTION 'what a fund request asks for cannot be changed' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER fund_requests_keep_ask BEFORE UPDATE ON fund_requests FOR EACH ROW EXECUTE FUNCTION fund_requests_refuse();
--> statement-breakpoint
CREATE TRIGGER fund_requests_keep_rows BEFORE DELETE ON fund_requests FOR EACH ROW EXECUTE FUNCTION audit_refuse();
--> statement-breakpoint
CREATE TRIGGER fund_requests_keep_table BEFORE TRUNCATE ON fund_requests FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
--> statement-breakpoint
-- A reversal is of something that is no reversal, and of the same chain transaction; a replacement of something reversed. Also notes who made it.
CREATE FUNCTION ledger_refers() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  other ledger_transactions;
BEGIN
  NEW.xact := pg_current_xact_id();
  IF NEW.reverses IS NOT NULL THEN
    SELECT * INTO other FROM ledger_transactions WHERE id = NEW.reverses;
    IF NOT FOUND OR other.kind = 'reversal' OR other.chain_tx_id IS DISTINCT FROM NEW.chain_tx_id THEN
      RAISE EXCEPTION 'this is no reversal of transaction %', NEW.reverses USING ERRCODE = 'check_violation';
    END IF;
  END IF;
  IF NEW.replaces IS NOT NULL THEN
    SELECT * INTO other FROM ledger_transactions WHERE id = NEW.replaces;
    IF NOT FOUND OR other.kind = 'reversal' OR other.chain_tx_id IS DISTINCT FROM NEW.chain_tx_id
       OR NOT EXISTS (SELECT FROM ledger_transactions WHERE reverses = NEW.replaces) THEN
      RAISE EXCEPTION 'transaction % is not reversed: nothing stands in its place', NEW.replaces USING ERRCODE = 'check_violation';
    END IF;
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER ledger_transactions_refer BEFORE INSERT ON ledger_transactions FOR EACH ROW EXECUTE FUNCTION ledger_refers();
--> statement-breakpoint
-- Nothing is added to a transaction later: its postings come in the database transaction that made it. What one statement adds is zero for each asset,
-- so that nothing gets out of balance even when the checks of the commit were made early; and with what a reversal has, nothing is left of both.
-- One transaction after the other, by its key: a join would read the whole ledger, for nothing is known of how many legs there are.
CREATE FUNCTION postings_belong() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  one record;
  made record;
  nowhere bigint;
BEGIN
  FOR one IN
    SELECT tx_id, bool_and(total = 0) AS zero FROM (SELECT tx_id, asset, sum(amount) AS total FROM legs GROUP BY tx_id, asset) AS by_asset GROUP BY tx_id
  LOOP
    SELECT xact, reverses INTO made FROM ledger_transactions WHERE id = one.tx_id;
    IF NOT FOUND OR made.xact <> pg_current_xact_id() THEN
      RAISE EXCEPTION 'transaction % is complete: nothing is added to it', one.tx_id USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF NOT one.zero THEN
      RAISE EXCEPTION 'transaction % does not balance: its postings come in one statement', one.tx_id USING ERRCODE = 'check_violation';
    END IF;
    IF made.reverses IS NOT NULL AND EXISTS (
      SELECT FROM postings p WHERE p.tx_id IN (one.tx_id, made.reverses) GROUP BY p.account_id, p.asset HAVING sum(p.amount) <> 0
    ) THEN
      RAISE EXCEPTION 'transaction % is not the opposite of %', one.tx_id, made.reverses USING ERRCODE = 'check_violation';
    END IF;
  END LOOP;
  SELECT account_id INTO nowhere FROM legs WHERE (SELECT true FROM accounts a WHERE a.id = legs.account_id) IS NULL LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'there is no account %', nowhere USING ERRCODE = 'foreign_key_violation';
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER postings_belong AFTER INSERT ON postings REFERENCING NEW TABLE AS legs FOR EACH STATEMENT EXECUTE FUNCTION postings_belong();
--> statement-breakpoint
CREATE FUNCTION spends_belong() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM ledger_transactions WHERE id = NEW.tx_id AND kind = 'spend' AND xact = pg_current_xact_id()) THEN
    RAISE EXCEPTION 'transaction % is no spend that is being recorded', NEW.tx_id USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER spends_belong BEFORE INSERT ON spends FOR EACH ROW EXECUTE FUNCTION spends_belong();
--> statement-breakpoint
-- At the commit: at least two postings, zero for each asset, and of a spend what it was.
CREATE FUNCTION ledger_balances() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  legs integer;
  zero boolean;
BEGIN
  SELECT sum(n), bool_and(total = 0) INTO legs, zero
    FROM (SELECT count(*) AS n, sum(amount) AS total FROM postings WHERE tx_id = NEW.id GROUP BY asset) AS by_asset;
  IF legs IS NULL OR legs < 2 OR NOT zero THEN
    RAISE EXCEPTION 'transaction % does not balance', NEW.id USING ERRCODE = 'check_violation';
  END IF;
  IF NEW.kind = 'spend' AND NOT EXISTS (SELECT FROM spends WHERE tx_id = NEW.id) THEN
    RAISE EXCEPTION 'spend % does not say what it was', NEW.id USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE CONSTRAINT TRIGGER ledger_transactions_balance AFTER INSERT ON ledger_transactions DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_balances();
