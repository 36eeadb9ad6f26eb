-- The application's own table, as it was. Yours has other columns too: freshet reads and writes only those named here.
CREATE TABLE crm_account (
	id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	name     text NOT NULL UNIQUE,
	provider text NOT NULL, -- 'salesforce', 'hubspot', 'xero'
	token    text           -- the provider's token response, verbatim
);

-- What freshet adds.
ALTER TABLE crm_account
	ADD token_saved timestamptz NOT NULL DEFAULT now(), -- set it with the token when the application writes one
	ADD freshet     text; -- health, history and the journal; for a look: SELECT freshet::json
