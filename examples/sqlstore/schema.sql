-- The application's own table. Yours has other names and more columns.
CREATE TABLE crm_account (
	id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	customer text NOT NULL,
	crm      text NOT NULL, -- 'salesforce', 'hubspot', 'xero'
	token    text           -- the provider's token response, byte for byte
);

-- What freshet adds.
ALTER TABLE crm_account
	ADD token_saved timestamptz NOT NULL DEFAULT now(), -- the application sets it when it writes a token
	ADD freshet     text; -- health, history and the journal: SELECT freshet::json

-- sqlstore.go uses the table through this view only. To use another table, change the view. PostgreSQL can update the view
-- as long as only the name is computed. A name of two columns: customer_id::text || '/' || crm AS name.
CREATE VIEW freshet_connection AS
	SELECT id::text AS name, crm AS provider, token, token_saved, freshet FROM crm_account;

-- For looking up rows by that name.
CREATE UNIQUE INDEX ON crm_account ((id::text));
