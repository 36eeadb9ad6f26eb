-- The application's own table, as it was. Yours has other names and more columns.
CREATE TABLE crm_account (
	id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	customer text NOT NULL,
	vendor   text NOT NULL, -- 'salesforce', 'hubspot', 'xero'
	token    text           -- the vendor's token response, verbatim
);

-- What freshet adds.
ALTER TABLE crm_account
	ADD token_saved timestamptz NOT NULL DEFAULT now(), -- set it with the token when the application writes one
	ADD freshet     text; -- health, history and the journal; for a look: SELECT freshet::json

-- All that sqlstore.go knows of the table: to use another, change this view. PostgreSQL checks it, and lets it be updated as long
-- as only the name is computed. Of several columns: customer_id::text || '/' || vendor AS name.
CREATE VIEW freshet_connection AS
	SELECT id::text AS name, vendor AS provider, token, token_saved, freshet FROM crm_account;

-- For the search by that name.
CREATE UNIQUE INDEX ON crm_account ((id::text));
